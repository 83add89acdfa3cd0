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
}
