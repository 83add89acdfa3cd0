import { pageState, VM_WRITE, type AddressSpace, type PageState } from "@kadvise/mm-core";
import { cyan, dim, green } from "./paint.ts";

/** How a page looks: used, cold, swapped out, never touched. */
const GLYPHS: { readonly [state in PageState]: string } = {
  used: "█",
  cold: "▒",
  swapped: "░",
  zero: "0",
  guarded: "x",
  untouched: "·",
};

/** What the glyphs mean, in one line. */
export const LEGEND = "█ used  ▒ cold  ░ swapped out  · untouched";

/**
 * Draws part of an address space: a row of stretches of areas, each cell an area or several, with
 * the state that most of its pages have. Areas that may be written and areas that may not have
 * different colours.
 */
export function drawAreas(mm: AddressSpace, columns: number, rows: number): readonly string[] {
  const areas = [...mm.areas];
  const perCell = Math.max(1, Math.ceil(areas.length / (columns * rows)));
  const lines: string[] = [];
  for (let from = 0; from < areas.length; from += columns * perCell) {
    const first = areas[from];
    const address = (mm.areas.start[first] * mm.memory.pageBytes).toString(16);
    let line = dim(`${address.padStart(12)} `);
    for (
      let cell = from;
      cell < Math.min(from + columns * perCell, areas.length);
      cell += perCell
    ) {
      line += drawCell(mm, areas.slice(cell, cell + perCell));
    }
    lines.push(line);
  }
  return lines;
}

function drawCell(mm: AddressSpace, areas: readonly number[]): string {
  const counts = new Map<PageState, number>();
  for (const area of areas) {
    for (let page = mm.areas.start[area]; page < mm.areas.end[area]; page++) {
      const state = pageState(mm, page);
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  const glyph = GLYPHS[most?.[0] ?? "untouched"];
  return (mm.areas.flags[areas[0]] & VM_WRITE) !== 0 ? cyan(glyph) : green(glyph);
}
