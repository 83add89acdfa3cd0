import type { ReleaseDiff } from "@kadvise/conformance/diff";
import { bold, cyan, dim, green, red, yellow } from "../paint.ts";
import { NOT_CHECKED } from "./checkedNotes.ts";
import type { DiffSection } from "./diffSections.ts";
import { wrapped } from "./gridText.ts";

/** Writes a diff for a terminal; `brief` leaves the examples out. */
export function diffText(
  diff: ReleaseDiff,
  sections: readonly DiffSection[],
  { brief, columns }: { readonly brief: boolean; readonly columns: number },
): string {
  const width = Math.max(0, ...sections.map(({ id }) => id.length));
  const body = brief
    ? sections
        .map((one) => `${mark(one)} ${one.id.padEnd(width)}  ${one.date}`.trimEnd())
        .join("\n")
    : sections.map((one) => sectionText(one, columns)).join("\n\n");
  return [headText(diff), ...(body === "" ? [] : ["", body]), ...switchesText(diff)].join("\n");
}

/** `5.10 to 6.12: 59 changes`, and which of the two no real kernel was asked for. */
export function headText({ from, to, changes }: ReleaseDiff): string {
  const count = changes.length === 1 ? "1 change" : `${changes.length} changes`;
  const versions = [from, to].map(({ name, version, released }) => {
    if (!released) return `${name} (never released)`;
    return name.startsWith(version) ? name : `${name} (${version})`;
  });
  // A line's name stands for its newest version here; others of that line may have been checked.
  const unchecked = [from, to]
    .filter(({ asked }) => !asked)
    .map(({ name, version, released }) => (released && !name.startsWith(version) ? version : name));
  const named = [...new Set(unchecked)].join(", ");
  const notes = named === "" ? "" : dim(`; ${named}: ${NOT_CHECKED}`);
  return `${bold(versions.join(" to "))}: ${count}${notes}`;
}

/** `+` came, `-` went, `?` nobody knows, `~` without a dated change. */
function mark({ how }: DiffSection): string {
  switch (how) {
    case "came":
      return green("+");
    case "went":
      return red("-");
    case "open":
      return yellow("?");
    case "unreleased":
      return "~";
  }
}

const INDENT = "  ";

function sectionText(section: DiffSection, columns: number): string {
  const { id, date, subject, scenario, answers, why } = section;
  const labels = Math.max(0, ...answers.map(([kernel]) => kernel.length));
  const told = answers.map(([kernel, answer]) => {
    const lines = wrapped(answer, Math.max(20, columns - labels - 4));
    const gap = `\n${" ".repeat(labels + 4)}`;
    return `${INDENT}${cyan(kernel.padEnd(labels))}  ${lines.join(gap)}`;
  });
  return [
    `${mark(section)} ${bold(id)}  ${dim(date)}`.trimEnd(),
    `${INDENT}${subject}`,
    ...linesOf(why && wrapped(why, columns - 2).join("\n")).map((line) => INDENT + dim(line)),
    ...linesOf(scenario).map((line) => INDENT + INDENT + line),
    ...told,
  ].join("\n");
}

function linesOf(text: string | undefined): readonly string[] {
  return text === undefined ? [] : text.split("\n");
}

/** Where no dated change stands behind a difference, the model's switches tell. */
function switchesText({ from, to, changes, switches }: ReleaseDiff): readonly string[] {
  if ((from.released && to.released) || switches.length === 0) return [];
  const rows = switches.map(
    ({ name, from: was, to: is }) => `${INDENT}${name}: ${valueText(was)} -> ${valueText(is)}`,
  );
  const but = changes.length === 0 ? "" : "also ";
  return ["", `The proposal ${but}differs in`, ...rows];
}

export function valueText(value: unknown): string {
  return Array.isArray(value) ? value.join(" ") : String(value);
}
