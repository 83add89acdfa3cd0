import { MAP } from "@kadvise/uapi";
import type { AddressSpace } from "../addressSpace.ts";
import type { PlacementRequest } from "../placement.ts";

/** The search that huge pages share with all other mappings. */
export interface Window {
  readonly lowest: number;
  readonly base: number;
  readonly legacyBase: number;
  readonly limit: number;
  isFree(page: number): boolean;
  guard(area: number): number;
}

/**
 * Where Linux puts huge pages: at whole ones, near a hint. Up to 6.12 the hint is rounded down and
 * MAP_32BIT does not count; then huge pages are placed as all else is, but for the alignment. Returns
 * -1 where there is no room.
 *
 * Linux: arch/x86/mm/hugetlbpage.c hugetlb_get_unmapped_area; fs/hugetlbfs/inode.c, 6.13
 */
export function placeHuge(mm: AddressSpace, request: PlacementRequest, window: Window): number {
  const { pages, flags, huge = 1 } = request;
  const { hugetlbHintRoundsUp } = mm.memory.features;
  const round = hugetlbHintRoundsUp ? Math.ceil : Math.floor;
  const hint = round(Math.max(request.hint, window.lowest) / huge) * huge;
  if (request.hint > 0 && window.isFree(hint)) return hint;
  const need = pages + huge - 1;
  const lowest = (from: number, to: number): number => {
    const gap = mm.areas.order.lowestGap(need, from, to, (area) => window.guard(area));
    return gap < 0 ? -1 : Math.ceil(gap / huge) * huge;
  };
  if (hugetlbHintRoundsUp && (flags & MAP.MAP_32BIT) !== 0 && !request.compat) {
    const low = 2 ** (30 - mm.memory.pageShift);
    return lowest(low, 2 * low);
  }
  if (mm.layout.legacy) return lowest(window.legacyBase, window.limit);
  const gap = mm.areas.order.highestGap(
    need,
    window.lowest,
    window.base,
    (area) => window.guard(area),
    mm.memory.features.gapSearchRestarts,
  );
  return gap >= 0
    ? Math.floor((gap + need - pages) / huge) * huge
    : lowest(window.legacyBase, window.limit);
}
