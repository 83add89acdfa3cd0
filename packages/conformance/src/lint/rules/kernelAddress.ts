import { adviceGiven } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/** The first address of the upper half, where [vsyscall] lies. */
const UPPER_HALF = 1n << 63n;

/**
 * One range in the kernel's half makes the import of the whole vector fail: `[vsyscall]`, taken
 * from /proc/PID/maps with the rest.
 *
 * Linux: lib/iov_iter.c __import_iovec, access_ok
 */
export const KERNEL_ADDRESS: LintRule = {
  id: "vector/kernel-address",
  summary: "One range with an address of the kernel fails the whole vector.",
  calls: ["process_madvise"],
  check(call) {
    if (call.result.error !== "EFAULT") return undefined;
    const ranges = adviceGiven(call)?.ranges ?? [];
    const found = ranges.findIndex(({ base }) => BigInt.asUintN(64, base) >= UPPER_HALF);
    const range = ranges[found];
    if (range === undefined) return undefined;
    const base = `0x${BigInt.asUintN(64, range.base).toString(16)}`;
    return (
      `range ${found + 1} of ${ranges.length} begins at ${base}, an address of the kernel ` +
      "([vsyscall] of /proc/PID/maps lies there): it fails the whole vector; leave it out"
    );
  },
};
