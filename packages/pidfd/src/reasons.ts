import { Reasons } from "@kadvise/uapi";

const entries = {
  "fd/closed": {
    errno: "EBADF",
    text: "no open file has this number",
    linux: "fs/file.c fget",
    since: "2.6",
    remedy: "pass an open file descriptor",
    compares: ["fd"],
  },
  "fd/table-full": {
    errno: "EMFILE",
    text: "no file descriptor below RLIMIT_NOFILE is free",
    linux: "fs/file.c alloc_fd",
    since: "2.6",
    remedy: "close one, or raise RLIMIT_NOFILE",
    compares: ["limit"],
  },
  "pidfd/not-a-pidfd": {
    errno: "EBADF",
    text: "the file descriptor is open, but is no pidfd",
    linux: "kernel/pid.c pidfd_get_pid",
    since: "5.10",
    remedy:
      "pass what pidfd_open or clone with CLONE_PIDFD returned; a /proc/PID directory is none",
    compares: ["fd"],
  },
  "pidfd/no-task": {
    errno: "ESRCH",
    text: "the process is gone, or the pidfd names a thread that leads no group",
    linux: "kernel/pid.c pidfd_get_task",
    since: "5.10",
    remedy: "open a pidfd of a living process",
    compares: ["pid"],
  },
  "wait/no-child": {
    errno: "ECHILD",
    text: "the caller has no such child",
    linux: "kernel/exit.c do_wait",
    since: "2.6",
    remedy: "wait for a child of one's own that was not waited for yet",
    compares: ["pid"],
  },
  "pid/namespace-closed": {
    errno: "ENOMEM",
    text: "the first process of the pid namespace has ended: nobody is made in it any more",
    linux: "kernel/pid.c alloc_pid",
    since: "3.8",
    remedy: "make a new namespace",
  },
  "pid/none-left": {
    errno: "EAGAIN",
    text: "every process number is in use",
    linux: "kernel/pid.c alloc_pid",
    since: "2.6",
    remedy: "raise kernel.pid_max",
  },
} as const;

/** The id of a reason of the process and descriptor tables. */
export type PidfdReason = keyof typeof entries;

/** The reasons of the process and descriptor tables. */
export const reasons: Reasons<PidfdReason> = new Reasons<PidfdReason>(entries);
