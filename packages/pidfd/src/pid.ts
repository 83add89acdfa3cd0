import type { Thread } from "./thread.ts";
import type { ExitStatus, ThreadGroup } from "./threadGroup.ts";

/**
 * The identity of a process number (struct pid): outlives the process as long as somebody holds it,
 * and never comes to name another process, even when the number is used again.
 *
 * Linux: include/linux/pid.h
 */
export class Pid<T> {
  /** Stays for life; only a process that was followed under a made-up number gets its own later. */
  number: number;
  /** The thread with this number, while it exists. */
  thread: Thread<T> | undefined = undefined;
  /** The group that this number leads, until it is reaped. */
  group: ThreadGroup<T> | undefined = undefined;
  /** How the task with this number ended, once it was taken away. Linux: fs/pidfs.c pidfs_exit */
  ended: ExitStatus | undefined = undefined;

  constructor(number: number) {
    this.number = number;
  }
}
