import type { CallEvent } from "@kadvise/strace";
import type { CallHistory } from "./callHistory.ts";

/** One thing that is suspicious in a call, whatever Linux answers. */
export interface LintRule {
  /** Stable: `advice/or-of-several`. */
  readonly id: string;
  /** What it looks for, in a sentence. */
  readonly summary: string;
  /** The calls that it looks at. */
  readonly calls: readonly string[];
  /** What is wrong, in a sentence; undefined where nothing is. `history` is what came before. */
  check(call: CallEvent, history: CallHistory): string | undefined;
}

/** What a rule found. */
export interface LintFinding {
  readonly rule: string;
  readonly text: string;
}
