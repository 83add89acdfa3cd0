import type { Value } from "@kadvise/strace";

/** What the log says that a call did. */
export interface Observed {
  /** The return value; absent for an error, or for a call that did not return. */
  readonly value?: number | bigint;
  readonly error?: string;
  /** The log does not tell whether the call returned, and what: everything is possible. */
  readonly isUntold?: true;
  /** What the log shows in place of each parameter that the call writes to. */
  readonly shown: readonly (Value | undefined)[];
  /** The names of those parameters, by position. */
  readonly outputs: readonly string[];
  /** The descriptor that clone or clone3 made for CLONE_PIDFD. */
  readonly pidfd?: number;
}
