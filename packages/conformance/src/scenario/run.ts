import type { Kernel, Process } from "@kadvise/kernel";
import {
  failed,
  formatCall,
  formatResult,
  integerOf,
  notReturned,
  returned,
  type Argument,
  type CallResult,
  type Value,
} from "@kadvise/strace";
import { callDecoded, neverReturns, SYSTEM_CALLS, type Outcome } from "@kadvise/syscalls";
import { CAP, type CapabilityName } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { decodeArguments } from "../notation/decode.ts";
import { printCall } from "../notation/print.ts";
import { NotShown } from "../notation/notShown.ts";
import { observedField } from "../model/observedField.ts";
import { fieldText } from "../program/shownField.ts";
import type { Step } from "./parse.ts";
import { shownFieldOf } from "./stepArguments.ts";

/** What became of a step. */
export interface StepReport {
  readonly step: Step;
  /** The line as strace would have printed it. */
  readonly text: string;
  readonly pid: number;
  readonly outcome: Outcome;
  /**
   * What was expected instead, in strace's notation; absent if the expectation was met or there was
   * none.
   */
  readonly mismatch?: string;
}

/** A step that cannot be run as it stands: misuse of the scenario language. */
export class ScenarioMisuse extends Error {
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = "ScenarioMisuse";
    this.line = line;
  }
}

/**
 * Runs a scenario's steps on a kernel, one after the other. A process comes into being where it is
 * first named: root, with an empty address space; `spawn({uid=1000})` as its first step makes it
 * another.
 */
export class ScenarioRunner {
  readonly kernel: Kernel;
  private readonly names: Map<string, number | bigint> = new Map();
  private readonly processes: Map<string, Process> = new Map();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** The processes by name, in the order in which they appeared. */
  get actors(): ReadonlyMap<string, Process> {
    return this.processes;
  }

  run(step: Step): StepReport {
    const process = this.processOf(step);
    const pid = process.pid;
    const { outcome, text } = this.perform(step, process);
    const mismatch = this.compare(step, outcome);
    return { step, text, pid, outcome, ...(mismatch === undefined ? {} : { mismatch }) };
  }

  private processOf(step: Step): Process {
    const { process: name } = step;
    const bound = name.startsWith("$") ? this.names.get(name) : this.names.get(`$${name}`);
    const number = bound ?? (/^\d+$/.test(name) ? Number(name) : undefined);
    if (number !== undefined) {
      const found = this.kernel.find(Number(number));
      if (found !== undefined) return found;
      if (name.startsWith("$"))
        throw new ScenarioMisuse(step.line, `process ${name} (${number}) is gone`);
    }
    if (name.startsWith("$"))
      throw new ScenarioMisuse(step.line, `nothing was bound to ${name} before this line`);
    const known = this.processes.get(name);
    if (known !== undefined) return known;
    const made = this.kernel.spawn(
      step.name === "spawn" ? this.spawnOptions(step) : { uid: 0, name },
    );
    this.processes.set(name, made);
    return made;
  }

  private perform(step: Step, process: Process): { outcome: Outcome; text: string } {
    process.abi = step.gate;
    switch (step.name) {
      case "spawn":
        return this.pseudo(step, process, { ok: true, value: process.pid });
      case "touch":
      case "load":
      case "store":
        return this.access(step, process);
      case "show":
        return this.show(step, process);
      case "raw":
        return this.raw(step, process);
      default:
        return this.systemCall(step, process);
    }
  }

  private systemCall(step: Step, process: Process): { outcome: Outcome; text: string } {
    const call = SYSTEM_CALLS.get(step.name);
    if (call === undefined) {
      throw new ScenarioMisuse(
        step.line,
        `"${step.name}" is no call that is modelled; touch, load, store, show, write, spawn and raw stand for what is none`,
      );
    }
    try {
      const { args } = decodeArguments(call, step.args, (word) => this.numberOf(word));
      const { pid } = process;
      const { outcome, outputs } = callDecoded(process.task, step.gate, call, args);
      return { outcome, text: printCall({ pid, call, args, outcome, outputs }) };
    } catch (error) {
      if (error instanceof NotShown) throw new ScenarioMisuse(step.line, this.lack(step, error));
      throw error;
    }
  }

  /** Why an argument has no value: mostly because its name has none. */
  private lack(step: Step, error: NotShown): string {
    const names = step.args.flatMap(({ text }) => text.match(/\$\w+/g) ?? []);
    const unbound = names.find((name) => this.numberOf(name) === undefined);
    return unbound === undefined
      ? `${error.message} is not a value`
      : `nothing was bound to ${unbound} before this line`;
  }

  /**
   * touch($a, bytes[, read]), load($a, bytes), store($a, "text"): what a program does without a
   * system call.
   */
  private access(step: Step, process: Process): { outcome: Outcome; text: string } {
    const address = this.integer(step, 0);
    const data = step.args[1]?.value;
    const size = data === undefined || data.kind === "string" ? 1 : Number(this.integer(step, 1));
    const result =
      step.name === "store"
        ? process.store(address, data?.kind === "string" ? data.text : new Uint8Array(size))
        : step.name === "load"
          ? process.load(address, size)
          : process.touch(address, size, step.args[2]?.text === "read" ? "read" : "write");
    return this.pseudo(step, process, result.ok ? { ok: true, value: 0 } : result);
  }

