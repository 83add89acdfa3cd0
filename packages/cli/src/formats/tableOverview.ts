import {
  ADVICE_CALLS,
  settingsNeeded,
  type AdviceCall,
  type AdviceCell,
  type AdviceRow,
} from "@kadvise/conformance/table";
import { ASKED } from "@kadvise/releases";
import { numberOf, type Architecture } from "../adviceOption.ts";
import { cell, type Grid, type GridCell } from "./grid.ts";
import { NOT_CHECKED, realKernels } from "./checkedNotes.ts";
import { adviceText, markOf, rangesWhere } from "./tableMarks.ts";

/** Advice by advice: the releases that take it. The rows are those of one architecture. */
export function tableOverview(
  rows: readonly AdviceRow[],
  architecture: Architecture,
  title: string,
): Grid {
  const calls = ADVICE_CALLS.filter((call) => rows.some((row) => row.call === call));
  const advice = [...new Set(rows.map((row) => row.advice))];
  const lines = advice.map((one) => rows.filter((row) => row.advice === one));
  const released = lines.map((line) => line.map(withoutSeeds));
  const settings = released.map(settingsOf);
  const shared = settings.reduce((a, b) => a.filter((name) => b.includes(name)));
  return {
    title,
    heads: ["advice", "", ...calls, "seed", "config"],
    fixed: 2,
    rows: released.map((line, i) => [
      cell(adviceText(line[0])),
      cell(String(numberOf(line[0].advice, architecture)).padStart(4)),
      ...calls.map((call) => worksCell(line.find((row) => row.call === call))),
      cell(seedText(lines[i])),
      cell(settings[i].filter((name) => !shared.includes(name)).join(" ")),
    ]),
    notes: [
      ["madvise", "to oneself by madvise(2); the others by process_madvise(2):"],
      ["self", "to oneself"],
      ["remote", "to another process of the same user"],
      ...capabilityNotes(released.flat()),
      ["seed", "the proposal of May 2020, never released"],
      [
        "config",
        `needs this setting${shared.length === 0 ? "" : `; all need ${shared.join(" ")}`}`,
      ],
      ["", `${checkedText(rows)} In full, with the reasons: kadvise table MADV_COLD`],
    ],
  };
}

function checkedText(rows: readonly AdviceRow[]): string {
  const cells = rows.flatMap((row) => row.cells);
  const asked = ASKED.filter((name) => cells.some(({ kernel }) => kernel.asked.includes(name)));
  if (asked.length === 0) return `It is ${NOT_CHECKED} of this architecture.`;
  return `Checked on the real kernels ${realKernels(asked)}; where others differ it is ${NOT_CHECKED}.`;
}

function withoutSeeds(row: AdviceRow): AdviceRow {
  return { ...row, cells: row.cells.filter(({ kernel }) => kernel.usual.released) };
}

function isTaken({ answer }: AdviceCell): boolean {
  return answer === "ok";
}

function worksCell(row: AdviceRow | undefined): GridCell {
  if (row === undefined) return cell("");
  const taken = rangesWhere(row, isTaken);
  const open = rangesWhere(row, ({ answer }) => answer === "?");
  const marks = new Set(row.cells.flatMap(({ needs = [] }) => needs.map(markOf)));
  const text = [taken, open === "" ? "" : `${open}?`].filter(Boolean).join(", ");
  if (text === "") return cell("never", "bad");
  return cell(marks.size === 0 ? text : `${text} ${[...marks].join("")}`, open ? "open" : "good");
}

/** `self`, `self, remote`: the calls by which the seed takes it. */
function seedText(line: readonly AdviceRow[]): string {
  return line
    .filter(({ call }) => call !== "madvise")
    .filter(({ cells }) => cells.some((one) => one.kernel.from === "seed" && isTaken(one)))
    .map(({ call }) => call)
    .join(", ");
}

/** What the newest kernel of each row needs. */
function settingsOf(line: readonly AdviceRow[]): readonly string[] {
  const names = line.flatMap((row) => {
    const newest = row.cells.findLast(isTaken);
    return newest === undefined ? [] : settingsNeeded(newest.kernel.usual, row);
  });
  return [...new Set(names)];
}

/** Which releases ask for a capability, in which call. */
function capabilityNotes(rows: readonly AdviceRow[]): Grid["notes"] {
  const names = new Set(rows.flatMap((row) => row.cells.flatMap(({ needs = [] }) => needs)));
  return [...names].map((name) => {
    const where = ADVICE_CALLS.flatMap((call) => {
      const ranges = rangesOf(rows, call, name);
      return ranges === "" ? [] : [`${call} ${ranges}`];
    });
    return [markOf(name), `needs ${name}: ${where.join("; ")}`];
  });
}

/** Rows that are refused altogether say nothing of who may. */
function rangesOf(rows: readonly AdviceRow[], call: AdviceCall, name: string): string {
  const asking = rows.filter((row) => row.call === call);
  const [first] = asking;
  if (first === undefined) return "";
  const needs = first.cells.map((_, i) =>
    asking.some((row) => row.cells[i].needs?.some((one) => one === name) === true),
  );
  return rangesWhere(first, (one) => needs[first.cells.indexOf(one)]);
}
