import type { AdviceAction } from "../advise.ts";
import type { Actor } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_SHARED } from "../flags.ts";
import { F_ANON, F_DIRTY, F_LRU, F_REFERENCED, F_SWAPBACKED } from "../frames.ts";
import { entersHuge, isHugeAnonymous, markHuge } from "../hugePage.ts";
import { meetFolio, splitFolio } from "../largeFolio.ts";
import { P_DIRTY, P_PRESENT, P_YOUNG, P_ZERO, type Leaf } from "../pageTable.ts";
import { reclaimPage } from "../reclaim.ts";
import { SKIP_NOT_ANONYMOUS, SKIP_NOT_OWNED, SKIP_NOT_PRESENT } from "../tally.ts";
import { swapOutElsewhere } from "../swapOutElsewhere.ts";
import { walkEntries } from "../walk.ts";
import { refuseLru, skipHuge, skipReason } from "./lruArea.ts";

/**
 * MADV_PAGEOUT: pages that only this process maps are reclaimed at once: to swap, or out of the
 * cache. Since 5.4.
 *
 * Of a file that the caller neither owns nor may write, nothing is taken away (its pages tell what
 * others read): older releases leave the whole area alone, newer ones page out the private copies
 * in it. Linux: mm/madvise.c madvise_pageout, madvise_cold_or_pageout_pte_range
 */
export const pageout: AdviceAction = (mm, area, start, end, actor) => {
  const refusal = refuseLru(mm, area, start);
  if (refusal !== undefined) return refusal;
  if (actor.fatalSignalPending()) return undefined;
  const { tally, work, ports } = mm.memory;
  tally.considered += end - start;
  const untouchable = withheld(mm, area, actor);
  if (untouchable === "all") {
    tally.skipped[SKIP_NOT_OWNED] += end - start;
    return undefined;
  }
  ports.journal.save(mm, "swapEntries");
  // What has a table is taken back from these.
  tally.skipped[SKIP_NOT_PRESENT] += end - start;
  if (walkEntries(mm, start, end, pageOutEntries, { area, untouchable })) work.tlbFlushes++;
  return undefined;
};

function pageOutEntries(
  mm: AddressSpace,
  leaf: Leaf,
  from: number,
  to: number,
  base: number,
  { area, untouchable }: { readonly area: number; readonly untouchable: "nothing" | "files" },
): boolean {
  const { memory } = mm;
  const { frames, tally, work, features } = memory;
  if (leaf.huge) {
    if (!entersHuge(mm, leaf, from, to)) return skipHuge(mm, from, to);
    if (isHugeAnonymous(mm, leaf)) takeWhole(mm, leaf);
  }
  let hasFolios = memory.folios.count > 0 && !leaf.huge;
  let flush = false;
  for (let i = from; i < to; i++) {
    if (hasFolios) {
      const met = meetFolio(mm, leaf, i, to);
      hasFolios = met !== "whole";
      if (met === "whole") takeWhole(mm, leaf);
      if (met === "stop") break;
      if (met === "skip") continue;
    }
    const entry = leaf.bits[i];
    const frame = leaf.value[i];
    const flags = frames.flags[frame];
    const isMapped = (entry & (P_PRESENT | P_ZERO)) === P_PRESENT;
    if (!isMapped || frames.mapCount[frame] !== 1 || (flags & F_LRU) === 0) {
      tally.skipped[skipReason(mm, entry, frame)]++;
    } else if (untouchable === "files" && (flags & F_ANON) === 0) {
      tally.skipped[SKIP_NOT_ANONYMOUS]++;
    } else {
      flush = true;
      if (!features.pageoutKeepsYoung) leaf.bits[i] = entry & ~P_YOUNG;
      frames.setFlags(frame, flags & ~F_REFERENCED);
      reclaimPage(mm, area, base + i, leaf, i);
    }
  }
  tally.skipped[SKIP_NOT_PRESENT] -= to - from;
  work.pagesTouched += to - from;
  return flush;
}

/**
 * All of a large folio is to go. Into swap it goes as a whole; where there is none, Linux tries with
 * small pages. Linux: mm/vmscan.c shrink_folio_list
 */
function takeWhole(mm: AddressSpace, leaf: Leaf): void {
  const { frames, folios, settings } = mm.memory;
  const folio = folios.find(leaf.value[0])!;
  if ((frames.flags[leaf.value[0]] & F_SWAPBACKED) === 0) {
    if (leaf.huge && !staysHuge(mm, leaf)) markHuge(mm, leaf, false);
  } else if (settings.get("swap")) {
    if (leaf.huge) markHuge(mm, leaf, false);
    swapOutElsewhere(mm, folio);
    folios.dissolve(folio);
  } else splitFolio(mm, folio);
}

/**
 * Given up, and written since: it is kept, by some releases as it is, by others by small entries.
 * Linux: mm/rmap.c try_to_unmap_one, unmap_huge_pmd_locked
 */
function staysHuge({ memory }: AddressSpace, { value, bits }: Leaf): boolean {
  if (!memory.features.rewrittenStaysHuge) return false;
  return (bits[0] & P_DIRTY) !== 0 || (memory.frames.flags[value[0]] & F_DIRTY) !== 0;
}

/** What of an area the caller may not page out: nothing, its file pages, or all of it. */
function withheld(mm: AddressSpace, area: number, actor: Actor): "nothing" | "files" | "all" {
  const backing = mm.areas.backing[area] ?? null;
  if (backing === null) return "nothing";
  const hasFile = backing.object.kind !== "special";
  if (hasFile && actor.ownsOrMayWrite(backing.object)) return "nothing";
  if (mm.memory.features.pageoutUnowned === "skip-area") return "all";
  return (mm.areas.flags[area] & VM_SHARED) !== 0 ? "all" : "files";
}
