import { type Ports, quietPorts } from "@kadvise/ports";
import type { PidfdFeatures } from "@kadvise/releases";
import type { Refusal } from "@kadvise/uapi";
import { Pid } from "./pid.ts";
import { reasons } from "./reasons.ts";
import { Thread } from "./thread.ts";
import { type ExitStatus, ThreadGroup } from "./threadGroup.ts";

/** How a process is made. */
export interface SpawnOptions<T> {
  readonly parent?: ThreadGroup<T>;
  /** The signal that the parent gets at the end; SIGCHLD by default. */
  readonly exitSignal?: number;
  /** It leaves no zombie. */
  readonly autoReap?: boolean;
  /** The thread of the parent that makes it. */
  readonly creator?: Thread<T>;
  /** The number, where it is known and not for the table to choose. */
  readonly number?: number;
}

const SIGCHLD = 17;

/** How the others end where one thread executes a program. Linux: kernel/exit.c do_group_exit */
const ZAPPED: ExitStatus = Object.freeze({ code: 0, signal: 0, coreDumped: false });

/** The numbers below are handed out once. */
const FIRST_AGAIN = 300;

/**
 * The machine's processes by number: who lives, who is whose child, and which numbers are free.
 *
 * Linux: kernel/pid.c, kernel/fork.c copy_process, kernel/exit.c
 */
export class ProcessTable<T> {
  readonly ports: Ports;
  readonly pids: Map<number, Pid<T>> = new Map();
  private readonly pidMax: number;
  private readonly exitStatus: PidfdFeatures["exitStatus"];
  private lastNumber: number;

  constructor(
    options: {
      readonly ports?: Ports;
      readonly pidMax?: number;
      readonly firstNumber?: number;
      /** Whose status a process has whose threads end one by one. */
      readonly exitStatus?: PidfdFeatures["exitStatus"];
    } = {},
  ) {
    this.ports = options.ports ?? quietPorts();
    this.pidMax = options.pidMax ?? 32768;
    this.exitStatus = options.exitStatus ?? "last-thread";
    this.lastNumber = (options.firstNumber ?? 100) - 1;
  }

  /** The identity that a number has now, or undefined. */
  find(number: number): Pid<T> | undefined {
    return this.pids.get(number);
  }

  /** Whether a number is free for a new task; a spawn without one is misuse. */
  mayAllocate(): Refusal | undefined {
    return this.nextNumber() === undefined
      ? reasons.refuse(this.ports.checks, "pid/none-left")
      : undefined;
  }

  /** A new process with one thread. The payload is made once its number is known. */
  spawn(payload: (pid: Pid<T>) => T, options: SpawnOptions<T> = {}): Thread<T> {
    const { journal } = this.ports;
    const pid = this.allocate(options.number);
    const group = new ThreadGroup<T>(pid, options.parent, options.exitSignal ?? SIGCHLD);
    const thread = new Thread<T>(pid, group, payload(pid));
    group.creator = options.creator;
    group.autoReap = options.autoReap ?? false;
    pid.thread = thread;
    pid.group = group;
    group.threads = [thread];
    if (options.parent !== undefined) {
      journal.save(options.parent, "children");
      options.parent.children = [...options.parent.children, group];
    }
    return thread;
  }

  /** A new thread of a process. */
  addThread(group: ThreadGroup<T>, payload: (pid: Pid<T>) => T, number?: number): Thread<T> {
    const pid = this.allocate(number);
    const thread = new Thread<T>(pid, group, payload(pid));
    pid.thread = thread;
    this.ports.journal.save(group, "threads");
    group.threads = [...group.threads, thread];
    return thread;
  }

