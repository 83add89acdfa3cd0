import { MADV, type Refusal } from "@kadvise/uapi";
import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_HUGETLB, VM_LOCKED, VM_PFNMAP } from "../flags.ts";
import { hugePagesOf } from "../hugetlb/hugeSize.ts";
import { restoreReservation } from "../hugetlb/reservation.ts";
import { LEAF_PAGES } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { zapRange } from "../zap.ts";

/**
 * MADV_DONTNEED: drops what the range maps. Private contents are gone, shared ones stay with their
 * object; guard markers stay. Linux: mm/madvise.c madvise_dontneed_single_vma
 */
export const dontneed: AdviceAction = (mm, area, start, end, _actor, advice) => {
  const flags = mm.areas.flags[area];
  if ((flags & VM_HUGETLB) !== 0) return dontneedHuge(mm, area, start, end);
  if (advice === MADV.MADV_DONTNEED && (flags & VM_LOCKED) !== 0) {
    return refuse(mm, "madvise/locked", start);
  }
  if ((flags & VM_PFNMAP) !== 0) return refuse(mm, "madvise/pfnmap", start);
  if (zapRange(mm, start, end, "keep-guards")) mm.memory.work.tlbFlushes++;
  if (end - start >= LEAF_PAGES && mm.memory.features.dontneedFreesTables) {
    const first = Math.ceil(start / LEAF_PAGES) * LEAF_PAGES;
    const last = Math.floor(end / LEAF_PAGES) * LEAF_PAGES;
    if (first < last) mm.pages.prune(first, last);
  }
  return undefined;
};

/** MADV_DONTNEED_LOCKED: the same, on locked memory too. Since 5.18. */
export const dontneedLocked: AdviceAction = dontneed;

/** Whole huge pages only; whether a rest at the end counts as one changed between 5.18 and 6.1. */
function dontneedHuge(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
): Refusal | undefined {
  const { features, work } = mm.memory;
  const huge = hugePagesOf(mm, area);
  if (features.hugetlbDontneed === "refused") return refuse(mm, "madvise/hugetlb", start);
  if (start % huge !== 0) return refuse(mm, "madvise/hugetlb-unaligned", start);
  const round = features.hugetlbDontneed === "rounds-up" ? Math.ceil : Math.floor;
  const to = round(end / huge) * huge;
  if (to <= start) return undefined;
  restoreReservation(mm, area, start, to);
  if (zapRange(mm, start, to, "drop-guards")) work.tlbFlushes++;
  return undefined;
}

function refuse(
  mm: AddressSpace,
  id: "madvise/locked" | "madvise/pfnmap" | "madvise/hugetlb" | "madvise/hugetlb-unaligned",
  page: number,
): Refusal {
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, id, address);
}
