import type { CallEvent, LogEvent } from "@kadvise/strace";
import { formatResult } from "@kadvise/strace";
import {
  callDecoded,
  exitProcess,
  exitTask,
  SYSTEM_CALLS,
  type SystemCall,
  type Task,
} from "@kadvise/syscalls";
import { constant } from "../notation/constants.ts";
import { decodeArguments, type DecodedCallText } from "../notation/decode.ts";
import { NotShown } from "../notation/notShown.ts";
import { adopt } from "./aftermath.ts";
import { commit, explore, type Branch, type Run } from "./branch.ts";
import { EventQueue, type NeedsMore } from "./eventQueue.ts";
import type { Finding, Listener } from "./finding.ts";
import { changesMemory, collide } from "./footprint.ts";
import { formOf } from "./form.ts";
import type { Observed } from "./observed.ts";
import { isInScope, plainName } from "./scope.ts";
import { judge as judgeBranches, type Judgement } from "./verdict.ts";
import { World, type WorldOptions } from "./world.ts";

/** How far ahead the result of a call that is under way is looked for, in events. */
const LOOK_AHEAD = 10_000;

/** How many ways everything may have happened are followed at once. */
const MOST_WORLDS = 8;

/** A call that has begun and not returned. */
interface Pending {
  readonly name: string;
}

/**
 * Follows a log and judges each result that is in scope.
 *
 * The judge keeps a few candidate worlds: kernels in which everything went as the log says. A call is run in each, in
 * every way that facts which nobody stated leave open; the ways that give the observed result live on. Calls of
 * several threads that overlap are tried in either order. What nobody can know makes a result undetermined, and what
 * such a call may have changed becomes unknown: the judge forgets, and never accuses for lack of knowledge.
 */
export class Judge {
  private readonly queue: EventQueue = new EventQueue();
  private readonly listener: Listener;
  private readonly loop: Generator<NeedsMore, void, void>;
  private readonly pending: Map<number, Pending> = new Map();
  private worlds: World[];
  private started = false;
  /** The process of lines without a pid. */
  private anonymous = FIRST_ANONYMOUS;

  constructor(options: WorldOptions, listener: Listener) {
    this.listener = listener;
    this.worlds = [new World(options)];
    this.loop = this.run();
  }

  /** Takes events; judges as far as it can. */
  push(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    this.queue.push(events);
    this.loop.next();
  }

  /** No event follows. */
  end(): void {
    this.queue.end();
    this.loop.next();
  }

  private *run(): Generator<NeedsMore, void, void> {
    for (;;) {
      const event = yield* this.queue.take();
      if (event === undefined) return;
      yield* this.handle(event);
    }
  }

  private *handle(event: LogEvent): Generator<NeedsMore, void, void> {
    switch (event.kind) {
      case "entered": {
        const pid = event.pid ?? this.anonymous;
        yield* this.appear(pid);
        this.pending.set(pid, { name: event.name });
        return;
      }
      case "call":
        yield* this.handleCall(event);
        return;
      case "exited":
        this.ends(event.pid ?? this.anonymous, { code: event.status, signal: 0, coreDumped: false });
        return;
      case "killed": {
        const signal = Number(constant(event.signal) ?? 0);
        this.ends(event.pid ?? this.anonymous, { code: 0, signal, coreDumped: event.coreDumped });
        return;
      }
      case "superseded":
        this.pending.delete(event.pid ?? this.anonymous);
        return;
      case "personality":
        yield* this.appear(event.pid);
        for (const world of this.worlds) {
          const task = world.process(event.pid)?.task;
          if (task !== undefined) task.abi = event.mode === "32 bit" ? "i386" : "x86-64";
        }
        return;
      case "identified":
        this.identify(event.pid);
        return;
      case "unread":
        this.listener.unread(unreadFinding(event));
        return;
      case "signal":
      case "stopped":
      case "attached":
      case "detached":
      case "note":
      case "unended":
        return;
    }
  }

  /** A thread is gone: its log line says so, and how. */
  private ends(pid: number, status: { code: number; signal: number; coreDumped: boolean }): void {
    this.pending.delete(pid);
    for (const world of this.worlds) {
      world.early.delete(pid);
      const task = world.process(pid)?.task;
      if (task === undefined || !task.thread.alive) continue;
      const { group } = task.thread;
      const others = group.threads.some((thread) => thread.alive && thread.pid !== task.pid);
      if (others && !(group.dying && task.thread.isLeader)) exitTask(task, status);
      else exitProcess(task, status);
    }
  }

