import { adviceGiven } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/** INT_MAX rounded down to a page. Linux: include/linux/fs.h */
const MAX_RW_COUNT = 0x7fff_f000;

/**
 * A vector is cut to MAX_RW_COUNT: what lies behind is not advised, and nothing says so but the
 * count.
 *
 * Linux: lib/iov_iter.c __import_iovec
 */
export const CAPPED_COUNT: LintRule = {
  id: "vector/capped",
  summary: "A vector longer than 2 GiB was cut: the rest was not advised.",
  calls: ["process_madvise"],
  check(call) {
    if (call.result.value === undefined || Number(call.result.value) !== MAX_RW_COUNT)
      return undefined;
    const asked = adviceGiven(call)?.ranges?.reduce((sum, { length }) => sum + length, 0n);
    if (asked !== undefined && asked <= BigInt(MAX_RW_COUNT)) return undefined;
    const rest = asked === undefined ? "" : `, ${asked - BigInt(MAX_RW_COUNT)} bytes are left`;
    return (
      `${MAX_RW_COUNT} is the most that one call takes (2 GiB less a page)${rest}: go on with ` +
      "another call behind it"
    );
  },
};
