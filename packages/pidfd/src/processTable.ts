import { type Ports, quietPorts } from "@kadvise/ports";
import type { PidfdFeatures } from "@kadvise/releases";
import type { Refusal } from "@kadvise/uapi";
import { isLiving, newReaper } from "./orphans.ts";
import { Pid } from "./pid.ts";
import { PidNamespace } from "./pidNamespace.ts";
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
  /** The namespace that it is made in; the initial one by default. */
  readonly namespace?: PidNamespace<T>;
  /** The namespace of whoever makes it: the call that does returns the number there. */
  readonly toldIn?: PidNamespace<T>;
  /** The numbers asked for in the innermost namespaces, the innermost first (clone3's set_tid). */
  readonly numbers?: readonly number[];
}

const SIGCHLD = 17;

/** How the others end where one thread executes a program. Linux: kernel/exit.c do_group_exit */
const ZAPPED: ExitStatus = Object.freeze({ code: 0, signal: 0, coreDumped: false });

const KILLED: ExitStatus = Object.freeze({ code: 0, signal: 9, coreDumped: false });

/** The numbers below are handed out once. */
const FIRST_AGAIN = 300;

/**
 * The machine's processes by number: who lives, who is whose child, and which numbers are free.
 *
 * Linux: kernel/pid.c, kernel/fork.c copy_process, kernel/exit.c
 */