  /** Lines without a pid belong to this process, as it turns out later. */
  private identify(pid: number): void {
    if (this.worlds.some((world) => world.process(this.anonymous) !== undefined)) {
      for (const world of this.worlds) world.kernel.machine.processes.renumber(this.anonymous, pid);
    }
    const pending = this.pending.get(this.anonymous);
    if (pending !== undefined) {
      this.pending.delete(this.anonymous);
      this.pending.set(pid, pending);
    }
    this.anonymous = pid;
  }

  /** Makes sure that a thread exists: by the clone that is just making it, or as one that was there before. */
  private *appear(pid: number): Generator<NeedsMore, void, void> {
    if (this.worlds.every((world) => world.process(pid) !== undefined)) return;
    for (const [parent, { name }] of this.pending) {
      if (!/^(clone3?|v?fork)$/.test(name) || parent === pid) continue;
      const returns = yield* this.returnOf(parent);
      if (returns === undefined || Number(returns.result.value) !== pid || returns.result.error !== undefined) continue;
      this.takeEffectEarly(parent, returns);
      if (this.worlds.every((world) => world.process(pid) !== undefined)) return;
    }
    for (const world of this.worlds) if (world.process(pid) === undefined) world.spawn(pid);
  }

  /** The event with which a thread's present call will return. */
  private *returnOf(pid: number): Generator<NeedsMore, CallEvent | undefined, void> {
    const found = yield* this.queue.findAhead(
      (event) => event.kind === "call" && (event.pid ?? this.anonymous) === pid && event.entryLine !== event.line,
      LOOK_AHEAD,
    );
    return found?.kind === "call" ? found : undefined;
  }

  /** Lets a pending call have happened in every world that allows it. */
  private takeEffectEarly(pid: number, event: CallEvent): void {
    for (const world of this.worlds) this.happen(world, pid, event);
  }

  /** Lets a call happen in one world, if some way of it gives the observed result; says whether it did. */
  private happen(world: World, pid: number, event: CallEvent): boolean {
    if (world.early.has(pid)) return true;
    const prepared = this.prepare(event, pid);
    if (prepared === undefined) return false;
    const { call, run, observed } = prepared;
    const branch = explore(world, run, call, observed).find(({ matches }) => matches);
    if (branch === undefined) return false;
    commit(branch, run, call, observed);
    world.early.add(pid);
    return true;
  }

  private *handleCall(event: CallEvent): Generator<NeedsMore, void, void> {
    const pid = event.entryPid ?? event.pid ?? this.anonymous;
    this.listener.call();
    yield* this.appear(pid);
    this.pending.delete(pid);
    const name = plainName(event.name);
    const call = SYSTEM_CALLS.get(name);
    const shape = event.args[name === "fcntl" ? 1 : 0]?.value;
    const inScope = isInScope(name, shape?.kind === "word" ? shape.text : undefined);
    const { result } = event;
    const ends = name === "exit" || name === "exit_group";

    if (result.injected && result.error !== undefined) {
      this.listener.passedOver(event.name);
      return;
    }
    if (result.unknown && result.error === undefined && !ends) {
      this.listener.passedOver(event.name);
      return;
    }
    if (ends) {
      this.endCall(event, pid, name);
      return;
    }
    const prepared = call === undefined ? undefined : this.prepare(event, pid);
    if (prepared === undefined) {
      if (inScope) this.listener.judged(this.undecoded(event, pid, call));
      else this.listener.passedOver(event.name);
      this.adoptEverywhere(pid, name, event);
      this.started = true;
      return;
    }
    const branches = this.exploreAll(pid, event, prepared);
    const survivors = branches.filter(({ matches }) => matches);
    let judgement = judgeBranches(branches, call?.returns === "address");
    if (survivors.length === 0 && judgement.verdict === "deviation" && (yield* this.tryOrders(pid, event))) {
      judgement = { ...judgement, verdict: "undetermined", needs: ["judge/order-of-overlapping-calls"] };
    } else {
      yield* this.settle(pid, name, event, prepared, branches, survivors);
    }
    for (const world of this.worlds) world.early.delete(pid);
    if (!inScope) this.listener.passedOver(event.name);
    else this.listener.judged(this.finding(event, pid, call, judgement));
    this.started = true;
  }

