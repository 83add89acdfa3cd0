import type { AddressSpace } from "./addressSpace.ts";
import type { PageObject } from "./backing.ts";
import type { Memory } from "./memory.ts";

/**
 * Visits every stretch of every address space that shows part of an object: the pages `start` to
 * `end` show the object from page `index` on.
 *
 * Linux keeps a tree of areas for each object (i_mmap); here all areas are looked at, which only
 * hole punching and writing back ask for. Linux: mm/memory.c unmap_mapping_range
 */
export function forEachMapping(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
  visit: (mm: AddressSpace, area: number, start: number, end: number) => void,
): void {
  for (const mm of memory.spaces) {
    const { areas } = mm;
    for (const area of areas) {
      if (areas.backing[area]?.object !== object) continue;
      const shift = areas.start[area] - areas.offset[area];
      const start = Math.max(areas.start[area], first + shift);
      const end = Math.min(areas.end[area], last + shift);
      if (start < end) visit(mm, area, start, end);
    }
  }
}
