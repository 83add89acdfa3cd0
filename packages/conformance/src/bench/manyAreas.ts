import type { ProgramBuilder } from "../program/programBuilder.ts";

export const PAGE_BYTES = 4096;
/** Where the areas of all loads begin. */
export const ARENA = 0x2000_0000;
export const AREAS = 2000;
export const AREA_PAGES = 4;
export const AREA_BYTES: number = AREA_PAGES * PAGE_BYTES;

const READ_WRITE = 3;
const READ_WRITE_EXEC = 7;
const ANONYMOUS_FIXED = 0x32;

/**
 * Maps 2000 areas of 4 pages side by side and makes every page resident. Each second one may be
 * executed: neighbours cannot merge.
 */
export function mapAreas(builder: ProgramBuilder, actor: number): void {
  const bytes = AREAS * AREA_BYTES;
  builder.call(actor, "mmap", [ARENA, bytes, READ_WRITE, ANONYMOUS_FIXED, -1, 0]);
  const second = { base: ARENA, unit: 2 * AREA_BYTES, step: 1, modulus: AREAS / 2 };
  builder.repeat(actor, AREAS / 2, [
    { name: "mprotect", args: [second, AREA_BYTES, READ_WRITE_EXEC] },
  ]);
  builder.touch(actor, ARENA, AREAS * AREA_PAGES);
}

/** Maps areas of one page with one page between them, in ascending order or here and there. */
export function mapSinglePages(
  builder: ProgramBuilder,
  areas: number,
  options: { readonly step: number; readonly timed: boolean },
): void {
  const place = { base: ARENA, unit: 2 * PAGE_BYTES, step: options.step, modulus: areas };
  const turn = { name: "mmap", args: [place, PAGE_BYTES, READ_WRITE, ANONYMOUS_FIXED, -1, 0] };
  builder.repeat(0, areas, [turn], options.timed);
}

/** A step that visits every place once and is far from the last: about 0.62 of them. */
export function scatteredStep(places: number): number {
  for (let step = Math.max(1, Math.floor(places * 0.618)); ; step++) {
    if (greatestDivisor(step, places) === 1) return step;
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
