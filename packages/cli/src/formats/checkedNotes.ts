import type { AdviceSpan } from "@kadvise/conformance/table";
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

/** What the marks of a table mean, and which real kernels it was held against. */
export function checkedNotes(spans: readonly AdviceSpan[]): Grid["notes"] {
  const has = (checked: AdviceSpan["checked"]): boolean =>
    spans.some((span) => span.checked === checked);
  const asked = [...new Set(spans.flatMap((span) => span.asked))];
  const notes: [mark: string, text: string][] = [];
  if (has("none")) notes.push([MARKS.none, NOT_CHECKED]);
  if (has("some")) notes.push([MARKS.some, `some of these are ${NOT_CHECKED}`]);
  if (asked.length > 0)
    notes.push(["", `checked on the real kernels ${asked.map(plain).join(" ")}`]);
  return notes;
}

/** A kernel without what a vendor added to it. */
function plain(name: string): string {
  return name.replace(/[+,].*/, "");
}
