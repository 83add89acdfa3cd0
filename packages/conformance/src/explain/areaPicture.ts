import { mapsLine, pageState, type AddressSpace, type PageState } from "@kadvise/mm-core";
import { flagCodesOf } from "./flagCodesOf.ts";

/** An area as a picture shows it. Plain and JSON-safe; addresses are hex strings. */
export interface PicturedArea {
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  /** `rw-p`, and what maps calls it. */
  readonly permissions: string;
  readonly name: string;
  /** The codes of smaps' VmFlags line. */
  readonly flags: readonly string[];
  /** How many pages are in which state; absent where nobody can tell. */
  readonly states?: { readonly [state in PageState]?: number };
}

/** Part of an address space before a call and behind it. */
export interface Picture {
  readonly before: readonly PicturedArea[];
  readonly after: readonly PicturedArea[];
}

/** So many areas are shown at most, and so many pages looked at one by one. */
const MOST_AREAS = 64;
const MOST_PAGES = 65_536;

/** The areas between two pages, with the neighbour on either side. */
export function picturedAreas(
  mm: AddressSpace,
  start: number,
  end: number,
): readonly PicturedArea[] {
  const { areas } = mm;
  const below = areas.below(start);
  const list: PicturedArea[] = [];
  let area = below >= 0 ? below : areas.first();
  while (area >= 0 && list.length < MOST_AREAS) {
    list.push(picturedArea(mm, area));
    if (areas.start[area] >= end) break;
    area = areas.next(area);
  }
  return list;
}

function picturedArea(mm: AddressSpace, area: number): PicturedArea {
  const { areas } = mm;
  const { pageBytes } = mm.memory;
  const [first, last] = [areas.start[area], areas.end[area]];
  const line = mapsLine(mm, area);
  const [, permissions = "", , , , ...name] = line.split(/ +/);
  const isTold = !mm.touchedUnseen && last - first <= MOST_PAGES;
  return {
    start: `0x${(first * pageBytes).toString(16)}`,
    end: `0x${(last * pageBytes).toString(16)}`,
    pages: last - first,
    permissions,
    name: name.join(" "),
    flags: flagCodesOf(areas.flags[area]),
    ...(isTold ? { states: statesOf(mm, first, last) } : {}),
  };
}

function statesOf(
  mm: AddressSpace,
  first: number,
  last: number,
): NonNullable<PicturedArea["states"]> {
  const counts: { [state in PageState]?: number } = {};
  for (let page = first; page < last; page++) {
    const state = pageState(mm, page);
    counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}
