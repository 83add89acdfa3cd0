import { profile as resolveProfile, type Profile, type Settings } from "@kadvise/releases";
import type { Policy } from "@kadvise/security";
import { formatCall, LogReader, type LogEvent } from "@kadvise/strace";
import { callDecoded } from "@kadvise/syscalls";
import type { AssumptionName } from "../judge/assumptions.ts";
import { isYamaOpen, TAKEN_AS_USUAL } from "../judge/check.ts";
import type { CallToJudge, Finding } from "../judge/finding.ts";
import { gateOf } from "../judge/gate.ts";
import { Judge } from "../judge/judge.ts";
import { take } from "../judge/waysOf.ts";
import { CallHistory } from "../lint/callHistory.ts";
import { lintCall } from "../lint/lint.ts";
import type { LintFinding } from "../lint/rule.ts";
import type { Way } from "../judge/way.ts";
import type { LogFacts } from "../record/logFacts.ts";
import { explainWay, type WayExplained } from "./explainWay.ts";

/** How one call of a log is explained. */
export interface ExplainLogOptions {
  /** The line of the call: where it began, or where its result stands. */
  readonly line?: number;
  /** Where no line is named: which of the judged calls to explain. */
  readonly wants?: (call: { readonly line: number; readonly name: string }) => boolean;
  readonly kernel: string;
  readonly settings?: Partial<Settings>;
  readonly assumptionsOff?: readonly AssumptionName[];
  readonly policies?: () => readonly Policy[];
  /** What was kept beside the log when it was recorded. */
  readonly facts?: LogFacts;
}

/** A fact that was open when the call read it. */
export interface OpenFactTold {
  readonly id: string;
  readonly fact: string;
}

/** One call of a log, explained. Plain and JSON-safe. */
export interface LogCallExplained {
  readonly schemaVersion: 1;
  readonly kernel: string;
  readonly kernelAsked: boolean;
  readonly line: number;
  readonly entryLine: number;
  readonly pid: number | null;
  readonly syscall: string;
  /** The call as the log has it, without its result. */
  readonly call: string;
  readonly observed: string;
  readonly verdict: Finding["verdict"] | "out of scope";
  readonly allowed: readonly string[];
  readonly reason: { readonly id: string; readonly text: string };
  /** Facts that the log does not show and that decide between the ways. */
  readonly open: readonly OpenFactTold[];
  /** What the call answers: one way, or several where facts were open; the observed one first. */
  readonly ways: readonly (WayExplained & { readonly isObserved: boolean })[];
  /** Ways beyond those that are told. */
  readonly waysOmitted: number;
  /** What is suspicious in the call, whatever Linux answers to it. */
  readonly lint: readonly LintFinding[];
}

/** So many ways are told. */
const MOST_WAYS = 4;
/** So many are looked at. */
const MOST_LOOKED_AT = 64;

/**
 * Follows a log up to one call, and explains that call. Text may come in pieces of any size; once
 * {@link isDone}, the rest is of no interest.
 */
export class LogExplainer {
  readonly profile: Profile;
  private readonly line: number;
  private readonly wants: ExplainLogOptions["wants"];
  private readonly reader: LogReader = new LogReader();
  private readonly judge: Judge;
  private readonly explained: LogCallExplained[] = [];
  private ways: LogCallExplained["ways"] = [];
  private open: readonly OpenFactTold[] = [];
  private omitted = 0;
  private text = "";
  private near: number[] = [];
  private readonly history: CallHistory = new CallHistory();
  /** What the lint says of calls that are wanted and not yet judged, by the line of the result. */
  private readonly lint: Map<number, readonly LintFinding[]> = new Map();

  constructor(options: ExplainLogOptions) {
    this.line = options.line ?? 0;
    this.wants = options.wants;
    this.profile = resolveProfile(options.kernel, {
      settings: { ...TAKEN_AS_USUAL, ...options.settings },
    });
    this.judge = new Judge(
      {
        profile: this.profile,
        assumptionsOff: options.assumptionsOff ?? [],
        isYamaOpen: isYamaOpen(options),
        ...(options.policies === undefined ? {} : { policies: options.policies }),
        ...(options.facts?.programs === undefined ? {} : { programs: options.facts.programs }),
      },
      {
        judged: (finding) => this.take(finding),
        unread: (finding) => this.take(finding),
        passedOver: () => undefined,
        call: () => undefined,
        before: (call) => this.look(call),
      },
      options.facts?.execs,
    );
  }

  get isDone(): boolean {
    return this.wants === undefined && this.explained.length > 0;
  }

  push(text: string): void {
    for (let from = 0; from < text.length && !this.isDone; from += PIECE)
      this.follow(this.reader.push(text.slice(from, from + PIECE)));
  }

