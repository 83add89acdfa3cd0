import { VM_LOCKED, type AddressSpace } from "@kadvise/mm-core";

/** Pages of a range that are locked already. Linux: mm/mlock.c count_mm_mlocked_page_nr */
export function lockedWithin(mm: AddressSpace, start: number, end: number): number {
  const { areas } = mm;
  let pages = 0;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.next(area)
  ) {
    if ((areas.flags[area] & VM_LOCKED) === 0) continue;
    pages += Math.min(end, areas.end[area]) - Math.max(start, areas.start[area]);
  }
  return pages;
}
