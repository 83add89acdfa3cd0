import { UnstatedFile } from "@kadvise/files";
import { forgetCredentials } from "@kadvise/security";
import type { CallEvent, LogEvent } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import type { EventQueue, NeedsMore } from "./eventQueue.ts";
import { hasFlag } from "./flagArgument.ts";
import { plainName } from "./scope.ts";
import type { World } from "./world.ts";

const FORKS: ReadonlySet<string> = new Set(["fork", "vfork", "clone", "clone3"]);

/**
 * Calls of which every program makes some, and that no class of strace's filters for memory,
 * processes, descriptors or files takes in.
 */
const EVERYWHERE: ReadonlySet<string> = new Set([
  ...["arch_prctl", "set_tid_address", "set_robust_list", "rseq", "getrandom", "prlimit64"],
  ...["rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "futex", "nanosleep", "clock_nanosleep"],
  ...["clock_gettime", "gettimeofday", "set_thread_area", "sigreturn", "getpid", "gettid"],
  ...["getuid", "geteuid", "uname", "sysinfo", "prctl", "restart_syscall", "futex_time64"],
]);

/** How far ahead the first line of a new task is looked for. */
const NEAR = 100;
/** Among how many of a log's calls a loader shows itself. */
const FIRST_CALLS = 4;

/**
 * What a log leaves out: threads and children that strace did not follow (no -f), calls that a
 * filter (-e trace) kept from it.
 */
export class Gaps {
  private hasThreads = false;
  private isFiltered: boolean | undefined;
  private readonly strangers: Set<number> = new Set();

  /** Notes a process whose making the log did not show. */
  noteStranger(pid: number): void {
    this.strangers.add(pid);
  }

  /** Whether a fork made a process that had lines before, as if it came from nowhere. */
  madeStranger({ name, result, pid }: CallEvent): boolean {
    const made = Number(result.value ?? 0);
    if (!FORKS.has(plainName(name)) || result.error !== undefined || made === pid) return false;
    return this.strangers.delete(made);
  }

  /** Whether {@link noteFork} has something to do. */
  mayBeUnfollowed({ pid, name, result }: CallEvent): boolean {
    return (
      pid === undefined &&
      result.error === undefined &&
      Number(result.value ?? 0) > 0 &&
      FORKS.has(plainName(name))
    );
  }

  /** Whether a filter kept calls from the log. */
  get lacksCalls(): boolean {
    return this.isFiltered === true;
  }

  /** Whether it is not known yet if a filter kept calls from the log. */
  get mayBeFiltered(): boolean {
    return this.isFiltered === undefined;
  }

  /**
   * Notes what a fork made, unless a line says soon that strace follows it too. With pids in the
   * log, it does.
   */
  *noteFork(
    event: CallEvent,
    queue: EventQueue,
    worlds: Iterable<World>,
  ): Generator<NeedsMore, void, void> {
    const number = Number(event.result.value ?? 0);
    const line = yield* queue.findAhead((ahead) => pidOf(ahead) === number, NEAR);
    if (line !== undefined) return;
    // Who shares memory or descriptors for good changes them unseen, a thread or not.
    const shares = hasFlag(event, "CLONE_VM") || hasFlag(event, "CLONE_FILES");
    if (shares && !hasFlag(event, "CLONE_VFORK")) this.hasThreads = true;
    for (const world of worlds) {
      const thread = world.process(number)?.task.thread;
      if (thread === undefined) continue;
      if (thread.isLeader) thread.group.isUnwatched = true;
      else this.hasThreads = true;
    }
  }

  /**
   * Looks, at the first call of a log, whether a filter kept calls from it: a program starts (its
   * loader asks for the heap, or maps a file) though the log shows no execve and nothing of what
   * every program does.
   */
  *findFilter(first: CallEvent, queue: EventQueue): Generator<NeedsMore, void, void> {
    this.isFiltered = false;
    if (first.name === "execve") {
      this.isFiltered = yield* isFilteredStart(queue);
      return;
    }
    if (isWhole(first)) return;
    let left = FIRST_CALLS;
    let isStarted = isStart(first);
    let hasFiles = OPENS.test(first.name);
    const other = yield* queue.findAhead((event) => {
      if (event.kind !== "call") return false;
      if (--left > 0) isStarted ||= isStart(event) && !(hasFiles && event.name === "mmap");
      hasFiles ||= OPENS.test(event.name);
      return isWhole(event) || (left <= 0 && !isStarted);
    }, 2 * NEAR);
    this.isFiltered = isStarted && other === undefined;
  }

  /** Forgets what may have changed since the last line of a process without a line about it. */
  forgetUnseen(worlds: Iterable<World>, pid: number): void {
    for (const world of worlds) {
      const isWhole = this.isFiltered !== true && world.assumptions.holds("whole-log");
      if (isWhole && !this.hasThreads) return;
      const task = world.process(pid)?.task;
      if (task === undefined) continue;
      if (isWhole) forgetShared(task);
      else forgetAll(task);
      if (!isWhole) world.choices.memory.end();
    }
  }
}

/**
 * Whether a program that asks for its heap first of all does nothing of what every program does next:
 * a filter that lets execve pass kept it from the log.
 */
function* isFilteredStart(queue: EventQueue): Generator<NeedsMore, boolean, void> {
  let calls = 0;
  let asksForHeap = false;
  const whole = yield* queue.findAhead((event) => {
    if (event.kind !== "call" && event.kind !== "entered") return false;
    if (++calls === 1) asksForHeap = event.kind === "call" && event.name === "brk";
    return !asksForHeap || EVERYWHERE.has(event.name);
  }, LOADING);
  return asksForHeap && whole === undefined && calls >= SOME_CALLS;
}
/** So many calls of a beginning tell. */
const SOME_CALLS = 8;
/** Within so many events any loader is done: it makes ten or so for each library, and has hundreds. */
const LOADING = 10_000;

/** Calls that return descriptors which can be mapped, or copies of such. */
const OPENS = /^(open|creat|memfd_|dup|fcntl|shm_|pidfd_)/;

/** Gives up what threads share: memory and descriptors. */
function forgetShared({ mm, files }: Task): void {
  mm?.forget(0, mm.layout.limit);
  files.forgetAll(new UnstatedFile());
}

/** Gives up all that is known of a task: memory, descriptors, credentials, children. */
export function forgetAll(task: Task): void {
  forgetShared(task);
  if (task.mm !== undefined) task.mm.startBreak = task.mm.break = Number.NaN;
  forgetCredentials(task.machine.access, task.subject);
  task.thread.group.childrenUnstated = true;
}

/** Whether a call speaks against a filter. */
function isWhole({ name }: CallEvent): boolean {
  return EVERYWHERE.has(name) || /^(execve|execveat|spawn)$/.test(name);
}

/** `brk(NULL)`, the list of libraries, a mapping of a file: what a loader begins with. */
function isStart({ name, args }: CallEvent): boolean {
  if (name === "brk") return args[0]?.text === "NULL";
  if (name === "openat") return args[1]?.text.includes("/ld.so.") === true;
  return name === "mmap" && /^([3-9]|\d\d)/.test(args[4]?.text ?? "");
}

function pidOf(event: LogEvent): number | undefined {
  return event.kind === "call" ? (event.entryPid ?? event.pid) : event.pid;
}
