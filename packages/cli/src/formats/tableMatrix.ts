import {
  ADVICE_CALLS,
  adviceSpans,
  type AdviceRow,
  type AdviceSpan,
} from "@kadvise/conformance/table";
import { numberOf, type Architecture } from "../adviceOption.ts";
import { checkedMark, checkedNotes, noneNotes } from "./checkedNotes.ts";
import { cell, type Grid, type GridCell } from "./grid.ts";
import { ReasonNotes } from "./reasonNotes.ts";
import { releaseRange } from "./releaseRange.ts";
import { adviceText, markOf, toneOf } from "./tableMarks.ts";

/**
 * The releases that were named, each with every piece of advice. One grid for each call where there
 * are several kernels, else one grid with the calls beside each other.
 */
export function tableMatrix(
  rows: readonly AdviceRow[],
  architecture: Architecture,
  title: string,
): readonly Grid[] {
  const calls = ADVICE_CALLS.filter((call) => rows.some((row) => row.call === call));
  const advice = [...new Set(rows.map((row) => row.advice))];
  const linesOf = (some: readonly string[]): readonly (readonly AdviceRow[])[] =>
    advice.map((one) => rows.filter((row) => row.advice === one && some.includes(row.call)));
  const all = adviceSpans(rows);
  if (all.length === 1) {
    const mark = checkedMark(all[0]);
    const heading = `${title}, ${releaseRange(all[0].from, all[0].to)} ${mark}`.trimEnd();
    return [matrix(linesOf(calls), { architecture, title: heading, heads: calls, spans: all })];
  }
  return calls.map((call) => {
    const own = rows.filter((row) => row.call === call);
    const spans = adviceSpans(own);
    const heads = spans.map((span) =>
      `${releaseRange(span.from, span.to)} ${checkedMark(span)}`.trimEnd(),
    );
    // The first kernel of each span stands for it.
    const firsts = spans.map(({ from }) =>
      own[0].cells.findIndex(({ kernel }) => kernel.from === from),
    );
    const lines = own.map((row) => firsts.map((i) => ({ ...row, cells: [row.cells[i]] })));
    return matrix(lines, { architecture, title: `${title}, ${call}`, heads, spans });
  });
}

interface MatrixOptions {
  readonly architecture: Architecture;
  readonly title: string;
  readonly heads: readonly string[];
  readonly spans: readonly AdviceSpan[];
}

/** Each line holds one row with one cell for each head. */
function matrix(
  lines: readonly (readonly AdviceRow[])[],
  { architecture, title, heads, spans }: MatrixOptions,
): Grid {
  const reasons = new ReasonNotes();
  const capabilities = new Set<string>();
  const shown = (row: AdviceRow): GridCell => {
    const [one] = row.cells;
    const { answer, needs = [] } = one;
    for (const name of needs) capabilities.add(name);
    const words = [answer, needs.map(markOf).join(""), reasons.markOf(one)];
    return cell(words.filter(Boolean).join(" "), toneOf(one));
  };
  const body = lines.map((line) => [
    cell(adviceText(line[0])),
    cell(String(numberOf(line[0].advice, architecture)).padStart(4)),
    ...line.map(shown),
  ]);
  return {
    title,
    heads: ["advice", "", ...heads],
    fixed: 2,
    rows: body,
    notes: [
      ...[...capabilities].map((name) => [markOf(name), `needs ${name}`] as const),
      ...reasons.all,
      ...noneNotes(spans),
      ...checkedNotes(spans),
    ],
  };
}
