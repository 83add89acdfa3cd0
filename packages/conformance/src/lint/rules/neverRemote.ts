import { ADVICE_TABLE } from "@kadvise/releases";
import { adviceName } from "@kadvise/uapi";
import { adviceGiven } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/** Advice that some release takes for another process, as the table has it. */
const TAKEN: ReadonlySet<string> = new Set(
  ADVICE_TABLE.filter(({ call, kernels }) => {
    const released = kernels.filter(({ from }) => from !== "seed");
    return (
      call === "remote" && released.some(({ answer }) => answer !== "EINVAL" && answer !== "ENOSYS")
    );
  }).map(({ advice }) => advice),
);

/** What another process can do with memory that it wants gone or filled. */
const INSTEAD: { readonly [advice: string]: string } = {
  MADV_DONTNEED: "MADV_PAGEOUT reclaims without losing data",
  MADV_FREE: "MADV_COLD or MADV_PAGEOUT reclaims without losing data",
  MADV_POPULATE_READ: "MADV_WILLNEED brings pages back from 5.15 on",
  MADV_POPULATE_WRITE: "only the process itself can",
};

/**
 * No release takes destructive or faulting advice for another process.
 *
 * Linux: mm/madvise.c process_madvise_remote_valid
 */
export const NEVER_REMOTE: LintRule = {
  id: "remote/never-allowed",
  summary: "No release takes this advice for another process.",
  calls: ["process_madvise"],
  check(call, history) {
    const given = adviceGiven(call);
    const name = given === undefined ? undefined : adviceName(given.advice);
    if (given?.pidfd === undefined || name === undefined || TAKEN.has(name)) return undefined;
    const pidfd = history.pidfdOf(call, given.pidfd);
    if (pidfd === undefined || history.sharesMemoryWith(call, pidfd.names) !== false)
      return undefined;
    const instead = INSTEAD[name];
    const hint = instead === undefined ? "" : `; ${instead}`;
    return `no release takes ${name} for another process (${pidfd.names}): EINVAL${hint}`;
  },
};
