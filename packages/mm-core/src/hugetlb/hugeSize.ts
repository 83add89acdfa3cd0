import { MAP_HUGE_MASK, MAP_HUGE_SHIFT } from "@kadvise/uapi";
import type { AddressSpace } from "../addressSpace.ts";
import type { PageObject } from "../backing.ts";

/**
 * Binary logarithms of the sizes that huge pages have: what one entry of the second and of the third
 * level of page tables shows. Linux: arch/x86/mm/hugetlbpage.c gigantic_pages_init
 */
export function hugeShifts(pageShift: number): readonly [usual: number, gigantic: number] {
  const bits = pageShift - 3;
  return [pageShift + bits, pageShift + 2 * bits];
}

/**
 * The size that flags of mmap, memfd_create or shmget name, as a binary logarithm; the usual one
 * where they name none, and undefined for one that the machine does not have. Linux:
 * include/linux/hugetlb.h hstate_sizelog
 */
export function hugeShiftOf(flags: number, pageShift: number): number | undefined {
  const named = (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK;
  const shifts = hugeShifts(pageShift);
  if (named === 0) return shifts[0];
  return shifts.find((shift) => shift === named);
}

/** Small pages of one huge page of an object. */
export function pagesOfHuge(object: PageObject, pageShift: number): number {
  return 2 ** ((object.hugeShift ?? hugeShifts(pageShift)[0]) - pageShift);
}

/** Small pages of one huge page of an area that has such. */
export function hugePagesOf(mm: AddressSpace, area: number): number {
  const { pageShift } = mm.memory;
  const backing = mm.areas.backing[area] ?? null;
  return backing === null
    ? 2 ** (hugeShifts(pageShift)[0] - pageShift)
    : pagesOfHuge(backing.object, pageShift);
}

/** The first page of the huge page that holds a page. */
export function firstOfHuge(mm: AddressSpace, area: number, page: number): number {
  const huge = hugePagesOf(mm, area);
  return Math.floor(page / huge) * huge;
}
