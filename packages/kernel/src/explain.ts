import type { ComparedValue, ReasonEntry } from "@kadvise/uapi";
import type { Kernel } from "./kernel.ts";
import { REASONS } from "./reasons.ts";

/** One rung of the ladder. */
export interface ExplainedCheck {
  readonly id: string;
  readonly outcome: "passed" | "refused";
  readonly text: string;
  readonly compared: Readonly<Record<string, ComparedValue>>;
  /** Where Linux decides it, and since when; absent for a policy of the user's own. */
  readonly linux?: string;
  readonly since?: string;
  /** What would turn a refusal. */
  readonly remedy?: string;
}

/**
 * What an action would answer, and every check on the way, in Linux' order. Nothing has changed.
 */
export interface Explanation<T> {
  readonly value: T;
  readonly checks: readonly ExplainedCheck[];
}

/** Runs an action while listening, and takes it back. */
export function explain<T>(kernel: Kernel, action: () => T): Explanation<T> {
  const { value, checks } = kernel.attempt(() => kernel.ports.checks.collect(action));
  return {
    value,
    checks: checks.map(({ id, passed, compared }) => {
      const entry: ReasonEntry | undefined = REASONS[id];
      return {
        id,
        outcome: passed ? "passed" : "refused",
        text:
          (passed ? entry?.passes : entry?.text) ?? (passed ? "no objection" : "a policy objected"),
        compared,
        ...(entry === undefined
          ? {}
          : { linux: entry.linux, since: entry.since, remedy: entry.remedy }),
      };
    }),
  };
}
