import type { PageObject } from "./backing.ts";
import { bringIntoCache, makeReady } from "./filePage.ts";
import { F_DIRTY, F_NOT_READY } from "./frames.ts";
import type { Memory } from "./memory.ts";

/**
 * Makes the pages [first, last) of shared memory, as fallocate does: those that are not there come
 * as pages that nobody has looked at yet, those in swap come back, and all are dirty.
 *
 * Linux: mm/shmem.c shmem_fallocate; a page that an earlier call made is filled with zeros by the
 * next (shmem_get_folio_gfp, SGP_FALLOC).
 */
export function allocatePages(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
): void {
  const { frames } = memory;
  const cache = memory.cache(object);
  for (let index = first; index < last; index++) {
    const known = cache.get(index);
    const isSwapped = cache.slots.has(index);
    const frame = known === 0 ? bringIntoCache(memory, cache, index) : known;
    const isNew = known === 0 && !isSwapped;
    if (!isNew) makeReady(memory, frame);
    frames.setFlags(frame, frames.flags[frame] | F_DIRTY | (isNew ? F_NOT_READY : 0));
  }
}

/** How many pages of [first, last) would have to be made: the others are in memory or in swap. */
export function missingPages(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
): number {
  const cache = memory.cache(object);
  let present = 0;
  for (const pages of [cache.pages, cache.slots])
    for (const index of pages.keys()) if (index >= first && index < last) present++;
  return last - first - present;
}
