import type { Task } from "./task.ts";

/**
 * Whether a range of bytes lies in the user half, as the release's entry code asks it of a pointer.
 * The length is given in whole pages and a rest, so that absurd ones stay exact.
 *
 * Linux: arch/x86/include/asm/uaccess_64.h access_ok. 6.4 to 6.11 look at the sign bit alone,
 * 6.12.0 stops one byte short of the limit; arm64 (arch/arm64/include/asm/uaccess.h) never did
 * either. It is always the caller's limit, also where the range
 * is another process'. A structure that stands for a pointer is the caller's own memory.
 */
export function accessOk(
  task: Task,
  page: number,
  offset: number,
  wholePages: number,
  restBytes: number,
): boolean {
  return liesBelow(userLimit(task), task, page, offset, wholePages, restBytes);
}

/** Where a caller's user half ends for the release's entry code. */
export interface UserLimit {
  readonly page: number;
  /** Whether a range may end exactly there. */
  readonly mayEndThere: boolean;
}

/** The limit of a caller, for who compares many ranges with it. */
export function userLimit(task: Task): UserLimit {
  const { limit } = task.space.layout;
  const { profile, memory } = task.machine;
  const isArm = memory.settings.values.userBits === ARM_BITS;
  switch (isArm ? "limit" : profile.vector.addressLimit) {
    case "sign-bit":
      return { page: 2 ** (63 - task.machine.memory.pageShift), mayEndThere: false };
    case "limit-minus-one":
      return { page: limit, mayEndThere: false };
    case "limit":
      return { page: limit, mayEndThere: true };
  }
}

/** A user half of 48 bits is arm64's. */
const ARM_BITS = 48;

/** {@link accessOk}, where the limit is at hand. */
export function liesBelow(
  limit: UserLimit,
  task: Task,
  page: number,
  offset: number,
  wholePages: number,
  restBytes: number,
): boolean {
  const { pageBytes } = task.machine.memory;
  const sum = offset + restBytes;
  const endPage = page + wholePages + (sum >= pageBytes ? 1 : 0);
  return (
    endPage < limit.page ||
    (limit.mayEndThere && endPage === limit.page && (sum & (pageBytes - 1)) === 0) ||
    task.memory.isLaidOver?.(page) === true
  );
}
