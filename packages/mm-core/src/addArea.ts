import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { sameKind, VM_SPECIAL, VM_STICKY } from "./flags.ts";
import type { Label } from "./label.ts";
import { keepAnon, moveStart, sameAnon } from "./modify.ts";

/** The reverse map that the pages of a new area bring along: those that mremap moves there. */
export interface BroughtAnon {
  readonly anon: number;
  readonly inherited: boolean;
  /** What sets the area apart that they come from, or that they become. */
  readonly label?: Label;
  /** An area that the pages may not join: the one that they come from, or none. */
  readonly apartFrom?: number;
  /** Nothing is brought: the area is a new mapping. */
  readonly isNew?: boolean;
}

const NONE: BroughtAnon = { anon: 0, inherited: false, isNew: true };

/** A new mapping with a label. */
export function newly(label: Label): BroughtAnon {
  return label === "" ? NONE : { ...NONE, label };
}

/**
 * Adds an area for new pages, or lets neighbours of the same kind grow over them. Returns the area
 * that holds them.
 *
 * Linux: mm/vma.c vma_merge_new_range. Between two strangers the new pages join the left one (6.1:
 * the right one). Pages that are moved (copy_vma) bring their reverse map.
 */
export function addArea(
  mm: AddressSpace,
  start: number,
  end: number,
  flags: number,
  offset: number,
  backing: Backing | null,
  brought: BroughtAnon = NONE,
): number {
  const { areas } = mm;
  const { label = "" } = brought;
  // 6.1 alone, and for a new mapping only (mm/mmap.c mmap_region).
  const looksRight = mm.memory.features.bridge === "right" && brought.isNew === true;
  const { closableAreasJoin } = mm.memory.features;
  const closes = backing?.closes === true;
  const special = (flags & VM_SPECIAL) !== 0 || (closes && !closableAreasJoin);
  const below = areas.below(start);
  const above = areas.find(end - 1);
  const left =
    !special &&
    below >= 0 &&
    areas.end[below] === start &&
    sameKind(flags, areas.flags[below]) &&
    areas.backing[below] === backing &&
    areas.labelOf(below) === label &&
    areas.offset[below] + (start - areas.start[below]) === offset &&
    takesIn(mm, below, brought)
      ? below
      : -1;
  const right =
    !special &&
    above >= 0 &&
    areas.start[above] === end &&
    sameKind(flags, areas.flags[above]) &&
    areas.backing[above] === backing &&
    areas.labelOf(above) === label &&
    offset + (end - start) === areas.offset[above] &&
    takesIn(mm, above, brought)
      ? above
      : -1;
  if (
    left >= 0 &&
    right >= 0 &&
    sameAnon(mm, left, right) &&
    !closes &&
    !(looksRight && onlyRight(mm, left, right))
  ) {
    keepAnon(mm, left, right);
    bringAnon(mm, left, brought);
    const top = areas.end[right];
    stick(mm, left, areas.flags[right] | flags);
    areas.remove(right);
    areas.setEnd(left, top);
    return left;
  }
  if (left >= 0 && !(right >= 0 && looksRight)) {
    bringAnon(mm, left, brought);
    stick(mm, left, flags);
    areas.setEnd(left, end);
    return left;
  }
  if (right >= 0) {
    bringAnon(mm, right, brought);
    stick(mm, right, flags);
    moveStart(mm, right, start);
    return right;
  }
  const added = areas.insert(start, end, flags, offset, backing, label);
  bringAnon(mm, added, brought);
  return added;
}

/**
 * Whether the reverse maps let new pages join an area. One that fork made keeps its parent's in
 * reach: only pages of the very same reverse map may come. Linux: mm/vma.c is_mergeable_anon_vma
 */
function takesIn(mm: AddressSpace, area: number, brought: BroughtAnon): boolean {
  const { areas } = mm;
  const { anon, inherited } = brought;
  if (area === brought.apartFrom) return false;
  if (areas.anon[area] === anon) return true;
  if (anon === 0) return areas.inherited[area] === 0;
  if (areas.anon[area] !== 0) return false;
  return mm.memory.features.mergesIntoUnfaulted && !inherited;
}

/** What does not keep areas apart, the joined one keeps. Linux: mm/vma.c vma_expand */
function stick(mm: AddressSpace, area: number, flags: number): void {
  const more = flags & VM_STICKY & ~mm.areas.flags[area];
  if (more !== 0) mm.areas.setFlags(area, (mm.areas.flags[area] | more) >>> 0);
}

function bringAnon(mm: AddressSpace, area: number, { anon, inherited }: BroughtAnon): void {
  if (anon !== 0 && mm.areas.anon[area] === 0) mm.areas.setAnon(area, anon, inherited);
}

/** Whether only the right one has pages: then 6.1 does not join all three. */
function onlyRight(mm: AddressSpace, left: number, right: number): boolean {
  const { anon } = mm.areas;
  return anon[left] === 0 && anon[right] !== 0;
}
