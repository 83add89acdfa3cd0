import type { AddressSpace } from "../addressSpace.ts";
import { F_ANON, F_SWAPBACKED } from "../frames.ts";
import { P_PRESENT, P_ZERO } from "../pageTable.ts";

/**
 * Whether an area has pages that were given up (MADV_FREE). When the kernel's lists learn of it
 * nobody knows: it waits in a batch of its CPU until that is full, or anything drains it.
 *
 * Linux: mm/swap.c folio_mark_lazyfree
 */
export function hasGivenUp(mm: AddressSpace, area: number): boolean {
  const { areas, pages, memory } = mm;
  const end = areas.end[area];
  for (let page = pages.nextUsed(areas.start[area], end); page < end;) {
    const isFrame = (pages.bitsOf(page) & (P_PRESENT | P_ZERO)) === P_PRESENT;
    const flags = isFrame ? memory.frames.flags[pages.valueOf(page)] : 0;
    if ((flags & (F_ANON | F_SWAPBACKED)) === F_ANON) return true;
    page = pages.nextUsed(page + 1, end);
  }
  return false;
}
