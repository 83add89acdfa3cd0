import type { PidfdFeatures } from "@kadvise/releases";
import type { Pid } from "./pid.ts";
import type { Thread } from "./thread.ts";

/**
 * A pidfd: an open file that names one process identity for ever. Linux: fs/pidfs.c, kernel/fork.c
 */
export class Pidfd<T> {
  readonly kind = "pidfd";
  readonly pid: Pid<T>;
  /** Opened with PIDFD_THREAD: names the thread, not its group. */
  readonly threadOnly: boolean;
  nonblock: boolean;
  /** Further status flags that F_SETFL gave it, and that nothing minds. */
  statusFlags = 0;

  constructor(
    pid: Pid<T>,
    options: { readonly threadOnly?: boolean; readonly nonblock?: boolean } = {},
  ) {
    this.pid = pid;
    this.threadOnly = options.threadOnly ?? false;
    this.nonblock = options.nonblock ?? false;
  }
}

/**
 * The task that a pidfd leads to: its group's leader, or its thread; undefined once it was reaped.
 *
 * Since 5.16 the group is looked up, so that a pidfd of a thread that leads none finds nobody.
 * Linux: kernel/pid.c pidfd_get_task
 */
export function taskOf<T>(pid: Pid<T>, lookup: PidfdFeatures["lookup"]): Thread<T> | undefined {
  return lookup === "group" ? pid.group?.leader : pid.thread;
}
