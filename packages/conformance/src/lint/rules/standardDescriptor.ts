import type { LintRule } from "../rule.ts";

const NAMES = ["standard input", "standard output", "standard error"] as const;

/** A descriptor table with a hole at 0, 1 or 2 gives that number to the next pidfd. */
export const STANDARD_DESCRIPTOR: LintRule = {
  id: "pidfd/standard-descriptor",
  summary: "A pidfd got the number of a standard stream.",
  calls: ["pidfd_open", "pidfd_getfd"],
  check({ name, result }) {
    if (result.error !== undefined || result.value === undefined) return undefined;
    const stream = NAMES[Number(result.value)];
    if (stream === undefined) return undefined;
    return (
      `${name} returned ${result.value}, the number of ${stream}: others will read, write or ` +
      "close it as such; open the standard streams first, or move it with F_DUPFD_CLOEXEC"
    );
  },
};
