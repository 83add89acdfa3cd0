import type { Task } from "./task.ts";

/**
 * Whether a range of bytes lies in the user half, as the release's entry code asks it of a pointer.
 * The length is given in whole pages and a rest, so that absurd ones stay exact.
 *
 * Linux: arch/x86/include/asm/uaccess_64.h access_ok. 6.4 to 6.11 look at the sign bit alone,
 * 6.12.0 stops one byte short of the limit. It is always the caller's limit, also where the range
 * is another process'. A structure that stands for a pointer is the caller's own memory.
 */
export function accessOk(
  task: Task,
  page: number,
  offset: number,
  wholePages: number,
  restBytes: number,
): boolean {
  if (task.memory.isLaidOver?.(page) === true) return true;
  const { pageBytes, pageShift } = task.machine.memory;
  const sum = offset + restBytes;
  const endPage = page + wholePages + (sum >= pageBytes ? 1 : 0);
  const { limit } = task.space.layout;
  switch (task.machine.profile.vector.addressLimit) {
    case "sign-bit":
      return endPage < 2 ** (63 - pageShift);
    case "limit-minus-one":
      return endPage < limit;
    case "limit":
      return endPage < limit || (endPage === limit && (sum & (pageBytes - 1)) === 0);
  }
}
