import type { ErrnoName } from "./errno.ts";

/**
 * A value that a rule compared: plain and JSON-safe. Addresses and other 64-bit values are hex
 * strings.
 */
export type ComparedValue = number | string | boolean | null;

/**
 * Why a call was refused: a stable id, one sentence, and the values that the rule looked at, by
 * name.
 */
export interface Reason {
  readonly id: string;
  readonly text: string;
  readonly compared: Readonly<Record<string, ComparedValue>>;
}

/**
 * A failure of the modelled world: a frozen, JSON-safe value, never an exception.
 *
 * `errno` is positive, as in Linux' own tables. `because` is the refusal of the floor below that
 * this one stands on: process_madvise's EACCES stands on the ptrace access check's EPERM.
 */
export interface Refusal {
  readonly ok: false;
  readonly code: ErrnoName;
  readonly errno: number;
  readonly reason: Reason;
  readonly because?: Refusal;
}

/** A modelled success. */
export interface Success<T> {
  readonly ok: true;
  readonly value: T;
  /** Why a call that succeeded in part went no further: process_madvise's short count. */
  readonly stopped?: Refusal;
}

/** What every modelled call returns. */
export type Result<T> = Success<T> | Refusal;

/**
 * The success without a value; one shared frozen object, so that a plain "yes" allocates nothing.
 */
export const DONE: Success<undefined> = Object.freeze({ ok: true as const, value: undefined });

/** Wraps a value as a success. */
export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

/** What {@link must} throws: reads like Node's own system errors. */
export class KernelError extends Error {
  readonly code: ErrnoName;
  readonly errno: number;
  readonly syscall: string;
  readonly reason: Reason;

  constructor(refusal: Refusal) {
    const syscall = refusal.reason.id.split("/")[0] ?? refusal.reason.id;
    super(`${refusal.code}: ${refusal.reason.text}, ${syscall}`);
    this.name = "KernelError";
    this.code = refusal.code;
    this.errno = refusal.errno;
    this.syscall = syscall;
    this.reason = refusal.reason;
  }
}

/**
 * Returns the value of a success and throws a {@link KernelError} for a refusal: for callers who
 * want exceptions.
 *
 * @example
 * must({ ok: true, value: 4096 }); // 4096
 */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new KernelError(result);
}
