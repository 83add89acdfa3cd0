import { adviceGiven } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/**
 * A success without a range says that the call is there and who may make it. It does not say that
 * the advice is known: 6.13 to 7.1 take any number for oneself, and no release looks at memory.
 *
 * Linux: mm/madvise.c process_madvise
 */
export const NO_RANGES: LintRule = {
  id: "probe/no-ranges",
  summary: "A probe without a range to advise proves nothing about the advice.",
  calls: ["process_madvise"],
  check(call) {
    const given = adviceGiven(call);
    if (given === undefined || call.result.value === undefined || call.result.error !== undefined)
      return undefined;
    const isEmpty = given.vlen === 0;
    const isNothing = given.ranges?.every(({ length }) => length === 0n) === true;
    if (!isEmpty && !isNothing) return undefined;
    const what = isEmpty ? "an empty vector advises" : "ranges that are all empty advise";
    return (
      `${what} nothing: success proves that the call and the access are there, not that ` +
      "the advice is known or that memory takes it"
    );
  },
};
