import type { AddressSpace } from "./addressSpace.ts";
import { sameKind, VM_HUGETLB, VM_SPECIAL, VM_STICKY } from "./flags.ts";
import { splitTableAt } from "./hugePage.ts";
import { hugePagesOf } from "./hugetlb/hugeSize.ts";
import type { Label } from "./label.ts";

/** What {@link modifyArea} and {@link splitArea} answer where no area number can be given. */
export const TOO_MANY_AREAS = -1;
export const MAY_NOT_SPLIT = -2;

/**
 * Gives part of an area other flags, or another label: joins it to a neighbour that is
 * of that kind, or cuts it out.
 *
 * Linux tries to merge first and splits then, at the start before the end; if the second cut fails,
 * the first stays (mm/vma.c vma_modify). Returns the area that now holds the pages, or
 * TOO_MANY_AREAS, or MAY_NOT_SPLIT.
 */
export function modifyArea(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
  flags: number,
  label: Label = mm.areas.labelOf(area),
): number {
  const { areas } = mm;
  let left =
    start === areas.start[area]
      ? called(mm, mergeableNeighbour(mm, area, areas.previous(area), flags, "left"), label)
      : -1;
  let right =
    end === areas.end[area]
      ? called(mm, mergeableNeighbour(mm, area, areas.next(area), flags, "right"), label)
      : -1;
  const whole = start === areas.start[area] && end === areas.end[area];
  if (!mayJoin(mm, area, whole)) left = right = -1;

  if (left >= 0 && right >= 0 && sameAnon(mm, left, right)) {
    const anon = areas.anon[left] !== 0 ? left : areas.anon[area] !== 0 ? area : right;
    keepAnon(mm, left, anon);
    const top = areas.end[right];
    const sticky = (areas.flags[left] | areas.flags[right] | flags) & VM_STICKY;
    areas.remove(area);
    areas.remove(right);
    areas.setEnd(left, top);
    areas.setFlags(left, (areas.flags[left] | sticky) >>> 0);
    return left;
  }
  if (mm.hugeTables > 0 && (left >= 0 || right >= 0)) splitTableAt(mm, left >= 0 ? end : start);
  if (left >= 0) {
    keepAnon(mm, left, areas.anon[left] !== 0 ? left : area);
    const sticky = (areas.flags[left] | flags) & VM_STICKY;
    if (whole) areas.remove(area);
    else moveStart(mm, area, end);
    areas.setEnd(left, end);
    areas.setFlags(left, (areas.flags[left] | sticky) >>> 0);
    return left;
  }
  if (right >= 0) {
    keepAnon(mm, right, areas.anon[right] !== 0 ? right : area);
    const sticky = (areas.flags[right] | flags) & VM_STICKY;
    if (whole) areas.remove(area);
    else areas.setEnd(area, start);
    moveStart(mm, right, start);
    areas.setFlags(right, (areas.flags[right] | sticky) >>> 0);
    return right;
  }

  let middle = area;
  if (start > areas.start[area]) {
    middle = splitArea(mm, area, start);
    if (middle < 0) return middle;
  }
  if (end < areas.end[middle]) {
    const tail = splitArea(mm, middle, end);
    if (tail < 0) return tail;
  }
  areas.setFlags(middle, flags);
  if (areas.labelOf(middle) !== label) areas.setLabel(middle, label);
  return middle;
}

/**
 * Cuts an area in two at a page; returns the upper part. Linux: mm/vma.c __split_vma
 *
 * The limit is tested before the mapping's own objection, as Linux does.
 */
export function splitArea(mm: AddressSpace, area: number, at: number, checkLimit = true): number {
  const { areas } = mm;
  if (checkLimit && areas.count >= mm.memory.settings.get("maxMapCount")) return TOO_MANY_AREAS;
  if (!maySplit(mm, area, at)) return MAY_NOT_SPLIT;
  if (mm.hugeTables > 0) splitTableAt(mm, at);
  const offset = areas.offset[area] + (at - areas.start[area]);
  const end = areas.end[area];
  areas.setEnd(area, at);
  const backing = areas.backing[area] ?? null;
  const upper = areas.insert(at, end, areas.flags[area], offset, backing, areas.labelOf(area));
  if (areas.anon[area] !== 0) areas.setAnon(upper, areas.anon[area], areas.inherited[area] === 1);
  return upper;
}

