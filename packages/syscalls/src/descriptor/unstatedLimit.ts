import type { Task } from "../task.ts";

/** No RLIMIT_NOFILE is usually below it. Linux: include/uapi/linux/fs.h INR_OPEN_CUR */
const USUAL_LIMIT = 1024;
/** What it can be raised to. Linux: fs/file.c sysctl_nr_open_max */
const MOST_NR_OPEN = 2 ** 31 - 64;

/**
 * Whether a descriptor's number is beyond a limit of which nobody said anything: such a limit
 * counts as none, but none is not without end either.
 */
export function isBeyondUnstated(task: Task, fd: number): boolean {
  if (Number.isFinite(task.limits.soft("RLIMIT_NOFILE")) || fd < USUAL_LIMIT) return false;
  if (fd >= MOST_NR_OPEN) return true;
  return task.machine.ports.choices.choose<boolean>({
    id: "fd/number-limit",
    usual: true,
    allows: () => true,
    describe: () => `whether fs.nr_open and RLIMIT_NOFILE are above ${fd}`,
    alternatives: [true, false],
  });
}
