import { ERRNO_TEXT, isErrnoName } from "@kadvise/uapi";
import type { CallResult } from "./result.ts";

/**
 * Results for whoever writes strace text.
 */

/** `= 8192`. */
export function returned(value: number | bigint): CallResult {
  return { value, unknown: false, injected: false, delayed: false };
}

/** `= 0x7f0000001000`: the result of brk, mmap, mremap, shmat. */
export function returnedAddress(value: number | bigint): CallResult {
  return value === 0 || value === 0n ? returned(value) : { ...returned(value), base: 16 };
}

/** `= -1 EPERM (Operation not permitted)`. */
export function failed(code: string): CallResult {
  const result = { ...returned(-1), error: code };
  return isErrnoName(code) ? { ...result, message: ERRNO_TEXT[code] } : result;
}

/** `= ?`, or `= ? ERESTARTSYS (To be restarted if SA_RESTART is set)`. */
export function notReturned(code?: string): CallResult {
  const result = { unknown: true, injected: false, delayed: false };
  if (code === undefined) return result;
  return isErrnoName(code)
    ? { ...result, error: code, message: ERRNO_TEXT[code] }
    : { ...result, error: code };
}
