import {
  adviceSpans,
  shortText,
  type AdviceCell,
  type AdviceRow,
  type AdviceSpan,
} from "@kadvise/conformance/table";
import { checkedMark, checkedNotes, noneNotes } from "./checkedNotes.ts";
import { cell, type Grid } from "./grid.ts";
import { ReasonNotes } from "./reasonNotes.ts";
import { releaseRange } from "./releaseRange.ts";
import { toneOf } from "./tableMarks.ts";

/** One piece of advice: what each release says of it, and why. */
export function tableHistory(rows: readonly AdviceRow[], title: string): Grid {
  const spans = adviceSpans(rows);
  const reasons = new ReasonNotes();
  return {
    title,
    heads: ["kernel", ...rows.map(({ call }) => call)],
    fixed: 1,
    rows: spans.map((span) => [
      cell(`${spanText(span)} ${checkedMark(span)}`.trimEnd()),
      ...span.cells.map((one) => cell(answerText(one, reasons), toneOf(one))),
    ]),
    notes: [...reasons.all, ...noneNotes(spans), ...checkedNotes(spans)],
  };
}

function spanText({ from, to, cells }: AdviceSpan): string {
  const [first] = cells;
  return first?.kernel.usual.released === false
    ? `${from} (never released)`
    : releaseRange(from, to);
}

/** An answer with the number of its reason behind it. */
function answerText(answer: AdviceCell, reasons: ReasonNotes): string {
  const mark = reasons.markOf(answer);
  return mark === "" ? shortText(answer) : `${shortText(answer)} ${mark}`;
}
