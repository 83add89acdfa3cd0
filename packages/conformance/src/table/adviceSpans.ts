import type { AdviceCell, AdviceRow } from "./adviceTable.ts";

/** Neighbouring kernels that say the same in every row. */
export interface AdviceSpan {
  /** The first and the last of them, as the kernels have them: `5.10.24`, `6.12`. */
  readonly from: string;
  readonly to: string;
  /** Real kernels among them that were asked. */
  readonly asked: readonly string[];
  /** Whether none of them, some, or each is like a real kernel that was asked. */
  readonly checked: "none" | "some" | "all";
  /** What they say: one for each row. */
  readonly cells: readonly AdviceCell[];
}

/** Joins neighbouring kernels that no row tells apart. */
export function adviceSpans(rows: readonly AdviceRow[]): readonly AdviceSpan[] {
  const spans: AdviceSpan[] = [];
  for (const [i, { kernel }] of (rows[0]?.cells ?? []).entries()) {
    const cells = rows.map((row) => row.cells[i]);
    const { from, to, asked } = kernel;
    const span: AdviceSpan = { from, to, asked, checked: asked.length > 0 ? "all" : "none", cells };
    const before = spans.at(-1);
    if (before !== undefined && kernel.follows && isSame(before, span))
      spans[spans.length - 1] = joined(before, span);
    else spans.push(span);
  }
  return spans;
}

function isSame(a: AdviceSpan, b: AdviceSpan): boolean {
  return a.cells.every((cell, i) => comparable(cell) === comparable(b.cells[i]));
}

function comparable({ answer, reason, area, needs, open }: AdviceCell): string {
  return JSON.stringify([answer, reason?.id, area, needs, open]);
}

function joined(a: AdviceSpan, b: AdviceSpan): AdviceSpan {
  const checked = a.checked === b.checked ? a.checked : "some";
  return { ...a, to: b.to, asked: [...new Set([...a.asked, ...b.asked])], checked };
}