  /** exit and exit_group never return; that the thread is gone, another line will say. */
  private endCall(event: CallEvent, pid: number, name: string): void {
    for (const world of this.worlds) {
      const task = world.process(pid)?.task;
      if (task === undefined || name !== "exit_group") continue;
      world.kernel.ports.journal.save(task.thread.group, "dying");
      task.thread.group.dying = true;
    }
    const judgement: Judgement = {
      verdict: event.result.unknown ? "exact" : "deviation",
      allowed: ["?"],
      reason: { id: "judge/never-returns", text: "the call never returns" },
      needs: [],
    };
    this.listener.judged(this.finding(event, pid, SYSTEM_CALLS.get(name), judgement));
  }

  /** The ways of a call in all worlds; where it already happened, the way that it went. */
  private exploreAll(pid: number, event: CallEvent, prepared: Prepared): readonly Branch[] {
    const { run, call, observed } = prepared;
    return this.worlds.flatMap((world) => {
      if (world.early.has(pid)) return [happened(world, event)];
      return explore(world, run, call, observed);
    });
  }

  /** Lets worlds live on in which the observed result was possible. */
  private *settle(
    pid: number,
    name: string,
    event: CallEvent,
    prepared: Prepared,
    branches: readonly Branch[],
    survivors: readonly Branch[],
  ): Generator<NeedsMore, void, void> {
    const { run, call, observed } = prepared;
    const unknowable = branches.some(({ unknown }) => unknown !== undefined);
    if (survivors.length === 0 || unknowable || survivors.length > MOST_WORLDS) {
      this.adoptEverywhere(pid, name, event);
      return;
    }
    const next: World[] = [];
    const taken = new Set<World>();
    for (const branch of survivors) {
      const world = taken.has(branch.world) ? undefined : branch.world;
      if (world === undefined) continue;
      const rest = survivors.filter((other) => other.world === world && other !== branch);
      const copies = rest.map(() => world.copy());
      if (!world.early.has(pid)) commit(branch, run, call, observed);
      for (const [i, other] of rest.entries()) commit(other, run, call, observed, copies[i]!);
      next.push(world, ...copies);
      taken.add(world);
    }
    this.worlds = joinEqual(next);
    yield* this.branchOnOverlap(pid, event);
  }

  /**
   * A thread of the same address space is in the middle of a call that touches the same bytes: it may have come first.
   */
  private *branchOnOverlap(pid: number, event: CallEvent): Generator<NeedsMore, void, void> {
    if (this.pending.size === 0 || this.worlds.length >= MOST_WORLDS) return;
    for (const [other, { name }] of [...this.pending]) {
      if (other === pid || !changesMemory(name) || !this.shareMemory(pid, other)) continue;
      const returns = yield* this.returnOf(other);
      if (returns === undefined || !collide(event, returns)) continue;
      const [first] = this.worlds;
      if (first === undefined || first.early.has(other)) continue;
      const copy = first.copy();
      if (this.happen(copy, other, returns)) this.worlds.push(copy);
    }
  }

  private shareMemory(a: number, b: number): boolean {
    return this.worlds.some((world) => {
      const mm = world.process(a)?.task.mm;
      return mm !== undefined && mm === world.process(b)?.task.mm;
    });
  }

  /** No world allows the result as the log orders things: another thread's pending call may have come first. */
  private *tryOrders(pid: number, event: CallEvent): Generator<NeedsMore, boolean, void> {
    const prepared = this.prepare(event, pid);
    if (prepared === undefined) return false;
    const { run, call, observed } = prepared;
    for (const other of [...this.pending.keys()]) {
      if (other === pid) continue;
      const returns = yield* this.returnOf(other);
      if (returns === undefined) continue;
      const next: World[] = [];
      for (const world of this.worlds) {
        const copy = world.copy();
        if (!this.happen(copy, other, returns)) continue;
        const branch = explore(copy, run, call, observed).find(({ matches }) => matches);
        if (branch === undefined) continue;
        commit(branch, run, call, observed);
        next.push(copy);
      }
      if (next.length > 0) {
        this.worlds = next;
        return true;
      }
    }
    return false;
  }

  private adoptEverywhere(pid: number, name: string, event: CallEvent): void {
    for (const world of this.worlds) {
      if (world.early.has(pid)) continue;
      const task = world.process(pid)?.task;
      if (task === undefined || task.mm === undefined) continue;
      world.choices.begin(undefined, []);
      adopt(world, task, name, event);
    }
  }

