import type { SharedSegment } from "@kadvise/files";
import { pagesOfHuge, type Memory } from "@kadvise/mm-core";

/** Pages of the file behind a segment: whole huge ones, where it has such. Linux: ipc/shm.c newseg */
export function pagesOfSegment({ pageBytes, pageShift }: Memory, segment: SharedSegment): number {
  const unit = segment.kind === "hugetlb" ? pagesOfHuge(segment, pageShift) : 1;
  return Math.ceil(segment.sizeBytes / (pageBytes * unit)) * unit;
}
