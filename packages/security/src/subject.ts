import type { Credentials } from "./credentials.ts";
import { ExecState } from "./execState.ts";

/** What {@link subject} may be told. */
export interface SubjectOptions {
  /** The task's own number, in the initial pid namespace. */
  readonly pid: number;
  readonly credentials: Credentials;
  /** The number of its thread group's leader; a group of its own if unset. */
  readonly group?: number;
  /** The cell that it shares with whoever shares its memory; a dumpable one of its own if unset. */
  readonly exec?: ExecState;
  readonly noNewPrivs?: boolean;
  readonly isKernelThread?: boolean;
  readonly hasMemory?: boolean;
  readonly parent?: Subject;
  readonly tracer?: Subject;
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * One task as security sees it. It knows nothing of memory, files or signals: whoever ties these
 * together keeps the flags true.
 *
 * Linux: what kernel/ptrace.c, kernel/cred.c and the security modules read of struct task_struct
 */
export class Subject {
  /** Its number; a thread that executes a program takes its leader's. */
  pid: number;
  /** The thread group: equal for the threads of one process, and its leader's pid. */
  group: number;
  credentials: Credentials;
  exec: ExecState;
  noNewPrivs: boolean;
  readonly isKernelThread: boolean;
  /** False for kernel threads and for whoever gave its memory up on the way out. */
  hasMemory: boolean;
  /**
   * Whether it was dumpable when it gave its memory up: what kernels with a saved bit ask of the
   * dead.
   */
  wasDumpable: boolean | "unknown";
  /** Whether it has exited: a zombie cannot be attached to. */
  hasExited: boolean;
  /** The real parent, any thread of it: Yama looks for ancestors. */
  parent: Subject | undefined;
  tracer: Subject | undefined;
  /**
   * The tracer's credentials when it attached: what execve asks, whatever became of the tracer
   * since.
   */
  tracerCredentials: Credentials | undefined;
  /** The signal sent to it when its parent dies; a change of identity clears it. */
  parentDeathSignal: number;
  /** Whether its root was changed: such a task makes no user namespace. */
  isChrooted: boolean;
  /** Whether it is in a user namespace of which nobody stated what ids it maps. */
  idMapUnstated = false;
  /** What policies noted about it, by policy; a child inherits it. */
  labels: Readonly<Record<string, string>>;

  constructor(options: SubjectOptions) {
    const { isKernelThread = false } = options;
    this.pid = options.pid;
    this.group = options.group ?? options.pid;
    this.credentials = options.credentials;
    // Kernel threads share init's state, which is dumpable. Linux: init/init_task.c, 7.2
    this.exec =
      options.exec ??
      new ExecState(1, isKernelThread ? undefined : options.credentials.userNamespace);
    this.noNewPrivs = options.noNewPrivs ?? false;
    this.isKernelThread = isKernelThread;
    this.hasMemory = options.hasMemory ?? !isKernelThread;
    this.hasExited = !this.hasMemory && !isKernelThread;
    this.wasDumpable = this.hasExited ? savedBit(this.exec) : false;
    this.parent = options.parent;
    this.tracer = options.tracer;
    this.tracerCredentials = options.tracer?.credentials;
    this.parentDeathSignal = 0;
    this.isChrooted = false;
    this.labels = Object.freeze({ ...options.labels });
  }
}

/**
 * Makes a task as security sees it.
 *
 * @example
 * subject({ pid: 12, credentials: credentials({ uid: 7000 }) }).exec.dumpable; // 1
 */
export function subject(options: SubjectOptions): Subject {
  if (!Number.isInteger(options.pid) || options.pid < 0) {
    throw new RangeError(`pid must be a whole number, not ${String(options.pid)}`);
  }
  return new Subject(options);
}

/** The bit that exit_mm saves, 7.0.13: whether the dumpable state was exactly 1. */
export function savedBit(exec: ExecState): boolean | "unknown" {
  return exec.dumpable === "unknown" ? "unknown" : exec.dumpable === 1;
}