  /** What it takes to run a logged call; undefined where the model does not cover it or the log does not show enough. */
  private prepare(event: CallEvent, pid: number): Prepared | undefined {
    const call = SYSTEM_CALLS.get(plainName(event.name));
    if (call === undefined || event.name === "prlimit64") return undefined;
    let decoded: DecodedCallText;
    try {
      decoded = decodeArguments(call, event.args);
    } catch (error) {
      if (error instanceof NotShown) return undefined;
      throw error;
    }
    const { result } = event;
    const pidfd = clonedPidfd(event);
    const observed: Observed = {
      shown: decoded.shown,
      outputs: call.parameters.map((parameter) => parameter.name),
      ...(result.error === undefined && result.value !== undefined ? { value: result.value } : {}),
      ...(result.error === undefined ? {} : { error: result.error }),
      ...(pidfd === undefined ? {} : { pidfd }),
    };
    const isFirstExec = call.name === "execve" && !this.started;
    const run: Run = (world) => {
      const task = taskOf(world, pid);
      world.assumptions.heapStart = () => heapStart(task);
      if (call.name === "execve" && !isFirstExec) askForProgram(world);
      return callDecoded(task, task.abi, call, decoded.args);
    };
    return { call, run, observed };
  }

  private undecoded(event: CallEvent, pid: number, call: SystemCall | undefined): Finding {
    const text =
      call === undefined
        ? `${event.name} is not modelled`
        : `the log does not show every argument of ${event.name} in a form that can be used`;
    const id = call === undefined ? "judge/not-modelled" : "judge/arguments-not-shown";
    return this.finding(event, pid, call, {
      verdict: "undetermined",
      allowed: [],
      reason: { id, text },
      needs: [call === undefined ? `model/${event.name}` : "log/arguments"],
    });
  }

  private finding(event: CallEvent, pid: number, call: SystemCall | undefined, judgement: Judgement): Finding {
    return {
      line: event.line,
      entryLine: event.entryLine,
      pid: pid >= FIRST_ANONYMOUS ? null : pid,
      syscall: event.name,
      observed: formatResult(event.result),
      allowed: judgement.allowed,
      verdict: judgement.verdict,
      reason: judgement.reason,
      form: formOf(event.name, call, event.args, event.result),
      needs: judgement.needs,
    };
  }
}

/** Numbers that no process has: for the process of a log without pids. */
const FIRST_ANONYMOUS = 2 ** 30;

interface Prepared {
  readonly call: SystemCall;
  readonly run: Run;
  readonly observed: Observed;
}

function taskOf(world: World, pid: number): Task {
  const task = world.process(pid)?.task;
  if (task === undefined) throw new RangeError(`process ${pid} is not in this world`);
  return task;
}

function heapStart(task: Task): number {
  const { mm } = task;
  return mm === undefined || Number.isNaN(mm.startBreak) ? 0 : Math.ceil(mm.startBreak / mm.memory.pageBytes);
}

/** Whether a program exists and may be executed, a log does not tell before the fact. */
function askForProgram(world: World): void {
  world.kernel.ports.choices.choose<never>({
    id: "execve/program",
    usual: undefined as never,
    allows: () => false,
    describe: () => "whether the program exists and may be executed",
  });
}

/** The descriptor that clone and clone3 show for CLONE_PIDFD. */
function clonedPidfd(event: CallEvent): number | undefined {
  if (!event.name.startsWith("clone") || !event.argumentText.includes("CLONE_PIDFD")) return undefined;
  const match = /(?:pidfd|parent_tid)=\[(\d+)\]/.exec(event.argumentText.slice(event.argumentText.lastIndexOf("=>") + 1));
  return match === null ? undefined : Number(match[1]);
}

/** A call that already took effect in a world: it gave what the log shows. */
function happened(world: World, event: CallEvent): Branch {
  const { value, error } = event.result;
  return {
    world,
    script: [],
    outcome: { ok: true, value: Number(value ?? 0) },
    kind: error ?? "ok",
    openNumbers: [{ id: "judge/happened", set: formatResult(event.result), allowed: true }],
    openFacts: [],
    matches: true,
  };
}

function joinEqual(worlds: readonly World[]): World[] {
  if (worlds.length < 2) return [...worlds];
  const seen = new Map<string, World>();
  for (const world of worlds) {
    const digest = world.digest();
    if (!seen.has(digest)) seen.set(digest, world);
  }
  return [...seen.values()].slice(0, MOST_WORLDS);
}

function unreadFinding(event: Extract<LogEvent, { kind: "unread" }>): Finding {
  return {
    line: event.line,
    entryLine: event.line,
    pid: event.pid ?? null,
    syscall: "",
    observed: event.text,
    allowed: [],
    verdict: "unread",
    reason: { id: "strace/unread", text: `column ${event.column}: expected ${event.expected}` },
    form: "",
    needs: [],
  };
}
