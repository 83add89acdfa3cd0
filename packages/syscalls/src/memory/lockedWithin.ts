import { VM_LOCKED, type AddressSpace } from "@kadvise/mm-core";
import { addressPages } from "../registers.ts";

/**
 * Pages of a range that are locked already. Linux: mm/mlock.c count_mm_mlocked_page_nr
 *
 * Before 6.1 the end of a range may wrap and lie below its start: what is counted then is less than
 * nothing, which without a sign is nearly every page.
 */
export function lockedWithin(mm: AddressSpace, start: number, pages: number): number {
  const { areas, memory } = mm;
  const allPages = addressPages(memory.pageShift);
  const wraps = memory.features.lockedCountWraps;
  const end = wraps ? (start + pages) % allPages : Math.min(start + pages, allPages);
  let count = 0;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.next(area)
  ) {
    if ((areas.flags[area] & VM_LOCKED) === 0) continue;
    count += Math.min(end, areas.end[area]) - Math.max(start, areas.start[area]);
  }
  return count < 0 ? count + allPages : count;
}
