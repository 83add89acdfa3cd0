import type { Inode } from "@kadvise/files";
import {
  areaName,
  countPages,
  labelOf,
  stateArea,
  stateHole,
  VM_LOCKONFAULT,
  VM_UNSTATED,
  type AddressSpace,
} from "@kadvise/mm-core";
import { backingOf } from "../../live/layOut.ts";
import { flagsOfCodes } from "../../model/vmFlagCodes.ts";
import type { ObservedArea } from "../../target/startState.ts";
import { permissionsOf, type Span } from "./compareAreas.ts";

/** A stack may grow so far unseen, where nothing lies nearer. */
const MOST_STACK_BYTES = 2 ** 30;

/**
 * States what a piece of maps or smaps shows. What is known of areas that look as shown stays known;
 * the others are taken for ordinary ones of their look, which those are that exec maps.
 */
export function stateShown(mm: AddressSpace, shown: readonly ObservedArea[], span: Span): void {
  const { pageBytes } = mm.memory;
  const inodes = new Map<string, Inode>();
  let from = span.from;
  for (const area of shown) {
    const [start, end] = [area.start, area.end].map((at) => at / pageBytes);
    const isStack = area.name === "[stack]";
    if (isStack && (mm.startStack < start || mm.startStack >= end)) {
      mm.memory.ports.journal.save(mm, "startStack");
      mm.startStack = end - 1;
    }
    clear(mm, from, start, isStack);
    stateOne(mm, area, start, end, inodes);
    from = Math.max(from, end);
  }
  clear(mm, from, span.to, false);
}

function stateOne(
  mm: AddressSpace,
  area: ObservedArea,
  start: number,
  end: number,
  inodes: Map<string, Inode>,
): void {
  const isForgotten = mm.forgotten.within(start, end) !== undefined;
  const codes = area.vmFlags.length > 0 ? area.vmFlags : usualCodes(area);
  const isGuess = area.vmFlags.length === 0 && (isForgotten || isOfKernel(area));
  // Releases without a code for it show question marks.
  const nameless = codes.includes("??") ? VM_LOCKONFAULT : 0;
  const flags = (flagsOfCodes(codes) | nameless | (isGuess ? VM_UNSTATED : 0)) >>> 0;
  const backing = backingOf({ ...area, vmFlags: codes }, flags, inodes, {});
  const offset = backing === null ? start : area.offset / mm.memory.pageBytes;
  const [, name] = NAMED.exec(area.name) ?? [];
  const seen = { start, end, flags, offset, backing, label: labelOf({ name }) };
  const row = stateArea(mm, seen, (known) => isAlike(mm, known, area));
  if (area.vmFlags.length > 0) setFlags(mm, row, flags);
}

/** What PR_SET_VMA_ANON_NAME called private memory. */
const NAMED = /^\[anon:(.*)\]$/;

function setFlags(mm: AddressSpace, area: number, flags: number): void {
  const { areas } = mm;
  const pages = areas.end[area] - areas.start[area];
  countPages(mm, areas.flags[area], -pages);
  areas.setFlags(area, flags);
  countPages(mm, flags, pages);
}

/** Whether an area that is known can be the one that is shown. */
function isAlike(mm: AddressSpace, known: number, area: ObservedArea): boolean {
  const { areas } = mm;
  const flags = areas.flags[known];
  if ((flags & VM_UNSTATED) !== 0 || permissionsOf(flags) !== area.permissions) return false;
  const backing = areas.backing[known] ?? null;
  const showsFile = backing !== null && backing.object.kind !== "special";
  if (showsFile !== (area.identity !== "00:00 0")) return false;
  return !area.name.startsWith("[") || area.name === areaName(mm, known);
}

/** Nothing is mapped here; but for where a stack grows that begins behind it. */
function clear(mm: AddressSpace, from: number, to: number, isBelowStack: boolean): void {
  if (from >= to) return;
  stateHole(mm, from, to);
  if (!isBelowStack) return;
  const most = Math.floor(MOST_STACK_BYTES / mm.memory.pageBytes);
  mm.forget(Math.max(from, to - most), to);
}

/** The kernel's own mappings: vdso and its data, whose flags differ from release to release. */
function isOfKernel({ name }: ObservedArea): boolean {
  return name.startsWith("[v");
}

/** The flags of an area of which only maps was seen. */
function usualCodes({ permissions, name }: ObservedArea): readonly string[] {
  const isShared = permissions.endsWith("s");
  const codes = [...permissions].flatMap((letter) => OF_LETTER[letter] ?? []);
  // The kernel's data can never be written (arch/x86/entry/vdso/vma.c).
  codes.push("mr", ...(name.startsWith("[vvar") ? [] : ["mw", "me"]));
  if (isShared) codes.push("ms");
  else if (permissions.includes("w")) codes.push("ac");
  if (name === "[stack]") codes.push("gd");
  if (name.startsWith("[v")) codes.push("de");
  return codes;
}

const OF_LETTER: { readonly [letter: string]: string } = { r: "rd", w: "wr", x: "ex", s: "sh" };
