import type { AddressSpace } from "./addressSpace.ts";
import { F_DIRTY, F_SWAPCACHE } from "./frames.ts";
import { markHuge } from "./hugePage.ts";
import type { LargeFolio } from "./largeFolio.ts";
import { LEAF_PAGES, P_DIRTY, P_PRESENT, P_SWAP, P_ZERO, type Leaf } from "./pageTable.ts";
import { enterSwapCache } from "./swapCache.ts";
import { countResident } from "./zap.ts";

/**
 * A huge page goes to swap out of the hands of others too, who are left with what names the place
 * there: reclaim takes a page from all who map it. Only where its first page's count speaks for all
 * (before 6.8) does PAGEOUT come so far.
 *
 * Linux: mm/vmscan.c shrink_page_list, mm/rmap.c try_to_unmap with TTU_SPLIT_HUGE_PMD
 */
export function swapOutElsewhere(mm: AddressSpace, { mappers, frames }: LargeFolio): void {
  const folio = new Set(frames);
  for (const space of [...mappers.keys()]) {
    if (space === mm) continue;
    for (const leaf of space.pages.leaves.values()) swapOutOf(space, leaf, folio);
  }
}

function swapOutOf(space: AddressSpace, leaf: Leaf, folio: ReadonlySet<number>): void {
  const { memory } = space;
  const { frames, swap, ports } = memory;
  const { bits, value } = leaf;
  let isNoted = false;
  for (let i = 0; i < LEAF_PAGES; i++) {
    const frame = value[i];
    const entry = bits[i];
    if ((entry & (P_PRESENT | P_ZERO)) !== P_PRESENT || !folio.has(frame)) continue;
    if (!isNoted) {
      isNoted = true;
      ports.journal.saveCells(bits, 0, LEAF_PAGES);
      ports.journal.saveCells(value, 0, LEAF_PAGES);
      ports.journal.save(space, "swapEntries");
      markHuge(space, leaf, false);
    }
    if ((frames.flags[frame] & F_SWAPCACHE) === 0) enterSwapCache(memory, frame);
    const slot = frames.slots.get(frame)!;
    swap.count(slot, 1);
    bits[i] = P_SWAP;
    value[i] = slot;
    space.swapEntries++;
    if ((entry & P_DIRTY) !== 0) frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
    countResident(space, frames.flags[frame], -1);
    frames.countMapping(frame, -1);
    memory.folios.countMapping(space, frame, -1);
  }
}
