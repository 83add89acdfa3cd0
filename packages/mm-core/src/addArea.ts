import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { sameKind, VM_SPECIAL, VM_STICKY } from "./flags.ts";
import { keepAnon, moveStart, sameAnon } from "./modify.ts";

/**
 * Adds an area for new pages, or lets neighbours of the same kind grow over them. Returns the area
 * that holds them.
 *
 * Linux: mm/vma.c vma_merge_new_range. Between two strangers the new pages join the left one (6.1:
 * the right one).
 */
export function addArea(
  mm: AddressSpace,
  start: number,
  end: number,
  flags: number,
  offset: number,
  backing: Backing | null,
): number {
  const { areas } = mm;
  const special = (flags & VM_SPECIAL) !== 0;
  const below = areas.below(start);
  const above = areas.find(end - 1);
  const left =
    !special &&
    below >= 0 &&
    areas.end[below] === start &&
    sameKind(flags, areas.flags[below]) &&
    areas.backing[below] === backing &&
    areas.offset[below] + (start - areas.start[below]) === offset &&
    areas.inherited[below] === 0
      ? below
      : -1;
  const right =
    !special &&
    above >= 0 &&
    areas.start[above] === end &&
    sameKind(flags, areas.flags[above]) &&
    areas.backing[above] === backing &&
    offset + (end - start) === areas.offset[above] &&
    areas.inherited[above] === 0
      ? above
      : -1;
  if (left >= 0 && right >= 0 && sameAnon(mm, left, right) && bridges(mm, left, right)) {
    keepAnon(mm, left, right);
    const top = areas.end[right];
    const sticky = (areas.flags[left] | areas.flags[right] | flags) & VM_STICKY;
    areas.remove(right);
    areas.setEnd(left, top);
    areas.setFlags(left, (areas.flags[left] | sticky) >>> 0);
    return left;
  }
  if (left >= 0 && !(right >= 0 && mm.memory.features.bridge === "right")) {
    areas.setEnd(left, end);
    return left;
  }
  if (right >= 0) {
    moveStart(mm, right, start);
    return right;
  }
  return areas.insert(start, end, flags, offset, backing);
}

/** 6.1 alone does not join all three where only the right one has pages. */
function bridges(mm: AddressSpace, left: number, right: number): boolean {
  const { anon } = mm.areas;
  return mm.memory.features.bridge !== "right" || anon[left] !== 0 || anon[right] === 0;
}