  /**
   * One thread ends. The last one makes a zombie of its process; a leader that ends before the
   * others stays as the number's thread, without memory.
   *
   * Linux: kernel/exit.c do_exit, synchronize_group_exit; wait_task_zombie, which reads the leader
   */
  exitThread(thread: Thread<T>, status: ExitStatus): void {
    const { journal } = this.ports;
    if (!thread.alive) return;
    this.endThread(thread, status);
    const { group } = thread;
    if (group.threads.some((other) => other.alive)) {
      if (!thread.isLeader) this.forgetThread(thread);
      else if (this.exitStatus === "leader") {
        journal.save(group, "exitStatus");
        group.exitStatus = status;
      }
      return;
    }
    this.becomeZombie(group, group.exitStatus ?? status);
  }

  /** Every thread of a process ends. */
  exitGroup(group: ThreadGroup<T>, status: ExitStatus): void {
    for (const thread of group.threads) this.endThread(thread, status);
    if (group.state === "alive") this.becomeZombie(group, status);
  }

  /** A process turns out to be another's child: the record showed its making late. */
  joinFamily(group: ThreadGroup<T>, parent: ThreadGroup<T>): void {
    const { journal } = this.ports;
    if (group === parent || group.parent !== undefined) return;
    journal.save(group, "parent");
    journal.save(parent, "children");
    group.parent = parent;
    parent.children = [...parent.children, group];
  }

  /** A process was followed under a number that was not its own; now its own is known. */
  renumber(from: number, to: number): void {
    const { journal } = this.ports;
    const pid = this.pids.get(from);
    if (pid === undefined || this.pids.has(to)) return;
    journal.saveEntry(this.pids, from);
    journal.saveEntry(this.pids, to);
    journal.save(pid, "number");
    this.pids.delete(from);
    this.pids.set(to, pid);
    pid.number = to;
  }

  /**
   * Threads but one end, and that one takes the process number: what execve does. Linux: fs/exec.c
   * de_thread
   */
  becomeLeader(thread: Thread<T>): void {
    const { journal } = this.ports;
    const { group } = thread;
    for (const other of group.threads) {
      if (other === thread) continue;
      this.endThread(other, ZAPPED);
      if (!other.isLeader) this.forgetThread(other);
    }
    if (thread.isLeader) {
      journal.save(group, "threads");
      group.threads = [thread];
      return;
    }
    journal.save(group, "exitStatus");
    group.exitStatus = undefined;
    // It lives on under the other number: whoever holds it as it was holds nobody, and is told how
    // the leader ended, which took this number on its way out. Linux: kernel/pid.c exchange_tids
    journal.save(thread, "alive");
    journal.save(thread, "exitStatus");
    thread.alive = false;
    thread.exitStatus = group.leader?.exitStatus ?? ZAPPED;
    this.forgetThread(thread);
    const leader = new Thread<T>(group.pid, group, thread.payload);
    journal.save(group.pid, "thread");
    journal.save(group, "threads");
    group.pid.thread = leader;
    group.threads = [leader];
  }

  /** Takes a zombie away: its number is free, whoever holds its identity finds nobody. */
  reap(group: ThreadGroup<T>): void {
    const { journal } = this.ports;
    journal.save(group, "state");
    journal.save(group.pid, "thread");
    journal.save(group.pid, "group");
    journal.save(group.pid, "ended");
    group.pid.ended = group.exitStatus;
    group.state = "reaped";
    group.pid.thread = undefined;
    group.pid.group = undefined;
    this.forgetNumber(group.pid);
    const { parent } = group;
    if (parent !== undefined) {
      journal.save(parent, "children");
      parent.children = parent.children.filter((child) => child !== group);
    }
  }

  private becomeZombie(group: ThreadGroup<T>, status: ExitStatus): void {
    const { journal } = this.ports;
    journal.save(group, "state");
    journal.save(group, "exitStatus");
    journal.save(group, "dying");
    group.state = "zombie";
    group.exitStatus = status;
    group.dying = false;
    for (const thread of group.threads) if (!thread.isLeader) this.forgetThread(thread);
    const reaper = reaperOf(group);
    for (const child of group.children) this.handOver(child, reaper);
    journal.save(group, "children");
    group.children = [];
    // Nobody waits for a process whose parent is init, or asked for no zombies: init and the kernel
    // do at once. Ignoring SIGCHLD speaks of children that end with it only.
    // Linux: kernel/signal.c do_notify_parent
    const { parent } = group;
    const ignored = parent?.ignoresChildren === true && group.exitSignal === SIGCHLD;
    if (group.autoReap || parent === undefined || ignored) this.reap(group);
  }