  end(): void {
    if (this.isDone) return;
    this.follow(this.reader.end());
    this.judge.end();
  }

  /** The judge may wait for what follows a call; the lint looks back only, and comes first. */
  private follow(events: readonly LogEvent[]): void {
    for (const event of events) {
      if (event.kind === "call" && this.isWanted(event.line, event.entryLine, event.name))
        this.lint.set(event.line, lintCall(event, this.history));
      this.history.note(event);
    }
    this.judge.push(events);
  }

  /** The explanation; undefined where no judged call stands on the line. */
  get result(): LogCallExplained | undefined {
    return this.explained[0];
  }

  /** Every explanation, in the order of the results. */
  get results(): readonly LogCallExplained[] {
    return this.explained;
  }

  /** Lines near the wanted one on which judged calls stand. */
  get nearLines(): readonly number[] {
    return this.near;
  }

  private isWanted(line: number, entryLine: number, name: string): boolean {
    if (this.wants !== undefined) return this.wants({ line, name });
    return line === this.line || entryLine === this.line;
  }

  private look(call: CallToJudge): void {
    const { event } = call;
    if (!this.isWanted(event.line, event.entryLine, event.name)) return;
    this.omitted = 0;
    this.text = formatCall({ name: event.name, args: event.args }).trimEnd();
    const ways = call.ways();
    this.open = openFacts(ways);
    const told: (WayExplained & { isObserved: boolean })[] = [];
    const seen = new Set<string>();
    const order = [...ways].sort((a, b) => Number(b.matches) - Number(a.matches));
    for (const way of order.slice(0, MOST_LOOKED_AT)) {
      // What took effect before it returned cannot be run once more.
      if (way.world.early.has(call.pid) || isOrder(way)) continue;
      const { outcome } = way;
      const refusal = outcome?.ok === false ? outcome : outcome?.stopped;
      const key = `${way.kind} ${refusal?.reason.id ?? way.unknown?.fact ?? ""} ${way.matches}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (told.length >= MOST_WAYS) this.omitted++;
      else told.push({ ...explainIn(call, way), isObserved: way.matches });
    }
    this.ways = told;
  }

  private take(finding: Finding): void {
    if (!this.isWanted(finding.line, finding.entryLine, finding.syscall)) {
      this.near = [...this.near, finding.line]
        .sort((a, b) => Math.abs(a - this.line) - Math.abs(b - this.line))
        .slice(0, MOST_NEAR);
      return;
    }
    const { line, entryLine, pid, syscall, observed, verdict, allowed, reason } = finding;
    this.explained.push({
      schemaVersion: 1,
      kernel: this.profile.name,
      kernelAsked: this.profile.asked,
      ...{ line, entryLine, pid, syscall },
      call: this.text === "" ? syscall : this.text,
      ...{ observed, verdict, allowed, reason },
      open: this.open,
      ways: this.ways,
      waysOmitted: this.omitted,
      lint: this.lint.get(line) ?? [],
    });
    this.lint.delete(line);
    this.text = "";
    this.ways = [];
    this.open = [];
  }
}

/** Whether it is open which of several calls came first: there is no one way to be told. */
function isOrder({ unknown }: Way): boolean {
  return unknown?.question === "judge/order-of-overlapping-calls";
}

const PIECE = 8192;
const MOST_NEAR = 3;

function openFacts(ways: readonly Way[]): readonly OpenFactTold[] {
  const facts = new Map<string, OpenFactTold>();
  for (const { openFacts: open, unknown } of ways) {
    for (const { id, fact } of open) facts.set(fact, { id, fact });
    if (unknown !== undefined)
      facts.set(unknown.fact, { id: unknown.question, fact: unknown.fact });
  }
  return [...facts.values()];
}

/** Explains a call in one of its worlds, behind the calls of others that came first in it. */
function explainIn(call: CallToJudge, way: Way): WayExplained {
  const { world, before, script } = way;
  const { prepared, pid, event } = call;
  const { journal } = world.kernel.ports;
  return journal.attempt(() => {
    for (const step of before) take(world, step);
    const task = world.process(pid)?.task;
    if (task === undefined) throw new RangeError(`process ${pid} is not in this world`);
    return explainWay({
      ...{ task, call: prepared.call, args: prepared.args },
      begin: () => world.choices.begin(prepared.observed, script),
      run: (args) =>
        args === undefined
          ? prepared.run(world).outcome
          : callDecoded(task, gateOf(world, task, event), prepared.call, copied(args)).outcome,
    });
  });
}

/** A call may write where it reads: each run has its own bytes. */
function copied(args: CallToJudge["prepared"]["args"]): CallToJudge["prepared"]["args"] {
  return args.map((argument) => (argument instanceof Uint8Array ? argument.slice() : argument));
}
