import { numberOf } from "../adviceGiven.ts";
import type { LintRule } from "../rule.ts";

/**
 * A pidfd that a process opened for itself names that process also in its children.
 *
 * Linux: kernel/fork.c copy_files copies descriptors, and the pid behind a pidfd stays.
 */
export const INHERITED_PIDFD: LintRule = {
  id: "pidfd/inherited",
  summary: "A pidfd that its opener made for itself is used after fork, and names the parent.",
  calls: ["process_madvise", "pidfd_send_signal", "pidfd_getfd", "process_mrelease"],
  check(call, history) {
    const number = numberOf(call.args[0]?.value);
    if (number === undefined) return undefined;
    const descriptor = Number(number);
    const pidfd = history.pidfdOf(call, descriptor);
    const caller = history.callerOf(call);
    if (pidfd === undefined || pidfd.openedBy === caller) return undefined;
    if (pidfd.openedBy.number !== pidfd.names || caller.number === pidfd.names) return undefined;
    // Two processes in one memory: either name means it.
    const isMemory = call.name === "process_madvise" || call.name === "process_mrelease";
    if (isMemory && history.sharesMemoryWith(call, pidfd.names) === true) return undefined;
    const who = caller.number === undefined ? "this process" : `process ${caller.number}`;
    return (
      `descriptor ${descriptor} was opened by process ${pidfd.names} for itself, before fork: ` +
      `it still names ${pidfd.names}, not ${who}; from 6.15 on PIDFD_SELF names whoever calls`
    );
  },
};
