import type { AdviceSpan } from "@kadvise/conformance/table";
import { ASKED, NEWEST_POINT } from "@kadvise/releases";
import type { Grid } from "./grid.ts";

/** What is said of a release that nobody held a real kernel against. */
export const NOT_CHECKED = "not checked on a real kernel";

const MARKS: { readonly [checked in AdviceSpan["checked"]]: string } = {
  none: "*",
  some: "~",
  all: "",
};

/** The mark behind a stretch of releases: none where each was held against a real kernel. */
export function checkedMark({ checked }: AdviceSpan): string {
  return MARKS[checked];
}

/**
 * What the marks of a table mean, which real kernels it was held against, and which point release a
 * line's name stands for.
 */
export function checkedNotes(spans: readonly AdviceSpan[]): Grid["notes"] {
  const has = (checked: AdviceSpan["checked"]): boolean =>
    spans.some((span) => span.checked === checked);
  const asked = [...new Set(spans.flatMap((span) => span.asked))];
  const notes: [mark: string, text: string][] = [];
  if (has("none")) notes.push([MARKS.none, `${NOT_CHECKED}${othersOf(spans)}`]);
  if (has("some")) notes.push([MARKS.some, `some of these are ${NOT_CHECKED}`]);
  if (asked.length > 0) notes.push(["", `checked on the real kernels ${realKernels(asked)}`]);
  const lines = spans.flatMap(({ from, to }) => (from === to ? (newestOf(from) ?? []) : []));
  if (lines.length > 0) notes.push(["", `${[...new Set(lines)].join(", ")}: the newest known`]);
  return notes;
}

/** What is said where a kernel has no memory of the kind that was asked for. */
export function noneNotes(spans: readonly AdviceSpan[]): Grid["notes"] {
  const isMissing = spans.some(({ cells }) => cells.some(({ answer }) => answer === "none"));
  return isMissing ? [["none", "the kernel has no such memory"]] : [];
}

/** Which kernel a line's name stands for. */
function newestOf(line: string): string | undefined {
  const point = NEWEST_POINT[line];
  return point === undefined ? undefined : `${line} is ${line}.${point}`;
}

/** Kernels of the same lines that were asked, where those that are told have other changes. */
function othersOf(spans: readonly AdviceSpan[]): string {
  const unlike = spans.filter(
    ({ from, to, cells: [cell] }) => from === to && !cell.kernel.usual.asked,
  );
  const lines = new Set(unlike.map(({ from }) => lineOf(from)));
  const others = ASKED.filter((name) => lines.has(lineOf(name)));
  return others.length === 0 ? "" : `: ${realKernels(others)} had other changes`;
}

function lineOf(name: string): string {
  return /^\d+\.\d+/.exec(name)?.[0] ?? name;
}

/** Kernels that were asked, by their versions. */
export function realKernels(asked: readonly string[]): string {
  return asked.map(plain).join(" ");
}

/** A kernel without what a vendor added to it. */
function plain(name: string): string {
  return name.replace(/[+,].*/, "");
}