  /**
   * An orphan gets another parent; a zombie that nobody would wait for is taken away. Linux:
   * kernel/exit.c reparent_leader
   */
  private handOver(child: ThreadGroup<T>, reaper: ThreadGroup<T> | undefined): void {
    const { journal } = this.ports;
    journal.save(child, "parent");
    child.parent = reaper;
    if (reaper !== undefined) {
      journal.save(child, "exitSignal");
      journal.save(child, "creator");
      journal.save(reaper, "children");
      child.exitSignal = SIGCHLD;
      child.creator = reaper.threads.find(({ alive }) => alive);
      reaper.children = [...reaper.children, child];
    }
    const isWanted = reaper !== undefined && !reaper.ignoresChildren;
    if (child.state === "zombie" && !isWanted) this.reap(child);
  }

  /** A thread ends; what it ended with first stands. */
  private endThread(thread: Thread<T>, status: ExitStatus): void {
    const { journal } = this.ports;
    if (!thread.alive) return;
    journal.save(thread, "alive");
    journal.save(thread, "exitStatus");
    thread.alive = false;
    thread.exitStatus = status;
  }

  private forgetThread(thread: Thread<T>): void {
    const { journal } = this.ports;
    journal.save(thread.pid, "ended");
    thread.pid.ended = thread.exitStatus;
    journal.save(thread.pid, "thread");
    thread.pid.thread = undefined;
    this.forgetNumber(thread.pid);
    journal.save(thread.group, "threads");
    thread.group.threads = thread.group.threads.filter((other) => other !== thread);
  }

  private forgetNumber(pid: Pid<T>): void {
    if (this.pids.get(pid.number) !== pid) return;
    this.ports.journal.saveEntry(this.pids, pid.number);
    this.pids.delete(pid.number);
  }

  /**
   * Linux hands numbers out in turn, and starts again below the limit; other processes use them up
   * meanwhile. Linux: kernel/pid.c alloc_pid, RESERVED_PIDS
   */
  private nextNumber(): number | undefined {
    let number = this.lastNumber;
    for (let tried = 0; tried < this.pidMax; tried++) {
      number = number + 1 >= this.pidMax ? FIRST_AGAIN : number + 1;
      if (!this.pids.has(number)) return number;
    }
    return undefined;
  }

  private allocate(known: number | undefined): Pid<T> {
    const { journal, choices } = this.ports;
    const usual = known ?? this.nextNumber();
    if (usual === undefined) throw new RangeError("every process number is in use");
    const number =
      known ??
      choices.choose<number>({
        id: "pid/next",
        usual,
        allows: (answer) => Number.isInteger(answer) && answer > 0 && !this.pids.has(answer),
        describe: () => "a process number that is not in use",
        fromResult: (value) => value,
      });
    const pid = new Pid<T>(number);
    journal.save(this, "lastNumber");
    this.lastNumber = number;
    journal.saveEntry(this.pids, number);
    this.pids.set(number, pid);
    return pid;
  }
}

/**
 * Who gets the children of a process that ends: the nearest living ancestor that asked for orphans;
 * undefined for init. Linux: kernel/exit.c find_new_reaper
 */
function reaperOf<T>(group: ThreadGroup<T>): ThreadGroup<T> | undefined {
  let ancestor = group.parent;
  while (ancestor !== undefined && !(ancestor.isSubreaper && ancestor.state === "alive"))
    ancestor = ancestor.parent;
  return ancestor;
}
