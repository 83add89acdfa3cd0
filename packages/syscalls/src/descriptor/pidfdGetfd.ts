import type { Thread } from "@kadvise/pidfd";
import { Reasons, type Refusal } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { openPidfd } from "../process/pidfdSendSignal.ts";
import { ptraceMayAccess } from "../ptraceAccess.ts";
import { parameter } from "../signature.ts";
import type { OpenEntry, Task } from "../task.ts";

const entries = {
  "pidfd_getfd/flags": {
    errno: "EINVAL",
    text: "flags must be 0: none is defined",
    passes: "the flags are 0",
    linux: "kernel/pid.c pidfd_getfd",
    since: "5.6",
    remedy: "pass 0: there are no flags",
    compares: ["flags"],
  },
  "pidfd_getfd/no-process": {
    errno: "ESRCH",
    text: "the process is gone and was waited for",
    passes: "the process has not been waited for",
    linux: "kernel/pid.c pidfd_getfd",
    since: "5.6",
    remedy: "name a living process",
    compares: ["pid"],
  },
  "pidfd_getfd/denied": {
    errno: "EPERM",
    text: "the caller may not attach to the process",
    passes: "the caller may attach to the process",
    linux: "kernel/pid.c __pidfd_fget",
    since: "5.6",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["pid"],
  },
  "pidfd_getfd/closed": {
    errno: "EBADF",
    text: "the process has no open file with this number",
    passes: "the process has an open file with this number",
    linux: "kernel/pid.c __pidfd_fget",
    since: "5.6",
    remedy: "name a descriptor that is open there",
    compares: ["fd"],
  },
  "pidfd_getfd/exiting": {
    errno: "ESRCH",
    text: "the process has exited and given its descriptors up",
    passes: "the process still has descriptors",
    linux: "kernel/pid.c __pidfd_fget",
    since: "6.9",
    remedy: "name a living process; older kernels answer EBADF",
    compares: ["pid"],
  },
} as const;

/** pidfd_getfd's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * pidfd_getfd(2): a copy of another process' descriptor, close-on-exec. Since 5.6.
 *
 * Asks whether the caller may *attach* (PTRACE_MODE_ATTACH_REALCREDS): Yama has its say, and every
 * refusal of the check becomes EPERM. Sharing the memory is no shortcut here. Linux: kernel/pid.c
 * pidfd_getfd, __pidfd_fget
 */
export const pidfdGetfd: SystemCall = {
  name: "pidfd_getfd",
  parameters: [parameter("pidfd", "fd"), parameter("targetfd", "fd"), parameter("flags", "uint")],
  returns: "fd",
  run(task, registers) {
    const { checks } = task.machine.ports;
    const flags = registers.low(2);
    if (flags !== 0) return reasons.refuse(checks, "pidfd_getfd/flags", flags);
    reasons.passed(checks, "pidfd_getfd/flags", flags);
    const pidfd = openPidfd(task, registers.int(0));
    if ("ok" in pidfd) return pidfd;
    const { thread, number } = pidfd.pid;
    if (thread === undefined) return reasons.refuse(checks, "pidfd_getfd/no-process", number);
    reasons.passed(checks, "pidfd_getfd/no-process", number);
    const access = ptraceMayAccess(task, thread, "PTRACE_MODE_ATTACH_REALCREDS");
    if (!access.ok) return reasons.refuseBecause(checks, "pidfd_getfd/denied", access, number);
    reasons.passed(checks, "pidfd_getfd/denied", number);
    const file = fileOf(task, thread, registers.int(1));
    if ("ok" in file) return file;
    return task.files.open(file, true, task.limits.soft("RLIMIT_NOFILE"));
  },
};

/** A task that exited has no descriptors, whatever its process has. */
function fileOf(task: Task, thread: Thread<Task>, fd: number): OpenEntry | Refusal {
  const { machine } = task;
  const { checks } = machine.ports;
  const { number } = thread.pid;
  askWhetherEnding(task, thread);
  const file = thread.alive ? thread.payload.files.get(fd)?.file : undefined;
  if (file !== undefined) {
    reasons.passed(checks, "pidfd_getfd/closed", fd);
    return file;
  }
  const tellsExit = !thread.alive && machine.profile.pidfd.getfdExiting === "ESRCH";
  return tellsExit
    ? reasons.refuse(checks, "pidfd_getfd/exiting", number)
    : reasons.refuse(checks, "pidfd_getfd/closed", fd);
}

/** Whoever was seen to begin its end may have given its descriptors up at any moment since. */
function askWhetherEnding({ machine }: Task, { pid, group, exiting }: Thread<Task>): void {
  if (!machine.recorded || !(exiting || group.dying || group.isUnwatched)) return;
  machine.ports.choices.choose<never>({
    id: "pidfd_getfd/ending",
    usual: undefined as never,
    allows: () => false,
    describe: () => `whether process ${pid.number}, which is about to end, has descriptors`,
  });
}
