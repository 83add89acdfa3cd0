import type { Pid } from "./pid.ts";
import type { Thread } from "./thread.ts";

/** How a process ended. */
export interface ExitStatus {
  /** exit's argument, 0 to 255; 0 after a signal. */
  readonly code: number;
  /** The signal that killed it; 0 after exit. */
  readonly signal: number;
  readonly coreDumped: boolean;
}

/**
 * A process: the threads that share a process number as their group, and its place among parents
 * and children.
 *
 * Linux: include/linux/sched/signal.h struct signal_struct
 */
export class ThreadGroup<T> {
  readonly pid: Pid<T>;
  threads: readonly Thread<T>[] = [];
  /** undefined for a process whose parent is the init process, or was never stated. */
  parent: ThreadGroup<T> | undefined;
  children: readonly ThreadGroup<T>[] = [];
  /**
   * `zombie`: every thread is dead and nobody has waited for it. `reaped`: gone, the number is
   * free.
   */
  state: "alive" | "zombie" | "reaped" = "alive";
  /** Also while other threads live, where the leader ended first and its status will count. */
  exitStatus: ExitStatus | undefined = undefined;
  /**
   * The signal that the parent gets at the end; a child with another one than SIGCHLD is a "clone"
   * child.
   */
  exitSignal: number;
  /** The parent said (SIG_IGN or SA_NOCLDWAIT for SIGCHLD) that its children leave no zombies. */
  ignoresChildren = false;
  /** It leaves no zombie, whatever its parent said (CLONE_AUTOREAP). */
  autoReap = false;
  /** The thread that made it; `__WNOTHREAD` asks. undefined where nobody stated it. */
  creator: Thread<T> | undefined = undefined;
  /** The number of its session: a child is in its parent's. Linux: task_session */
  session: Pid<T>;
  /** It made its session by setsid. Linux: struct signal_struct leader */
  leadsSession = false;
  /** The number of its process group: a child is in its parent's. Linux: task_pgrp */
  processGroup: Pid<T>;
  /** It executed a program since it was forked. Linux: PF_FORKNOEXEC, the other way round */
  hasExecuted = false;
  /**
   * Orphans below it become its children (PR_SET_CHILD_SUBREAPER). A fork does not hand it on, an
   * execve keeps it.
   */
  isSubreaper = false;
  /** Nobody said so far whether it is one: it was there before anybody watched. */
  subreaperUnstated = false;
  /** A signal stopped it, and none let it go on. */
  stopped = false;
  /** A fatal signal was sent and its effect was not seen yet. */
  dying = false;
  /** Orphans may have fallen to it, if it asked for them before anybody watched. */
  mayHaveOrphans = false;
  /** It was the first of its namespace, has ended, and others in it are not gone yet. */
  awaitsNamespace = false;
  /** Children of this process from before anybody watched may exist. */
  childrenUnstated = false;

  /** The record follows its parent and not it: when and how it ends shows only where that waits. */
  isUnwatched = false;

  constructor(pid: Pid<T>, parent: ThreadGroup<T> | undefined, exitSignal: number) {
    this.pid = pid;
    this.parent = parent;
    this.exitSignal = exitSignal;
    this.session = parent?.session ?? pid;
    this.processGroup = parent?.processGroup ?? pid;
  }

  /** The thread whose number the group bears; also after it exited, until the group is reaped. */
  get leader(): Thread<T> | undefined {
    return this.pid.thread;
  }
}
