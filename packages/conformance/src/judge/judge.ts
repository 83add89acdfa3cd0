import type { CallEvent, CallResult, LogEvent } from "@kadvise/strace";
import { exitProcess, exitTask, SYSTEM_CALLS, type SystemCall } from "@kadvise/syscalls";
import { constant } from "../notation/constants.ts";
import type { ExecFacts } from "../record/logFacts.ts";
import { adopt } from "./aftermath.ts";
import type { Assumptions } from "./assumptions.ts";
import { excuse } from "./brokenAssumption.ts";
import { closeBefore } from "./closeBefore.ts";
import { enterDomain } from "./landlockDomain.ts";
import { EventQueue, type NeedsMore } from "./eventQueue.ts";
import { unreadFinding, type Finding, type Listener } from "./finding.ts";
import { forgetSeen, forgetTouched, speaksOfMemory } from "./forgetTouched.ts";
import { formOf } from "./form.ts";
import { JudgedCall } from "./judgedCall.ts";
import { PendingCalls } from "./pendingCalls.ts";
import { statePlainStart } from "./plainStart.ts";
import { prepareCall } from "./preparedCall.ts";
import { isInScope, plainName } from "./scope.ts";
import { filteredJudgement, maybeFiltered, SeccompFilters } from "./seccompFilters.ts";
import { Gaps } from "./gaps.ts";
import { moduleMayRefuse } from "./moduleRefusals.ts";
import {
  gainPrivileges,
  loseUnnamedRoot,
  openReport,
  ProgramPrivileges,
} from "./programPrivileges.ts";
import {
  anyPid,
  CHILD_CAME_FIRST,
  CUT_LINE,
  INTERRUPTED,
  neverReturns,
  notDecoded,
  mayRestart,
  startsAgain,
} from "./ownJudgements.ts";
import { mayMatter } from "./steps.ts";
import { TimeNamespaces } from "./timeNamespaces.ts";
import { changesIdentity } from "./touch.ts";
import { LackingCalls, excuseProcesses } from "./lackingCalls.ts";
import { judge as judgeWays, type Judgement, type Verdict } from "./verdict.ts";
import { both, type Way } from "./way.ts";
import { loseOrder, type Candidate, type Returning } from "./waysOf.ts";
import { World, type WorldOptions } from "./world.ts";
import { UnshownExits } from "./unshownExits.ts";
import { stateSeen } from "./seenExec.ts";
import { OpenViews } from "./views/openViews.ts";
import { Worlds } from "./worlds.ts";
import { YamaPresence } from "./yamaPresence.ts";

/**
 * Follows a log and judges each result that is in scope.
 *
 * The judge keeps a few candidate worlds: kernels in which everything went as the log says. A call
 * is run in each, in every way that facts which nobody stated leave open; the ways that give the
 * observed result live on. Calls of several threads that overlap are tried in every order that
 * could show. What nobody can know makes a result undetermined, and what such a call may have
 * changed becomes unknown: the judge forgets, and never accuses for lack of knowledge.
 */
export class Judge {
  private readonly queue: EventQueue = new EventQueue();
  private readonly listener: Listener;
  private readonly loop: Generator<NeedsMore, void, void>;
  private readonly gaps: Gaps = new Gaps();
  private readonly pending: PendingCalls = new PendingCalls(this.queue);
  private readonly filters: SeccompFilters = new SeccompFilters();
  private readonly exits: UnshownExits = new UnshownExits();
  private readonly lacking: LackingCalls = new LackingCalls();
  private readonly times: TimeNamespaces = new TimeNamespaces();
  private readonly privileges: ProgramPrivileges = new ProgramPrivileges();
  private readonly views: OpenViews = new OpenViews();
  private readonly worlds: Worlds;
  private readonly assumptions: Assumptions;
  private readonly yama: YamaPresence;
  private started = false;
  private hasHistory = false;
  /** The process of lines without a pid. */
  private anonymous = FIRST_ANONYMOUS;

