import { REASONS } from "@kadvise/kernel";
import type { CheckReport } from "@kadvise/ports";
import type { ComparedValue, Reason, ReasonEntry, Refusal } from "@kadvise/uapi";

/** One check of a call, in Linux' order. Plain and JSON-safe. */
export interface Rung {
  readonly id: string;
  /**
   * `passed`: no objection. `refused`: why the answer is what it is. `no-help`: one way to a yes was
   * closed, and another was open or was asked for next. `not-reached`: an earlier check had spoken.
   */
  readonly outcome: "passed" | "refused" | "no-help" | "not-reached";
  readonly text: string;
  readonly compared: Readonly<Record<string, ComparedValue>>;
  /** The element of the vector that the check is about. */
  readonly range?: number;
  /** Where Linux decides it, since which release; absent for a policy of the user's own. */
  readonly linux?: string;
  readonly since?: string;
  /** What would turn a refusal. */
  readonly remedy?: string;
}

/** Describes a check that was made; `refusals` are the answer and what it stands on. */
export function rungOf(
  { id, passed, compared }: CheckReport,
  refusals: readonly Reason[],
  range?: number,
): Rung {
  const entry: ReasonEntry | undefined = REASONS[id];
  const values = JSON.stringify(compared);
  // One rule may be asked twice: of two capabilities, of two ranges.
  const refusal = refusals.find(
    (reason) => reason.id === id && JSON.stringify(reason.compared) === values,
  );
  const outcome = passed ? "passed" : refusal !== undefined ? "refused" : "no-help";
  const text = passed
    ? (entry?.passes ?? "no objection")
    : (refusal?.text ?? entry?.text ?? "a policy objected");
  return { id, outcome, text, compared, ...(range === undefined ? {} : { range }), ...of(entry) };
}

/** A check that was not made, because an earlier one had spoken. */
export function unreached(id: string): Rung {
  const entry: ReasonEntry | undefined = REASONS[id];
  const text = entry?.passes ?? entry?.text ?? "";
  return { id, outcome: "not-reached", text, compared: {}, ...of(entry) };
}

function of(entry: ReasonEntry | undefined): Pick<Rung, "linux" | "since" | "remedy"> {
  if (entry === undefined) return {};
  const { linux, since, remedy } = entry;
  return { linux, since, remedy };
}

/** The reasons of a refusal: its own, and those that it stands on. */
export function reasonsBehind(refusal: Refusal | undefined): readonly Reason[] {
  const reasons: Reason[] = [];
  for (let at = refusal; at !== undefined; at = at.because) reasons.push(at.reason);
  return reasons;
}
