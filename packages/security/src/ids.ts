/**
 * User and group ids inside the kernel: unsigned 32-bit numbers of the initial user namespace.
 *
 * Linux: include/linux/uidgid.h, include/linux/highuid.h
 */

/** Root's id, and that of its group. */
export const ROOT_ID = 0;

/** What no user and no group has: as an argument it means "leave as it is" or is invalid. */
export const INVALID_ID = 0xffff_ffff;

/** What an id without a name in the reader's namespace is shown as. */
export const OVERFLOW_ID = 65_534;

/**
 * Stands for an id that nobody stated. Every negative number does; two equal ones in one set of
 * credentials stand for the same id, whatever it is.
 */
export const UNKNOWN_ID = -2;

/** Whether a number stands for an unknown id. */
export function isUnknownId(id: number): boolean {
  return id < 0;
}

/** An argument register as an id: the low 32 bits, unsigned. */
export function idArgument(register: number): number {
  return register >>> 0;
}

/** Throws a RangeError for a number that cannot be a known id. */
export function requireId(id: number, what: string): number {
  if (Number.isInteger(id) && id >= 0 && id < INVALID_ID) return id;
  throw new RangeError(`${what} must be a whole number from 0 to 4294967294, not ${String(id)}`);
}
