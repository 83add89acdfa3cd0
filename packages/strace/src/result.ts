import type { Value } from "./value.ts";

/** What a call returned, as strace prints it behind the equals sign. */
export interface CallResult {
  /** The return value; missing for `?`. */
  readonly value?: number | bigint;
  /** How the value was written, where that was not decimal: 16 for an address, 8 for a mask. */
  readonly base?: 8 | 16;
  /** `?`: the call did not return, or strace does not know what it returned. */
  readonly unknown: boolean;
  /** `EPERM`, `ERESTARTSYS`; `errno 4000` for a number without a name. */
  readonly error?: string;
  /** What stands in parentheses behind the error: `Operation not permitted`. */
  readonly message?: string;
  /** What stands in parentheses behind another result: `Timeout`, `flags O_RDWR`, `in [3]`. */
  readonly note?: string;
  /** What the number stands for: `pid:1` of `3<pid:1>`. */
  readonly target?: string;
  readonly isTargetDeleted?: true;
  /** Whether strace itself made the result, or changed the arguments (`-e inject`). */
  readonly injected: boolean;
  /** What it says it injected, where it says so: `args`, or `args, retval`. */
  readonly injection?: string;
  readonly delayed: boolean;
  /** The inside of a comment behind the result. */
  readonly comment?: string;
  /**
   * What a scenario expects where it is more than a number: `$heap + 4096`. Never set from a log.
   */
  readonly expression?: Value;
}
