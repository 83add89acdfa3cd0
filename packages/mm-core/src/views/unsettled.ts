import type { AddressSpace } from "../addressSpace.ts";
import { F_ANON, F_BATCHED, F_REFERENCED, F_SWAPBACKED } from "../frames.ts";
import { P_PRESENT, P_YOUNG, P_ZERO } from "../pageTable.ts";

const USED_IN_BATCH = F_BATCHED | F_REFERENCED;

/**
 * Whether an area has pages of which nobody knows when the kernel's lists learn of what was advised:
 * it waits in a batch of its CPU until that is full, or anything drains it. Such are pages that were
 * given up (MADV_FREE); and, with multi-gen LRU, pages that were cooled (MADV_COLD) and that the
 * kernel used since, which the batch forgets when it is drained, and new ones that the kernel brought
 * in to use them (mlock, process_vm_writev), whose use counts until the lists take them: they are
 * locked, or begin there as active and unused (6.12.117).
 *
 * Linux: mm/swap.c folio_mark_lazyfree, folio_deactivate, lru_deactivate, lru_add; mm/mlock.c
 * mlock_new_folio
 */
export function hasUnsettled(mm: AddressSpace, area: number): boolean {
  const { areas, pages, memory } = mm;
  const end = areas.end[area];
  for (let page = pages.nextUsed(areas.start[area], end); page < end;) {
    const bits = pages.bitsOf(page);
    const isFrame = (bits & (P_PRESENT | P_ZERO)) === P_PRESENT;
    const flags = isFrame ? memory.frames.flags[pages.valueOf(page)] : 0;
    if ((flags & (F_ANON | F_SWAPBACKED)) === F_ANON) return true;
    const isUsed = (flags & USED_IN_BATCH) === USED_IN_BATCH;
    if (isUsed && (bits & P_YOUNG) === 0) return true;
    page = pages.nextUsed(page + 1, end);
  }
  return false;
}
