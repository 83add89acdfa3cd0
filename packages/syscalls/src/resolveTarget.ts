import { taskOf, type Thread } from "@kadvise/pidfd";
import { Reasons, type Refusal } from "@kadvise/uapi";
import type { Task } from "./task.ts";

const entries = {
  "pidfd/negative": {
    errno: "EBADF",
    text: "the number is negative and no sentinel that this kernel knows",
    passes: "the number is not negative, or a sentinel that this kernel knows",
    linux: "kernel/pid.c pidfd_get_pid",
    since: "seed",
    remedy: "pass a pidfd; PIDFD_SELF exists since 6.15",
    compares: ["pidfd"],
  },
  "pidfd/closed": {
    errno: "EBADF",
    text: "no open file has this number",
    passes: "an open file has this number",
    linux: "kernel/pid.c pidfd_get_pid",
    since: "seed",
    remedy: "pass an open pidfd; a pidfd does not survive execve",
    compares: ["pidfd"],
  },
  "pidfd/other-file": {
    errno: "EBADF",
    text: "the descriptor is open but no pidfd (a /proc/PID directory is none either)",
    passes: "the descriptor is a pidfd",
    linux: "fs/pidfs.c pidfd_pid",
    since: "seed",
    remedy: "open a pidfd with pidfd_open, or clone with CLONE_PIDFD",
    compares: ["pidfd"],
  },
  "pidfd/reaped": {
    errno: "ESRCH",
    text: "the process is gone and was waited for, or the pidfd names a thread that leads no group",
    passes: "the process that the pidfd names has not been waited for",
    linux: "kernel/pid.c pidfd_get_task",
    since: "seed",
    remedy: "open a pidfd of a living process",
    compares: ["pidfd", "pid"],
  },
} as const;

/** The reasons of a pidfd's look-up. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * The task that a pidfd argument names. Linux: kernel/pid.c pidfd_get_task; before 5.16
 * pidfd_get_pid and get_pid_task
 *
 * Whoever holds a pidfd may use it: no permission, no pid namespace is looked at here. A zombie is
 * still found.
 */
export function resolveTarget(task: Task, pidfd: number): Thread<Task> | Refusal {
  const { machine } = task;
  const { checks } = machine.ports;
  const { selfThread, selfGroup, lookup } = machine.profile.pidfd;
  machine.work.pidfdLookups++;
  if (pidfd < 0) {
    if (pidfd === selfThread) return task.thread;
    if (pidfd === selfGroup) return task.thread.group.leader ?? task.thread;
    return reasons.refuse(checks, "pidfd/negative", pidfd);
  }
  const slot = task.files.get(pidfd);
  if (slot === undefined) return reasons.refuse(checks, "pidfd/closed", pidfd);
  const { file } = slot;
  if (file.kind === "unstated") askUnstated(task, pidfd);
  if (file.kind !== "pidfd") return reasons.refuse(checks, "pidfd/other-file", pidfd);
  reasons.passed(checks, "pidfd/other-file", pidfd);
  const target = taskOf(file.pid, lookup);
  if (target === undefined) return reasons.refuse(checks, "pidfd/reaped", pidfd, file.pid.number);
  reasons.passed(checks, "pidfd/reaped", pidfd, file.pid.number);
  return target;
}

/** Asks what an open descriptor names of which nothing was ever stated: it may be a pidfd. */
export function askUnstated(task: Task, pidfd: number): void {
  task.machine.ports.choices.choose<never>({
    id: "pidfd/unstated-file",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what descriptor ${pidfd} names: it was open before`,
  });
}
