import { namespaceAt, type PidNamespace } from "./pidNamespace.ts";
import type { Thread } from "./thread.ts";
import type { ExitStatus, ThreadGroup } from "./threadGroup.ts";

/**
 * The identity of a process number (struct pid): outlives the process as long as somebody holds it,
 * and never comes to name another process, even when the number is used again.
 *
 * Linux: include/linux/pid.h
 */
export class Pid<T> {
  /**
   * In the initial namespace. Stays for life; only a process that was followed under a made-up
   * number gets its own later.
   */
  number: number;
  /** The innermost namespace that it has a number in. */
  readonly namespace: PidNamespace<T>;
  /** The numbers in the namespaces below the initial one, from the outermost on. */
  readonly inner: readonly number[];
  /** The thread with this number, while it exists. */
  thread: Thread<T> | undefined = undefined;
  /** The group that this number leads, until it is reaped. */
  group: ThreadGroup<T> | undefined = undefined;
  /** How the task with this number ended, once it was taken away. Linux: fs/pidfs.c pidfs_exit */
  ended: ExitStatus | undefined = undefined;

  constructor(number: number, namespace: PidNamespace<T>, inner: readonly number[] = NONE) {
    this.number = number;
    this.namespace = namespace;
    this.inner = inner;
  }

  /** The number in a namespace; 0 where it has none there. Linux: kernel/pid.c pid_nr_ns */
  numberIn(namespace: PidNamespace<T>): number {
    const { level } = namespace;
    if (level === 0) return this.number;
    return namespaceAt(this.namespace, level) === namespace ? (this.inner[level - 1] ?? 0) : 0;
  }
}

const NONE: readonly number[] = Object.freeze([]);