  /** What was seen behind an execve, by the line of its result. */
  private readonly execs: ReadonlyMap<number, ExecFacts>;

  constructor(options: WorldOptions, listener: Listener, execs: readonly ExecFacts[] = []) {
    this.listener = listener;
    this.execs = new Map(execs.map((facts) => [facts.line, facts]));
    const world = new World(options);
    this.worlds = new Worlds(world);
    this.assumptions = world.assumptions;
    this.yama = new YamaPresence(options.isYamaOpen === true);
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
    this.exits.note(event);
    switch (event.kind) {
      case "entered": {
        const pid = event.pid ?? this.anonymous;
        yield* this.appear(pid);
        this.pending.begin(pid, event.name);
        this.views.entered(pid);
        return;
      }
      case "call":
        yield* this.handleCall(event);
        return;
      case "exited":
        this.ends(event.pid ?? this.anonymous, {
          code: event.status,
          signal: 0,
          coreDumped: false,
        });
        return;
      case "killed": {
        const signal = Number(constant(event.signal) ?? 0);
        this.ends(event.pid ?? this.anonymous, { code: 0, signal, coreDumped: event.coreDumped });
        return;
      }
      case "superseded":
        this.pending.end(event.pid ?? this.anonymous);
        return;
      case "personality":
        yield* this.appear(event.pid);
        for (const world of this.worlds) {
          const task = world.process(event.pid)?.task;
          if (task !== undefined) task.abi = event.mode === "32 bit" ? "i386" : "x86-64";
          world.gatesAreNoted = true;
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
    this.pending.end(pid);
    for (const world of this.worlds) {
      world.early.delete(pid);
      world.unordered.delete(pid);
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
    for (const world of this.worlds) world.kernel.machine.processes.renumber(this.anonymous, pid);
    this.pending.rename(this.anonymous, pid);
    this.anonymous = pid;
  }

  /** In a log without pids, the first call that returns the caller's own number tells it. */
  private learnOwnPid(event: CallEvent): boolean {
    const { value, error } = event.result;
    const isNumberless = event.pid === undefined && this.anonymous >= FIRST_ANONYMOUS;
    if (!isNumberless || error !== undefined || !OWN_PID.has(event.name)) return false;
    const number = Number(value ?? 0);
    if (!(number > 0) || this.worlds.some((world) => world.process(number) !== undefined))
      return false;
    this.identify(number);
    return true;
  }

  /**
   * Makes sure that a thread exists: by the clone that is just making it, or as one that was there
   * before.
   */
  private *appear(pid: number): Generator<NeedsMore, void, void> {
    if (this.worlds.every((world) => world.process(pid) !== undefined)) return;
    for (const call of this.pending.list()) {
      if (!/^(clone3?|v?fork)$/.test(call.name) || call.pid === pid) continue;
      const returns = yield* this.pending.returnOf(call, this.anonymous);
      if (
        returns === undefined ||
        Number(returns.result.value) !== pid ||
        returns.result.error !== undefined
      )
        continue;
      const prepared = prepareCall(returns, call.pid, false);
      if (prepared === undefined) continue;
      const candidates = yield* this.candidates(call.pid, returns);
      this.worlds.takeEarly({ pid: call.pid, event: returns, prepared }, candidates);
      if (this.worlds.every((world) => world.process(pid) !== undefined)) return;
    }
    for (const world of this.worlds) if (world.process(pid) === undefined) world.spawn(pid);
    this.gaps.noteStranger(pid);
    if (!this.worlds.some((world) => world.isNested(pid))) this.lacking.noteStranger();
    this.pending.noteStranger((parent) => this.worlds.some((world) => world.isNested(parent)));
  }

  /** Calls under way that may matter to one that returns, with what they will have returned. */
  private *candidates(
    pid: number,
    event: CallEvent,
    matters: boolean = mayMatter(plainName(event.name)),
  ): Generator<NeedsMore, readonly Candidate[], void> {
    const found: Candidate[] = [];
    if (this.pending.isEmpty || !matters) return found;
    for (const pending of this.pending.list()) {
      if (pending.pid === pid || !mayMatter(plainName(pending.name))) continue;
      const returns = yield* this.pending.returnOf(pending, this.anonymous);
      if (returns === undefined || (returns.result.injected && returns.result.error !== undefined))
        continue;
      found.push({ pending, event: returns });
    }
    return found;
  }

  private *handleCall(event: CallEvent): Generator<NeedsMore, void, void> {
    const tellsPid = this.learnOwnPid(event);
    const pid = event.entryPid ?? event.pid ?? this.anonymous;
    this.listener.call();
    if (!this.worlds.every((world) => world.process(pid) !== undefined)) yield* this.appear(pid);
    if (this.gaps.mayBeFiltered) yield* this.gaps.findFilter(event, this.queue);
    this.gaps.forgetUnseen(this.worlds, pid);
    this.lacking.note(event, pid, this.worlds);
    for (const { assumptions } of this.worlds) assumptions.note(event);
    const name = plainName(event.name);
    const call = SYSTEM_CALLS.get(name);
    const shape = event.args[name === "fcntl" ? 1 : 0]?.value;
    const { result } = event;
    const read = this.views.read(event, pid, this.worlds);
    const inScope = read !== undefined || isInScope(name, shape);
    const pending = this.pending.end(pid);
    if (name === "exit" || name === "exit_group") {
      this.endCall(event, pid, name);
      return;
    }
    if (
      (result.injected && result.error !== undefined) ||
      (result.unknown && result.error === undefined)
    ) {
      this.listener.passedOver(event.name);
      return;
    }
    if (pending?.mayHaveMade === true && result.error === undefined) {
      this.listener.judged(this.finding(event, pid, call, CHILD_CAME_FIRST));
      this.adoptEverywhere(pid, name, event);
      return;
    }
    if (this.gaps.madeStranger(event)) {
      this.listener.judged(this.finding(event, pid, call, CHILD_CAME_FIRST));
      for (const world of this.worlds) {
        world.joinFamily(Number(event.result.value), pid);
      }
      return;
    }
    const isFirstExec = name === "execve" && !this.started && result.error === undefined;
    const filtered = this.filters.isEmpty ? "made" : this.filters.answer(event, pid);
    this.times.note(event, pid);
    this.views.note(event, this.worlds.first.process(pid)?.task);
    this.exits.end(event, pid, this.worlds);
    if (name === "prctl" || name === "seccomp") this.filters.note(event, pid, this.threadsOf(pid));
    if (name === "landlock_restrict_self") enterDomain(this.worlds, event, pid);
    const prepared = read?.prepared ?? prepareCall(event, pid, isFirstExec);
    this.started = true;
    if (typeof filtered === "object") {
      if (inScope)
        this.listener.judged(this.finding(event, pid, call, filteredJudgement(filtered, event)));
      else this.listener.passedOver(event.name);
      this.adoptEverywhere(pid, name, event);
      return;
    }
    if (prepared === undefined) {
      if (inScope)
        this.listener.judged(this.finding(event, pid, call, notDecoded(event.name, call)));
      else this.listener.passedOver(event.name);
      yield* closeBefore({ event, pid, anonymous: this.anonymous }, this.pending, this.worlds);
      this.adoptEverywhere(pid, name, event);
      return;
    }
    if (startsAgain(name, result.error)) {
      this.listener.judged(this.finding(event, pid, call, INTERRUPTED));
      return;
    }
    const candidates = this.pending.isEmpty
      ? NONE
      : yield* this.candidates(pid, event, read !== undefined || undefined);
    const open = pending?.refuted ?? NONE;
    const returning = { pid, event, prepared };
    if (pending === undefined && candidates.length === 0 && inScope) {
      this.listener.about?.(event, (other) => this.verdictOf(event, pid, other, isFirstExec));
    }
    this.listener.before?.({
      ...{ pid, event, prepared },
      ways: () => this.worlds.waysOf(returning, candidates, false),
    });
    const isOverlapped = pending?.wasOverlapped === true;
    let ways = this.worlds.waysOf(returning, candidates, !isOverlapped);
    if (isOverlapped) ways = [...ways, ...this.worlds.torn(returning)];
    let judgement =
      this.yama.judge(event, this.worlds) ??
      judgeWays(both(ways, open), call?.returns === "address");
    const isDoubted = judgement.verdict === "deviation";
    if (isDoubted) {
      ways = this.worlds.doubting(() => this.worlds.waysOf(returning, candidates, false));
      judgement = judgeWays(both(ways, open), call?.returns === "address");
    }
    if (this.privileges.isFirstReport(pid, event) && result.error === undefined) {
      const isOther = judgement.verdict === "deviation";
      if (isOther) {
        this.worlds.everyTask(pid, (task) => {
          gainPrivileges(task, event);
        });
        ways = this.worlds.waysOf(returning, candidates, false);
        judgement = judgeWays(both(ways, open), false);
      }
      judgement = openReport(judgement);
      this.privileges.reported(pid, event, isOther);
    }
    const lacksCalls =
      judgement.verdict === "deviation" &&
      (this.gaps.lacksCalls || this.lacking.mayExplain(event, this.worlds));
    if (lacksCalls) {
      this.worlds.takeBack(ways);
      this.worlds.forget();
      ways = this.worlds.waysOf(returning, candidates, false);
      judgement = excuseProcesses(judgeWays(both(ways, open), call?.returns === "address"), event);
    }
    if (judgement.verdict === "deviation" && event.isUnterminated === true) {
      judgement = { ...CUT_LINE, allowed: judgement.allowed };
    }
    if (judgement.verdict === "deviation") {
      const isOpen = lacksCalls || moduleMayRefuse(judgement, event, pid, this.worlds);
      judgement = excuse(judgement, event, this.assumptions, isOpen);
    }
    judgement = this.times.excuse(judgement, event, pid);
    judgement = read?.about(judgement) ?? judgement;
    if (filtered === "unknown") judgement = maybeFiltered(judgement);
    if (inScope) {
      this.listener.judged(
        this.finding(event, pid, call, tellsPid ? anyPid(judgement) : judgement, read?.file),
      );
    } else this.listener.passedOver(event.name);
    const settle = (): void => this.settle(returning, ways, candidates);
    if (isDoubted) this.worlds.doubting(settle);
    else settle();
    read?.end(judgement, this.worlds);
    if (result.error === undefined) this.notePrivileges(event, pid, name, isFirstExec);
    if (isFirstExec) statePlainStart(this.worlds, event, pid);
    if (this.gaps.mayBeUnfollowed(event)) {
      yield* this.gaps.noteFork(event, this.queue, this.worlds);
    }
    if (changesIdentity(name) && this.hasHistory) {
      for (const world of this.worlds) world.choices.memory.end();
    }
    this.hasHistory = true;
  }

  /** Who a process is may change where it executes a program; a child is who its parent is. */
  private notePrivileges(event: CallEvent, pid: number, name: string, isFirstExec: boolean): void {
    if (name === "execve" || name === "execveat") {
      const facts = this.execs.get(event.line);
      this.privileges.executed(pid, isFirstExec || facts?.isInitialNamespace === true);
      this.worlds.everyTask(pid, loseUnnamedRoot);
      if (facts !== undefined) stateSeen(this.worlds, facts);
    } else if (mayRestart(name)) {
      const child = Number(event.result.value ?? 0);
      this.privileges.forked(pid, child);
      this.filters.forked(pid, child);
    }
  }

  private threadsOf(pid: number): readonly number[] {
    const [world] = this.worlds;
    const { threads = [] } = world?.process(pid)?.task.thread.group ?? {};
    return threads.map((thread) => thread.pid.number);
  }

  /** The verdict on a call, had it given another result. */
  private verdictOf(event: CallEvent, pid: number, result: CallResult, isFirst: boolean): Verdict {
    const { kind, line, entryLine, name, args, argumentText } = event;
    const other: CallEvent = { kind, line, entryLine, name, args, argumentText, result };
    const prepared = prepareCall(other, pid, isFirst);
    if (prepared === undefined) return "undetermined";
    const returning = { pid, event: other, prepared };
    const look = (): Verdict =>
      judgeWays(this.worlds.waysOf(returning, NONE, false), false).verdict;
    const verdict = look();
    return verdict === "deviation" ? this.worlds.doubting(look) : verdict;
  }

  /** exit and exit_group never return; that the thread is gone, another line will say. */
  private endCall(event: CallEvent, pid: number, name: string): void {
    const filtered = this.filters.isEmpty ? "made" : this.filters.answer(event, pid);
    if (filtered !== "made" && !event.result.unknown) {
      const judged =
        filtered === "unknown"
          ? maybeFiltered(neverReturns(event.result))
          : filteredJudgement(filtered, event);
      this.listener.judged(this.finding(event, pid, SYSTEM_CALLS.get(name), judged));
      return;
    }
    for (const world of this.worlds) {
      const task = world.process(pid)?.task;
      if (task === undefined) continue;
      if (name === "exit_group") task.thread.group.dying = true;
      else task.thread.exiting = true;
    }
    const judgement = neverReturns(event.result);
    this.listener.judged(this.finding(event, pid, SYSTEM_CALLS.get(name), judgement));
  }

  /** Lets worlds live on in which the observed result was possible. */
  private settle(
    returning: Returning,
    ways: readonly Way[],
    candidates: readonly Candidate[],
  ): void {
    const { pid, event } = returning;
    const survivors = ways.filter(({ matches }) => matches);
    const isUnknowable = ways.some(({ unknown }) => unknown !== undefined);
    if (
      survivors.length === 0 ||
      isUnknowable ||
      !this.worlds.keep(returning, survivors, candidates)
    ) {
      this.worlds.takeBack(survivors);
      for (const world of this.worlds) loseOrder(world, returning, candidates);
      this.adoptEverywhere(pid, plainName(event.name), event);
      // One cause is one deviation: what spoke against the result is known no more.
      if (survivors.length === 0 && !isUnknowable && speaksOfMemory(event.name))
        for (const world of this.worlds) forgetSeen(world, pid, event);
    }
    for (const world of this.worlds) {
      world.early.delete(pid);
      world.unordered.delete(pid);
    }
  }

  private adoptEverywhere(pid: number, name: string, event: CallEvent): void {
    for (const world of this.worlds) {
      if (world.early.has(pid)) continue;
      const task = world.process(pid)?.task;
      if (task === undefined || task.mm === undefined) continue;
      world.choices.begin(undefined, []);
      adopt(world, task, name, event);
      // What returned meanwhile may have come after it, and be what is there now.
      if (world.unordered.has(pid)) forgetTouched(world, pid, event);
    }
  }

  private finding(
    event: CallEvent,
    pid: number,
    call: SystemCall | undefined,
    judgement: Judgement,
    shape?: string,
  ): Finding {
    const form = formOf(event.name, call, event.args, event.result, shape);
    return new JudgedCall(event, pid >= FIRST_ANONYMOUS ? null : pid, form, judgement);
  }
}

const NONE: readonly never[] = [];

const OWN_PID: ReadonlySet<string> = new Set(["getpid", "gettid", "set_tid_address"]);

/** Numbers that no process has: for the process of a log without pids. */
const FIRST_ANONYMOUS = 2 ** 30;
