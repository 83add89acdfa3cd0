import type { CallEvent } from "@kadvise/strace";
import type { Branch } from "./branch.ts";
import type { PreparedCall } from "./preparedCall.ts";

/** A call of another thread that takes effect before the one under judgement returns. */
export interface EarlyStep {
  readonly pid: number;
  readonly event: CallEvent;
  /** Absent where the model does not cover the call: what the log says of it is taken as true. */
  readonly prepared: PreparedCall | undefined;
  /** Which way the call went; absent where it is taken as true. */
  readonly branch: Branch | undefined;
  /** Every way in which it could have gone there. */
  readonly ways: readonly Way[];
}

/** One way in which everything may have gone up to a call's return, in one world. */
export interface Way extends Branch {
  /** Calls of other threads that came first, in order. */
  readonly before: readonly EarlyStep[];
  /** The journal's mark, where the call was run for good and can still be taken back. */
  readonly mark: number | undefined;
}

/** Written out, field by field: there is one for each call of a log. */
export function wayOf(
  branch: Branch,
  before: readonly EarlyStep[],
  mark: number | undefined = undefined,
): Way {
  const { world, script, outcome, unknown, kind, openNumbers, openFacts, matches } = branch;
  return {
    world,
    script,
    outcome,
    unknown,
    kind,
    openNumbers,
    openFacts,
    matches,
    before,
    mark,
  };
}

/** Ways in all worlds, and those that were open before the call's own result spoke against them. */
export function both(ways: readonly Way[], open: readonly Way[]): readonly Way[] {
  return open.length === 0 ? ways : [...ways, ...open];
}