  /** show(FIELD[, ADDRESS]): what /proc says, behind the result. */
  private show(step: Step, process: Process): { outcome: Outcome; text: string } {
    const shows = shownFieldOf(step);
    const payload = observedField(process.task, shows)?.payload;
    if (payload === undefined) throw new ScenarioMisuse(step.line, `${shows.name} is not modelled`);
    const { pid } = process;
    const result = { ...returned(0), note: fieldText(shows, payload) ?? "" };
    const text = formatCall({ pid, name: step.name, args: step.args, result });
    return { outcome: { ok: true, value: 0 }, text };
  }

  /** raw(nr, a1 … a6): registers as they are. */
  private raw(step: Step, process: Process): { outcome: Outcome; text: string } {
    const registers = step.args.map((_, i) => this.integer(step, i));
    const [number = 0, ...rest] = registers;
    return this.pseudo(step, process, process.syscall(number, ...rest));
  }

  private pseudo(
    step: Step,
    process: Process,
    outcome: Outcome,
  ): { outcome: Outcome; text: string } {
    const result = outcome.ok ? returned(outcome.value) : failed(outcome.code);
    const comment = outcome.ok ? undefined : outcome.reason.id;
    const text = formatCall({
      pid: process.pid,
      name: step.name,
      args: step.args.map((argument) => this.resolved(argument)),
      result: neverReturns(outcome) ? notReturned() : result,
      ...(comment === undefined ? {} : { comment }),
    });
    return { outcome, text };
  }

  private resolved(argument: Argument): Value {
    const number = integerOf(argument.value, (word) => this.numberOf(word));
    if (number === undefined || argument.value.kind === "number") return argument.value;
    return {
      kind: "number",
      value: number,
      text: `0x${BigInt.asUintN(64, BigInt(number)).toString(16)}`,
    };
  }

  /** The number of a bound name, of a process by its name, or of a constant. */
  private numberOf(word: string): number | bigint | undefined {
    return (
      this.names.get(word) ?? this.processes.get(word.replace(/^\$/, ""))?.pid ?? constant(word)
    );
  }

  private integer(step: Step, i: number): number | bigint {
    const value = step.args[i]?.value;
    const number =
      value === undefined ? undefined : integerOf(value, (word) => this.numberOf(word));
    if (number === undefined) {
      throw new ScenarioMisuse(step.line, `${step.name} needs a number as argument ${i + 1}`);
    }
    return number;
  }

  /** Binds, or compares with what was expected; returns the expectation if it was not met. */
  private compare(step: Step, outcome: Outcome): string | undefined {
    const { expected } = step;
    if (expected === undefined || (expected.unknown && expected.error === undefined))
      return undefined;
    const binds = expected.expression?.kind === "name" ? expected.expression.text : undefined;
    if (binds !== undefined && !this.names.has(binds)) {
      if (outcome.ok) this.names.set(binds, outcome.value);
      return outcome.ok ? undefined : "success";
    }
    const wanted = this.wantedResult(expected, step.line);
    return resultsAgree(wanted, outcome) ? undefined : formatResult(expected);
  }

  private wantedResult(
    expected: CallResult,
    line: number,
  ): { value?: number | bigint; error?: string } {
    if (expected.error !== undefined) return { error: expected.error };
    if (expected.expression !== undefined) {
      const number = integerOf(expected.expression, (word) => this.numberOf(word));
      if (number === undefined) throw new ScenarioMisuse(line, "the expected result is no number");
      return { value: number };
    }
    return expected.value === undefined ? {} : { value: expected.value };
  }

  private spawnOptions(step: Step): Parameters<Kernel["spawn"]>[0] {
    const argument = step.args[0]?.value;
    const options: Record<string, unknown> = { uid: 0, name: step.process };
    if (argument === undefined) return options;
    if (argument.kind !== "struct")
      throw new ScenarioMisuse(step.line, "spawn takes a structure such as {uid=1000}");
    for (const { name, value } of argument.fields) {
      if (name === "caps" || name === "capabilities")
        options["capabilities"] = capabilityNames(step.line, value);
      else options[name] = Number(integerOf(value, (word) => this.numberOf(word)));
    }
    return options;
  }
}

/** Whether an outcome is what a log or a scenario says. */
export function resultsAgree(
  wanted: { value?: number | bigint; error?: string },
  outcome: Outcome,
): boolean {
  if (wanted.error !== undefined) return !outcome.ok && outcome.code === wanted.error;
  if (wanted.value === undefined) return true;
  return outcome.ok && !neverReturns(outcome) && BigInt(wanted.value) === BigInt(outcome.value);
}

/** The capabilities that `caps=` names. */
export function capabilityNames(
  line: number,
  value: Value,
): readonly CapabilityName[] | "all" | "none" {
  if (value.kind === "word" && (value.text === "all" || value.text === "none")) return value.text;
  const items = value.kind === "array" ? value.items : [value];
  return items.map((item) => {
    if (item.kind !== "word" || !Object.hasOwn(CAP, item.text)) {
      throw new ScenarioMisuse(line, "caps takes all, none or a list such as [CAP_SYS_NICE]");
    }
    return item.text as CapabilityName;
  });
}