export class ProcessTable<T> {
  readonly ports: Ports;
  /** The initial namespace: everybody has a number in it. */
  readonly namespace: PidNamespace<T>;
  /** Everybody by that number. */
  readonly pids: Map<number, Pid<T>>;
  private readonly pidMax: number;
  private readonly exitStatus: PidfdFeatures["exitStatus"];

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
    this.namespace = new PidNamespace<T>(undefined, {
      lastNumber: (options.firstNumber ?? 100) - 1,
    });
    this.pids = this.namespace.pids;
  }

  /** The identity that a number has now in a namespace, the initial one by default, or undefined. */
  find(number: number, namespace: PidNamespace<T> = this.namespace): Pid<T> | undefined {
    return namespace.pids.get(number);
  }

  /**
   * Whether a number is free for a new task in a namespace and each one around it, those aside that
   * were asked for; a spawn without one is misuse. Linux: kernel/pid.c alloc_pid
   */
  mayAllocate(namespace: PidNamespace<T> = this.namespace, asked = 0): Refusal | undefined {
    const { checks } = this.ports;
    let around: PidNamespace<T> | undefined = namespace;
    for (let i = 0; around !== undefined; i++, around = around.parent)
      if (i >= asked && this.nextNumber(around) === undefined)
        return reasons.refuse(checks, "pid/none-left");
    return namespace.closed ? reasons.refuse(checks, "pid/namespace-closed") : undefined;
  }

  /** A new process with one thread. The payload is made once its number is known. */
  spawn(payload: (pid: Pid<T>) => T, options: SpawnOptions<T> = {}): Thread<T> {
    const { journal } = this.ports;
    const pid = this.allocate(options);
    const group = new ThreadGroup<T>(pid, options.parent, options.exitSignal ?? SIGCHLD);
    const thread = new Thread<T>(pid, group, payload(pid));
    group.creator = options.creator;
    group.autoReap = options.autoReap ?? false;
    pid.thread = thread;
    pid.group = group;
    group.threads = [thread];
    const { namespace } = pid;
    if (namespace.level > 0 && namespace.init === undefined && !namespace.firstUnstated) {
      journal.save(namespace, "init");
      namespace.init = group;
    }
    if (options.parent !== undefined) {
      journal.save(options.parent, "children");
      options.parent.children = [...options.parent.children, group];
    }
    return thread;
  }

  /** A new thread of a process. */
  addThread(
    group: ThreadGroup<T>,
    payload: (pid: Pid<T>) => T,
    options: Pick<SpawnOptions<T>, "number" | "numbers" | "toldIn"> = {},
  ): Thread<T> {
    const pid = this.allocate({ ...options, namespace: group.pid.namespace });
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
    this.endGroup(group, group.exitStatus ?? status);
  }

  /** Every thread of a process ends. */
  exitGroup(group: ThreadGroup<T>, status: ExitStatus): void {
    for (const thread of group.threads) this.endThread(thread, status);
    if (group.state === "alive" && !group.awaitsNamespace) this.endGroup(group, status);
  }

  /**
   * Who is killed when a process ends: everybody else in the namespace whose first process it is,
   * and in those within. Linux: kernel/pid_namespace.c zap_pid_ns_processes
   */
  diesWith(group: ThreadGroup<T>): readonly ThreadGroup<T>[] {
    const { namespace } = group.pid;
    if (namespace.init !== group) return [];
    return [...namespace.pids.values()].flatMap(({ group: other }) =>
      other !== undefined && other !== group && isLiving(other) ? [other] : [],
    );
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

  /** Nobody knows any more whose child a process is, or whether a zombie is still there. */
  leaveFamily(group: ThreadGroup<T>): void {
    const { journal } = this.ports;
    const { parent } = group;
    if (group.state === "zombie") this.reap(group);
    if (parent === undefined) return;
    journal.save(group, "parent");
    journal.save(parent, "children");
    group.parent = undefined;
    parent.children = parent.children.filter((child) => child !== group);
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
   * Threads but one end, and that one takes the process number: what execve does. Whatever signal
   * the parent was to get at the end, it is SIGCHLD now. Linux: fs/exec.c de_thread
   */
  becomeLeader(thread: Thread<T>): void {
    const { journal } = this.ports;
    const { group } = thread;
    journal.save(group, "exitSignal");
    group.exitSignal = SIGCHLD;
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
    let namespace: PidNamespace<T> | undefined = group.pid.namespace;
    for (; namespace !== undefined; namespace = namespace.parent) this.letInitGo(namespace);
  }

  /**
   * The last thread of a process ended. With the first process of a namespace all others in it are
   * killed, and it is not gone before they are. Linux: kernel/pid_namespace.c
   * zap_pid_ns_processes
   */
  private endGroup(group: ThreadGroup<T>, status: ExitStatus): void {
    const { journal } = this.ports;
    const { namespace } = group.pid;
    if (namespace.init !== group) {
      this.becomeZombie(group, status);
      return;
    }
    journal.save(namespace, "closed");
    journal.save(group, "exitStatus");
    journal.save(group, "awaitsNamespace");
    namespace.closed = true;
    group.exitStatus = status;
    group.awaitsNamespace = true;
    for (const other of this.diesWith(group)) this.exitGroup(other, KILLED);
    for (const child of group.children) if (child.state === "zombie") this.reap(child);
    this.letInitGo(namespace);
  }

  /** The first process of a namespace is gone once nobody else is in it. */
  private letInitGo(namespace: PidNamespace<T>): void {
    const { init } = namespace;
    if (init?.awaitsNamespace !== true) return;
    if ([...namespace.pids.values()].some(({ thread }) => thread?.group !== init)) return;
    this.ports.journal.save(init, "awaitsNamespace");
    init.awaitsNamespace = false;
    this.becomeZombie(init, init.exitStatus ?? KILLED);
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
    const reaper = newReaper(group, journal);
    for (const child of group.children) this.handOver(child, reaper);
    journal.save(group, "children");
    group.children = [];
    // Nobody waits for a process whose parent is init, or asked for no zombies: init and the kernel
    // do at once, as does the first process of a namespace while it ends. Ignoring SIGCHLD speaks of
    // children that end with it only.
    // Linux: kernel/signal.c do_notify_parent, kernel/pid_namespace.c zap_pid_ns_processes
    const { parent } = group;
    const ignored = parent?.ignoresChildren === true && group.exitSignal === SIGCHLD;
    const isAwaited = parent !== undefined && !parent.awaitsNamespace && !ignored;
    if (group.autoReap || !isAwaited) this.reap(group);
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
    let namespace: PidNamespace<T> | undefined = pid.namespace;
    for (; namespace !== undefined; namespace = namespace.parent) {
      const number = pid.numberIn(namespace);
      if (namespace.pids.get(number) !== pid) continue;
      this.ports.journal.saveEntry(namespace.pids, number);
      namespace.pids.delete(number);
    }
  }

  /**
   * Linux hands numbers out in turn, and starts again below the limit; other processes use them up
   * meanwhile. Linux: kernel/pid.c alloc_pid, RESERVED_PIDS
   */
  private nextNumber({ pids, lastNumber }: PidNamespace<T>): number | undefined {
    let number = lastNumber;
    for (let tried = 0; tried < this.pidMax; tried++) {
      number = number + 1 >= this.pidMax ? FIRST_AGAIN : number + 1;
      if (!pids.has(number)) return number;
    }
    return undefined;
  }

  /** A new identity: numbers are found from the innermost namespace outwards. */
  private allocate({ number, numbers = [], namespace, toldIn }: AllocateOptions<T>): Pid<T> {
    const innermost = namespace ?? this.namespace;
    const inner: number[] = [];
    let around = innermost;
    for (let i = 0; around.parent !== undefined; i++, around = around.parent) {
      const next = numbers[i] ?? this.takeNext(around);
      inner.unshift(next);
    }
    const isTold = (toldIn?.level ?? 0) === 0;
    const outer = numbers[innermost.level] ?? this.chooseNumber(number, isTold);
    const pid = new Pid<T>(outer, innermost, inner);
    for (around = innermost; ; around = around.parent) {
      const own = pid.numberIn(around);
      this.ports.journal.saveEntry(around.pids, own);
      around.pids.set(own, pid);
      if (around.parent === undefined) return pid;
    }
  }

  /** Where numbers go on, those that are asked for change nothing. Linux: idr_alloc_cyclic */
  private takeNext(namespace: PidNamespace<T>): number {
    const next = this.nextNumber(namespace);
    if (next === undefined) throw new RangeError("every process number is in use");
    this.ports.journal.save(namespace, "lastNumber");
    namespace.lastNumber = next;
    return next;
  }

  /** The number in the initial namespace. */
  private chooseNumber(known: number | undefined, isTold: boolean): number {
    const { journal, choices } = this.ports;
    const usual = known ?? this.nextNumber(this.namespace);
    if (usual === undefined) throw new RangeError("every process number is in use");
    const number =
      known ??
      choices.choose<number>({
        id: "pid/next",
        usual,
        allows: (answer) => Number.isInteger(answer) && answer > 0 && !this.pids.has(answer),
        describe: () => "a process number that is not in use",
        ...(isTold ? { fromResult: (value: number) => value } : {}),
      });
    journal.save(this.namespace, "lastNumber");
    this.namespace.lastNumber = number;
    return number;
  }
}

type AllocateOptions<T> = Pick<SpawnOptions<T>, "namespace" | "number" | "numbers" | "toldIn">;
