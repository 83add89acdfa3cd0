import type { AddressSpace } from "./addressSpace.ts";
import { indexOf } from "./filePage.ts";
import { F_ACTIVE, F_ANON, F_DIRTY, F_SHMEM, F_SWAPBACKED } from "./frames.ts";
import { P_DIRTY, P_SWAP, type Leaf } from "./pageTable.ts";
import { SKIP_DIRTY_FILE, SKIP_NO_SWAP } from "./tally.ts";
import { countResident, dropMapping } from "./zap.ts";

/**
 * Reclaims one page that only this process maps. Linux: mm/vmscan.c shrink_folio_list, called from
 * reclaim_pages
 *
 * Anonymous pages go to swap; without swap they stay, and become active. Lazily freed pages that
 * nobody wrote are dropped. Clean file pages leave the cache; dirty ones only lose the mapping and
 * wait to be written.
 */
export function reclaimPage(
  mm: AddressSpace,
  area: number,
  page: number,
  leaf: Leaf,
  i: number,
): void {
  const { frames, swap, tally, settings } = mm.memory;
  const frame = leaf.value[i];
  const entry = leaf.bits[i];
  const flags = frames.flags[frame];

  if ((flags & F_ANON) !== 0) {
    if ((flags & F_SWAPBACKED) === 0) {
      if ((entry & P_DIRTY) === 0) {
        leaf.bits[i] = 0;
        leaf.value[i] = 0;
        leaf.used--;
        dropMapping(mm, frame, entry);
        tally.acted++;
        return;
      }
      frames.setFlags(frame, flags | F_SWAPBACKED | F_DIRTY | F_ACTIVE);
      tally.skipped[SKIP_NO_SWAP]++;
      return;
    }
    if (!settings.get("swap")) {
      frames.setFlags(frame, flags | F_ACTIVE);
      tally.skipped[SKIP_NO_SWAP]++;
      return;
    }
    const slot = swap.store(frames.contents.get(frame));
    leaf.bits[i] = P_SWAP;
    leaf.value[i] = slot;
    dropMapping(mm, frame, entry);
    mm.swapEntries++;
    tally.acted++;
    return;
  }

  const cache = mm.memory.cache(mm.areas.backing[area]!.object);
  const index = indexOf(mm, area, page);
  const dirty = (flags & F_DIRTY) !== 0 || (entry & P_DIRTY) !== 0;
  if ((flags & F_SHMEM) !== 0) {
    if (!settings.get("swap")) {
      frames.setFlags(frame, flags | F_ACTIVE);
      tally.skipped[SKIP_NO_SWAP]++;
      return;
    }
    cache.setSlot(index, swap.store(frames.contents.get(frame)));
  } else if (dirty) {
    leaf.bits[i] = 0;
    leaf.value[i] = 0;
    leaf.used--;
    dropMapping(mm, frame, entry);
    tally.skipped[SKIP_DIRTY_FILE]++;
    return;
  }
  leaf.bits[i] = 0;
  leaf.value[i] = 0;
  leaf.used--;
  countResident(mm, flags, -1);
  frames.countMapping(frame, -1);
  cache.set(index, 0);
  frames.release(frame);
  tally.acted++;
}
