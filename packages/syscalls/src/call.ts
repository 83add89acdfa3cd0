import type { Result } from "@kadvise/uapi";
import type { Registers } from "./registers.ts";
import type { Parameter } from "./signature.ts";
import type { Task } from "./task.ts";

/** What a system call answers: a number for the return register, or a refusal. */
export type Outcome = Result<number>;

/**
 * One system call: its name, its parameters as data, and its body.
 *
 * The body reads registers and the caller's memory, whichever door it was entered by. From
 * registers they are the caller's own; a decoded call (from a log, a scenario, the typed interface)
 * fills the registers and lays its structures over the memory.
 */
export interface SystemCall {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** What the return value is: how it is printed and compared. */
  readonly returns?: "number" | "address" | "fd" | "pid" | "nothing";
  run(task: Task, registers: Registers): Outcome;
}

/** What a call that never returns answers: exit, exit_group. */
export const NEVER_RETURNS: Outcome = Object.freeze({ ok: true, value: Number.NaN });

/** Whether a call never returned. */
export function neverReturns(outcome: Outcome): boolean {
  return outcome.ok && Number.isNaN(outcome.value);
}
