import type { AddressSpace } from "./addressSpace.ts";
import { F_DIRTY, F_LRU, F_NOT_READY, F_REFERENCED, F_SHMEM, F_SWAPBACKED } from "./frames.ts";
import type { Memory } from "./memory.ts";
import { isNoted } from "./newPage.ts";
import type { PageCache } from "./pageCache.ts";
import { leaveSwapCache, readSwap } from "./swapCache.ts";

/** Which page of its backing a page of an area shows. */
export function indexOf(mm: AddressSpace, area: number, page: number): number {
  return mm.areas.offset[area] + (page - mm.areas.start[area]);
}

/**
 * The frame of a file page that a fault asks for, brought into the cache if need be; 0 behind the
 * end of the file.
 */
export function filePage(mm: AddressSpace, area: number, page: number): number {
  const { memory } = mm;
  const { object } = mm.areas.backing[area]!;
  const index = indexOf(mm, area, page);
  if (index * memory.pageBytes >= object.sizeBytes) return 0;
  const cache = memory.cache(object);
  const frame = cache.get(index);
  if (frame === 0) {
    const made = bringIntoCache(memory, cache, index);
    // Also where the area is locked: the page is none of its own.
    const { flags } = memory.frames;
    if (isNoted(mm, area)) memory.frames.setFlags(made, flags[made] | F_REFERENCED);
    return made;
  }
  makeReady(memory, frame);
  return frame;
}

/** Somebody looks at a page that fallocate made: it is one like others then. */
export function makeReady({ frames }: Memory, frame: number): void {
  const flags = frames.flags[frame];
  if ((flags & F_NOT_READY) !== 0) frames.setFlags(frame, flags & ~F_NOT_READY);
}

/**
 * Brings a page into its cache: from swap, from the disk, or as zeros. Shared memory that was only
 * read is clean: it can be dropped like a page of a file. Linux: mm/shmem.c shmem_get_folio_gfp
 */
export function bringIntoCache(memory: Memory, cache: PageCache, index: number): number {
  const { frames, ports } = memory;
  const slot = cache.slots.get(index);
  let frame: number;
  if (slot !== undefined) {
    frame = readSwap(memory, slot);
    memory.swap.count(slot, -1);
    leaveSwapCache(memory, frame);
    frames.setFlags(frame, F_SHMEM | F_SWAPBACKED | F_LRU | F_DIRTY);
    cache.setSlot(index, 0);
  } else {
    const isFile = cache.object.kind === "file";
    frame = frames.allocate(isFile ? F_LRU : F_SHMEM | F_SWAPBACKED | F_LRU);
    frames.contents.put(frame, cache.onDisk(index));
  }
  ports.journal.saveEntry(frames.places, frame);
  frames.places.set(frame, { cache: cache.id, index });
  cache.set(index, frame);
  return frame;
}
