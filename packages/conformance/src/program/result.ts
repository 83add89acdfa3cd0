import type { Refusal } from "@kadvise/uapi";

/**
 * How far an operation came.
 *
 * - `done`: it returned; `value` says what.
 * - `faulted`: a load, store or touch stopped at a signal; `value` says how far it came.
 * - `absent`: its actor was not there any more, or never.
 * - `died`: its actor ended in it.
 * - `hung`: it did not return in time (the model: it would sleep).
 * - `unmodelled`: the model has no such call, or no such file.
 */
export type OperationState =
  "not-reached" | "done" | "faulted" | "absent" | "died" | "hung" | "unmodelled";

/** What came of one operation. */
export interface OperationResult {
  readonly state: OperationState;
  /** The return register, signed; a refusal is its negative errno. */
  readonly value: bigint;
  /** The signal of a fault or a death. */
  readonly signal?: number;
  /** si_code and si_addr of a fault. */
  readonly code?: number;
  readonly address?: bigint;
  /** What was read. */
  readonly payload?: Uint8Array;
  /** How long a timed call took. */
  readonly nanoseconds?: number;
  /** Why the model refused, or went no further. */
  readonly refusal?: Refusal;
}

/** What came of a program. */
export interface ProgramResult {
  /** `hung`: an operation did not return; `crashed`: the kernel went down with it. */
  readonly end: "complete" | "hung" | "crashed";
  readonly operations: readonly OperationResult[];
  /** The process number of each actor, 0 for those that never were. */
  readonly pids: readonly number[];
  /** What the machine said on its console meanwhile, where it crashed. */
  readonly console?: string;
}

/** The result of an operation that was not reached. */
export const NOT_REACHED: OperationResult = Object.freeze({ state: "not-reached", value: 0n });
