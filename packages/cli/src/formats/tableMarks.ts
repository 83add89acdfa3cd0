import type { AdviceCell, AdviceRow } from "@kadvise/conformance/table";
import type { Tone } from "./grid.ts";
import { releaseRange } from "./releaseRange.ts";

const MARKS: { readonly [capability: string]: string } = {
  CAP_SYS_NICE: "N",
  CAP_SYS_ADMIN: "A",
  CAP_SYS_PTRACE: "P",
};

/** `N` for CAP_SYS_NICE. */
export function markOf(capability: string): string {
  return MARKS[capability] ?? capability;
}

/** Neighbouring kernels for which something holds, as ranges. */
export function rangesWhere(row: AdviceRow, holds: (cell: AdviceCell) => boolean): string {
  const runs: { from: string; to: string }[] = [];
  let isOpen = false;
  for (const cell of row.cells) {
    const { from, to, follows } = cell.kernel;
    const has = holds(cell);
    const last = runs.at(-1);
    if (has && isOpen && follows && last !== undefined) last.to = to;
    else if (has) runs.push({ from, to });
    isOpen = has;
  }
  return runs.map((run) => releaseRange(run.from, run.to)).join(", ");
}

/** `MADV_COLD`, or the number that was asked for. */
export function adviceText({ advice }: AdviceRow): string {
  return String(advice);
}

export function toneOf({ answer }: Pick<AdviceCell, "answer">): Tone {
  if (answer === "ok") return "good";
  return answer === "?" ? "open" : "bad";
}
