import type { AddressSpace } from "./addressSpace.ts";
import { indexOf } from "./filePage.ts";
import { VM_DROPPABLE } from "./flags.ts";
import {
  F_ACTIVE,
  F_ANON,
  F_DIRTY,
  F_EXCLUSIVE,
  F_SHMEM,
  F_SWAPBACKED,
  F_SWAPCACHE,
} from "./frames.ts";
import { P_DIRTY, P_SWAP, P_WRITE, type Leaf } from "./pageTable.ts";
import { enterSwapCache, leaveSwapCache } from "./swapCache.ts";
import { SKIP_DIRTY_FILE, SKIP_NOT_ON_LRU, SKIP_NO_SWAP } from "./tally.ts";
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
  const flags = mm.memory.frames.flags[leaf.value[i]];
  if ((flags & F_ANON) === 0) reclaimCached(mm, area, page, leaf, i);
  else if ((flags & F_SWAPBACKED) === 0) reclaimFreed(mm, area, leaf, i);
  else swapOut(mm, leaf, i);
}

/**
 * A page that MADV_FREE gave up: dropped, unless it was written since. Droppable memory is dropped
 * all the same. Linux: mm/rmap.c try_to_unmap_one
 */
function reclaimFreed(mm: AddressSpace, area: number, leaf: Leaf, i: number): void {
  const { frames, tally } = mm.memory;
  const frame = leaf.value[i];
  const entry = leaf.bits[i];
  const flags = frames.flags[frame];
  const isDirty = (entry & P_DIRTY) !== 0 || (flags & F_DIRTY) !== 0;
  if (isDirty && (mm.areas.flags[area] & VM_DROPPABLE) === 0) {
    frames.setFlags(frame, flags | F_SWAPBACKED | F_DIRTY | F_ACTIVE);
    tally.skipped[SKIP_NO_SWAP]++;
    return;
  }
  clearEntry(leaf, i);
  dropMapping(mm, frame, entry);
  tally.acted++;
}

/**
 * An anonymous page. It is written where it is dirty, and stays in the swap cache until the device
 * is done and somebody wants the frame; a page that the device already has, or need not have, is
 * let go at once.
 */
function swapOut(mm: AddressSpace, leaf: Leaf, i: number): void {
  const { memory } = mm;
  const { frames, swap, tally } = memory;
  const frame = leaf.value[i];
  const entry = leaf.bits[i];
  if ((frames.flags[frame] & F_SWAPCACHE) === 0) {
    if (!memory.settings.get("swap")) {
      frames.setFlags(frame, frames.flags[frame] | F_ACTIVE);
      tally.skipped[SKIP_NO_SWAP]++;
      return;
    }
    enterSwapCache(memory, frame);
  }
  const slot = frames.slots.get(frame)!;
  swap.count(slot, 1);
  const isOwned = (frames.flags[frame] & F_EXCLUSIVE) !== 0;
  leaf.bits[i] = isOwned ? P_SWAP | P_WRITE : P_SWAP;
  leaf.value[i] = slot;
  mm.swapEntries++;
  // It was the entry that owned the page alone (mm/rmap.c try_to_unmap_one).
  const flags = frames.flags[frame] & ~(F_ACTIVE | F_EXCLUSIVE);
  frames.setFlags(frame, flags & ~F_DIRTY);
  const isWritten = (flags & F_DIRTY) !== 0 || (entry & P_DIRTY) !== 0;
  if (isWritten) swap.write(slot, frames.contents.get(frame));
  if (isWritten && !isNoWork(mm, frame)) {
    countResident(mm, flags, -1);
    frames.countMapping(frame, -1);
  } else {
    leaveSwapCache(memory, frame);
    dropMapping(mm, frame, entry);
  }
  tally.acted++;
}

/** A page of a file or of shared memory. */
function reclaimCached(mm: AddressSpace, area: number, page: number, leaf: Leaf, i: number): void {
  const { memory } = mm;
  const { frames, tally } = memory;
  const frame = leaf.value[i];
  const entry = leaf.bits[i];
  const isDirty = ((frames.flags[frame] & F_DIRTY) | (entry & P_DIRTY)) !== 0;
  const isShared = (frames.flags[frame] & F_SHMEM) !== 0;
  // Linux: mm/vmscan.c shrink_folio_list, folio_evictable
  if (mm.areas.backing[area]!.object.unevictable === true) {
    frames.setFlags(frame, frames.flags[frame] | F_ACTIVE);
    tally.skipped[SKIP_NOT_ON_LRU]++;
    return;
  }
  clearEntry(leaf, i);
  countResident(mm, frames.flags[frame], -1);
  frames.countMapping(frame, -1);
  const cache = memory.cache(mm.areas.backing[area]!.object);
  const index = indexOf(mm, area, page);
  if (!isDirty) {
    cache.set(index, 0);
    frames.release(frame);
    tally.acted++;
  } else if (!isShared) {
    frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
    tally.skipped[SKIP_DIRTY_FILE]++;
  } else if (memory.settings.get("swap")) {
    const slot = enterSwapCache(memory, frame);
    memory.swap.count(slot, 1);
    memory.swap.write(slot, frames.contents.get(frame));
    frames.setFlags(frame, frames.flags[frame] & ~(F_DIRTY | F_ACTIVE));
    cache.set(index, 0);
    cache.setSlot(index, slot);
    if (isNoWork(mm, frame)) {
      leaveSwapCache(memory, frame);
      frames.release(frame);
    }
    tally.acted++;
  } else {
    // The mapping is gone by the time that the lack of swap shows (mm/shmem.c shmem_writeout).
    frames.setFlags(frame, frames.flags[frame] | F_DIRTY | F_ACTIVE);
    tally.skipped[SKIP_NO_SWAP]++;
  }
}

/**
 * Whether the device is not needed: swap notes pages of zeros, and writes none of them.
 * Linux: mm/page_io.c swap_writepage, 6.12
 */
function isNoWork(mm: AddressSpace, frame: number): boolean {
  const { features, frames } = mm.memory;
  return features.swapNotesZeros && frames.contents.isZero(frame);
}

function clearEntry(leaf: Leaf, i: number): void {
  leaf.bits[i] = 0;
  leaf.value[i] = 0;
  leaf.used--;
}
