import { expect, test } from "vitest";
import { found, lintText } from "../testing/lintText.ts";

const range = (base: string, length: string): string => `{iov_base=${base}, iov_len=${length}}`;
const advise = (ranges: readonly string[], result: string): string =>
  `10 process_madvise(3, [${ranges.join(", ")}], ${ranges.length}, MADV_COLD, 0) = ${result}`;

const USER = range("0x7f0000000000", "4096");
const VSYSCALL = range("0xffffffffff600000", "4096");
const EFAULT = "-1 EFAULT (Bad address)";

test("vsyscall among the ranges fails the whole vector", () => {
  const [{ rule, text }] = lintText(advise([USER, VSYSCALL], EFAULT));
  expect(rule).toBe("vector/kernel-address");
  expect(text).toContain("range 2 of 2 begins at 0xffffffffff600000");
});

test("EFAULT without an address of the kernel has another cause", () => {
  expect(found(advise([USER], EFAULT))).toEqual([]);
  expect(found(advise([VSYSCALL], "-1 EPERM (Operation not permitted)"))).toEqual([]);
});

// Linux: MAX_RW_COUNT is INT_MAX & PAGE_MASK
test("a count that ends in …552 was cut", () => {
  const [{ rule, text }] = lintText(advise([range("0x7f0000000000", "3221225472")], "2147479552"));
  expect(rule).toBe("vector/capped");
  expect(text).toContain("1073745920 bytes are left");
});

test("a vector of just that length was not cut", () => {
  expect(found(advise([range("0x7f0000000000", "2147479552")], "2147479552"))).toEqual([]);
});

test("where the log leaves ranges out, the count alone tells", () => {
  const log = `10 process_madvise(3, [${USER}, ...], 500, MADV_COLD, 0) = 2147479552`;
  expect(found(log)).toEqual(["1 vector/capped"]);
});

test.each([
  ["10 pidfd_open(11, 0) = 0", ["1 pidfd/standard-descriptor"]],
  ["10 pidfd_open(11, 0) = 2", ["1 pidfd/standard-descriptor"]],
  ["10 pidfd_getfd(5, 7, 0) = 1", ["1 pidfd/standard-descriptor"]],
  ["10 pidfd_open(11, 0) = 3", []],
  ["10 pidfd_open(11, 0) = -1 ESRCH (No such process)", []],
])("%s: a pidfd in place of a standard stream", (log, expected) => {
  expect(found(log)).toEqual(expected);
});
