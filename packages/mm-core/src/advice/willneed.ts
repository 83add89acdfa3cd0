import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { bringIntoCache, indexOf } from "../filePage.ts";
import { indicesWithin } from "../pageCache.ts";
import { P_SWAP } from "../pageTable.ts";
import { readSwap } from "../swapCache.ts";

/**
 * MADV_WILLNEED: reads ahead. Swapped pages come into the swap cache, file pages into the page
 * cache; no entry changes, and nothing can fail.
 *
 * Linux: mm/madvise.c madvise_willneed, swapin_walk_pmd_entry, shmem_swapin_range
 */
export const willneed: AdviceAction = (mm, area, start, end) => {
  const { memory, areas } = mm;
  const backing = areas.backing[area] ?? null;
  if (backing === null) {
    readSwappedEntries(mm, start, end);
    return undefined;
  }
  const { kind, sizeBytes } = backing.object;
  const cache = memory.cache(backing.object);
  const first = indexOf(mm, area, start);
  const last = Math.min(first + (end - start), Math.ceil(sizeBytes / memory.pageBytes));
  if (kind === "shmem") {
    for (const index of indicesWithin(cache.slots, first, last))
      readSwap(memory, cache.slots.get(index)!);
  } else if (kind === "file") {
    for (let index = first; index < last; index++) {
      if (cache.get(index) === 0) bringIntoCache(memory, cache, index);
    }
  }
  return undefined;
};

function readSwappedEntries(mm: AddressSpace, start: number, end: number): void {
  const { pages, memory } = mm;
  for (let page = pages.nextUsed(start, end); page < end; page = pages.nextUsed(page + 1, end)) {
    if ((pages.bitsOf(page) & P_SWAP) !== 0) readSwap(memory, pages.valueOf(page));
  }
}
