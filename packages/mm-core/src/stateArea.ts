import { countPages } from "./accounting.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { VM_SHARED } from "./flags.ts";
import type { Label } from "./label.ts";

/** An area as somebody saw it, in /proc: pages, and what is taken for true where nothing was known. */
export interface SeenArea {
  readonly start: number;
  readonly end: number;
  readonly flags: number;
  readonly offset: number;
  readonly backing: Backing | null;
  readonly label?: Label;
}

/**
 * States that exactly these pages are one area. What was known of an area in it that is `alike`
 * stays known; pages stay as they are. Returns the area.
 *
 * Where an area was known to go on beyond an edge, something keeps its parts apart that nobody saw:
 * pages of their own (mm/vma.c is_mergeable_anon_vma).
 */
export function stateArea(
  mm: AddressSpace,
  seen: SeenArea,
  alike: (area: number) => boolean,
): number {
  const { areas } = mm;
  const { start, end } = seen;
  cutAt(mm, start);
  cutAt(mm, end);
  const inside = within(mm, start, end);
  const [only] = inside;
  const known = inside.find(alike) ?? -1;
  if (inside.length === 1 && known === only && isWhole(mm, only, start, end)) {
    mm.stateRange(start, end);
    return only;
  }
  const flags = known < 0 ? seen.flags : areas.flags[known];
  const offset = known < 0 ? seen.offset : areas.offset[known] - (areas.start[known] - start);
  const backing = known < 0 ? seen.backing : (areas.backing[known] ?? null);
  const label = known < 0 ? seen.label : areas.labelOf(known);
  const withPages = inside.find((area) => areas.anon[area] !== 0) ?? -1;
  const anon = withPages < 0 ? 0 : areas.anon[withPages];
  const inherited = withPages >= 0 && areas.inherited[withPages] === 1;
  for (const area of inside) takeOut(mm, area);
  mm.stateRange(start, end);
  const area = areas.insert(start, end, flags, offset, backing, label ?? "");
  if (anon !== 0) areas.setAnon(area, anon, inherited);
  countPages(mm, flags, end - start);
  return area;
}

/** States that nothing is mapped in a range. */
export function stateHole(mm: AddressSpace, start: number, end: number): void {
  if (start >= end) return;
  mm.forget(start, end);
  mm.stateRange(start, end);
}

function isWhole({ areas }: AddressSpace, area: number, start: number, end: number): boolean {
  return areas.start[area] === start && areas.end[area] === end;
}

function within({ areas }: AddressSpace, start: number, end: number): readonly number[] {
  const found: number[] = [];
  for (let area = areas.find(start); area >= 0 && areas.start[area] < end; area = areas.next(area))
    found.push(area);
  return found;
}

/** Takes an area out of the books; its pages stay, for the one that takes its place. */
function takeOut(mm: AddressSpace, area: number): void {
  const { areas } = mm;
  countPages(mm, areas.flags[area], areas.start[area] - areas.end[area]);
  areas.remove(area);
}

/** Cuts an area at a page at which it was seen to end, and keeps its parts apart. */
function cutAt(mm: AddressSpace, page: number): void {
  const { areas } = mm;
  const lower = areas.at(page);
  if (lower < 0 || areas.start[lower] === page) return;
  const end = areas.end[lower];
  const offset = areas.offset[lower] + (page - areas.start[lower]);
  const flags = areas.flags[lower];
  areas.setEnd(lower, page);
  const backing = areas.backing[lower] ?? null;
  const upper = areas.insert(page, end, flags, offset, backing, areas.labelOf(lower));
  if ((flags & VM_SHARED) !== 0) return;
  if (areas.anon[lower] === 0) areas.setAnon(lower, mm.memory.newAnon(), false);
  areas.setAnon(upper, mm.memory.newAnon(), false);
}