/** Whether the mapping lets itself be cut. Linux: special_mapping_split, hugetlb_vm_op_split */
export function maySplit(mm: AddressSpace, area: number, at: number): boolean {
  if (mm.areas.backing[area]?.object.kind === "special") return mm.memory.features.specialMaySplit;
  if ((mm.areas.flags[area] & VM_HUGETLB) !== 0) return at % hugePagesOf(mm, area) === 0;
  return true;
}

/** Base pages of a huge page: 512 with 4 KiB pages. */
export function hugePages(mm: AddressSpace): number {
  return 1 << (mm.memory.pageShift - 3);
}

/** Moves the start of an area, and its offset with it. */
export function moveStart(mm: AddressSpace, area: number, start: number): void {
  const { areas } = mm;
  areas.setOffset(area, areas.offset[area] + (start - areas.start[area]));
  areas.setStart(area, start);
}

/** The area that survives a merge takes over the reverse map of one that does not. */
export function keepAnon(mm: AddressSpace, survivor: number, from: number): void {
  const { areas } = mm;
  if (survivor !== from && areas.anon[survivor] === 0 && areas.anon[from] !== 0) {
    areas.setAnon(survivor, areas.anon[from], areas.inherited[from] === 1);
  }
}

/** Whether two areas can share a reverse map. */
export function sameAnon(mm: AddressSpace, left: number, right: number): boolean {
  const { anon } = mm.areas;
  return anon[left] === 0 || anon[right] === 0 || anon[left] === anon[right];
}

/**
 * The neighbour if an existing area with new flags may join it, or -1. Linux: mm/vma.c
 * is_mergeable_vma
 */
function mergeableNeighbour(
  mm: AddressSpace,
  area: number,
  neighbour: number,
  flags: number,
  side: "left" | "right",
): number {
  if (neighbour < 0 || (flags & VM_SPECIAL) !== 0) return -1;
  const { areas } = mm;
  const low = side === "left" ? neighbour : area;
  const high = side === "left" ? area : neighbour;
  if (areas.end[low] !== areas.start[high]) return -1;
  if (!sameKind(flags, areas.flags[neighbour])) return -1;
  if (areas.backing[area] !== areas.backing[neighbour]) return -1;
  if (areas.offset[low] + (areas.end[low] - areas.start[low]) !== areas.offset[high]) return -1;
  return anonAllows(mm, area, neighbour) ? neighbour : -1;
}

/**
 * Whether an area may give pages to a neighbour. One whose object is told of each area never goes
 * that way; before 6.12 it gave none. Linux: mm/vma.c can_merge_remove_vma; mm/mmap.c
 * is_mergeable_vma
 */
function mayJoin(mm: AddressSpace, area: number, goes: boolean): boolean {
  if (mm.areas.backing[area]?.closes !== true) return true;
  return !goes && mm.memory.features.closableAreasJoin;
}

/** An area if it has the label; or -1. */
function called(mm: AddressSpace, area: number, label: Label): number {
  return area >= 0 && mm.areas.labelOf(area) !== label ? -1 : area;
}

/**
 * Whether the reverse maps let an area join a neighbour that survives. Linux: mm/vma.c
 * is_mergeable_anon_vma
 *
 * An area inherited by fork keeps its parent's reverse map in reach; joining a stranger to it would
 * put that stranger's pages there too.
 */
function anonAllows(mm: AddressSpace, source: number, survivor: number): boolean {
  const { anon, inherited } = mm.areas;
  if (anon[source] === anon[survivor]) return true;
  if (anon[source] === 0) return inherited[survivor] === 0;
  if (anon[survivor] === 0)
    return mm.memory.features.mergesIntoUnfaulted && inherited[source] === 0;
  return false;
}
