import type { AddressSpace } from "./addressSpace.ts";
import { F_ACTIVE, F_DIRTY, F_LRU, F_SHMEM, F_SWAPBACKED } from "./frames.ts";
import { LEAF_PAGES, P_PRESENT, P_YOUNG } from "./pageTable.ts";
import { countResident } from "./zap.ts";

/**
 * Pages that a read fault maps at once, if they are in the cache. Linux: mm/memory.c
 * fault_around_bytes, 64 KiB
 */
const AROUND_PAGES = 16;

/** Which page of its backing a page of an area shows. */
export function indexOf(mm: AddressSpace, area: number, page: number): number {
  return mm.areas.offset[area] + (page - mm.areas.start[area]);
}

/** The frame of a file page, brought into the cache if need be; 0 behind the end of the file. */
export function filePage(mm: AddressSpace, area: number, page: number): number {
  const { memory } = mm;
  const backing = mm.areas.backing[area]!;
  const { object } = backing;
  const index = indexOf(mm, area, page);
  if (index * memory.pageBytes >= object.sizeBytes) return 0;
  const cache = memory.cache(object);
  const cached = cache.get(index);
  if (cached !== 0) return cached;

  const memoryOnly = object.kind !== "file";
  const frame = memory.frames.allocate(
    memoryOnly ? F_SHMEM | F_SWAPBACKED | F_LRU | F_DIRTY : F_LRU,
  );
  const slot = cache.slots.get(index);
  if (slot !== undefined) {
    memory.frames.fill(frame, memory.swap.get(slot).bytes);
    memory.swap.count(slot, -1);
    cache.setSlot(index, 0);
    memory.frames.setFlags(frame, memory.frames.flags[frame] | F_ACTIVE);
  } else memory.frames.fill(frame, object.load?.(index));
  memory.ports.journal.saveEntry(memory.frames.places, frame);
  memory.frames.places.set(frame, { cache: cache.id, index });
  cache.set(index, frame);
  return frame;
}

/**
 * Maps the cached neighbours of a page that was read: the aligned 64 KiB window, cut to the area
 * and the page table.
 *
 * Linux: mm/memory.c do_fault_around, mm/filemap.c filemap_map_pages
 */
export function mapAround(mm: AddressSpace, area: number, page: number): void {
  const { memory, areas, pages } = mm;
  const cache = memory.cache(areas.backing[area]!.object);
  const table = Math.floor(page / LEAF_PAGES) * LEAF_PAGES;
  const window = Math.floor(page / AROUND_PAGES) * AROUND_PAGES;
  const from = Math.max(window, areas.start[area], table);
  const to = Math.min(window + AROUND_PAGES, areas.end[area], table + LEAF_PAGES);
  for (let near = from; near < to; near++) {
    if (near === page || pages.bitsOf(near) !== 0) continue;
    const frame = cache.get(indexOf(mm, area, near));
    if (frame === 0) continue;
    memory.frames.countMapping(frame, 1);
    countResident(mm, memory.frames.flags[frame], 1);
    pages.set(near, frame, P_PRESENT | P_YOUNG);
  }
}
