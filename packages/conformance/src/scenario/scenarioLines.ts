import {
  failed,
  formatCall,
  formatResult,
  integerOf,
  notReturned,
  returned,
  returnedAddress,
  type CallResult,
  type Value,
} from "@kadvise/strace";
import { errnoName } from "@kadvise/uapi";
import { constant } from "../notation/constants.ts";
import { decodeArguments } from "../notation/decode.ts";
import { printAnswer } from "../notation/print.ts";
import type { ReadOperation } from "../program/program.ts";
import type { OperationResult, ProgramResult } from "../program/result.ts";
import { fieldText } from "../program/shownField.ts";
import type { CompiledScenario, CompiledStep } from "./compileScenario.ts";
import type { Step } from "./parse.ts";

/** A step of a scenario as a target ran it. */
export interface ScenarioLine {
  readonly step: Step;
  readonly pid: number;
  /** The line as strace would have printed it. */
  readonly text: string;
  /** The line without the remark behind it. */
  readonly plain: string;
  readonly isRefusal: boolean;
  /** What was expected instead, in strace's notation. */
  readonly mismatch?: string;
  /** Why the step was not run, or did not come to its end. */
  readonly note?: string;
}

/** Tells what a target made of a scenario, step by step; steps that were not reached are left out. */
export function scenarioLines(
  compiled: CompiledScenario,
  { operations, pids }: Pick<ProgramResult, "operations" | "pids">,
): readonly ScenarioLine[] {
  const teller = new Teller(compiled, operations, pids);
  return compiled.steps.flatMap((step) => {
    const line = teller.tell(step);
    return line === undefined ? [] : [line];
  });
}

class Teller {
  private readonly compiled: CompiledScenario;
  private readonly operations: readonly OperationResult[];
  private readonly pids: readonly number[];
  private readonly bound: Map<string, bigint> = new Map();

  constructor(
    compiled: CompiledScenario,
    operations: readonly OperationResult[],
    pids: readonly number[],
  ) {
    this.compiled = compiled;
    this.operations = operations;
    this.pids = pids;
  }

  tell(compiled: CompiledStep): ScenarioLine | undefined {
    const { step, actor, binds } = compiled;
    const spoiled = this.spoiled(compiled);
    const last = compiled.operations.at(-1) ?? -1;
    const result: OperationResult | undefined = spoiled ?? this.operations[last];
    if (result === undefined || result.state === "not-reached") return undefined;
    const pid = this.pids[actor] ?? 0;
    const shown = this.shownResult(compiled, result);
    const plain = this.text(compiled, pid, shown, undefined);
    const text = this.text(compiled, pid, shown, result.refusal?.reason.id);
    const mismatch = this.mismatch(compiled, shown);
    // A name stands for what the program took for it: what the call returned, also if it failed.
    if (binds !== undefined) this.bound.set(binds, result.value);
    const note = noteOf(step, result, spoiled !== undefined);
    return {
      ...{ step, pid, text, plain },
      isRefusal: shown.error !== undefined,
      ...(mismatch === undefined ? {} : { mismatch }),
      ...(note === undefined ? {} : { note }),
    };
  }

  /** The call by which a process could not be made what spawn asks for. */
  private spoiled({ step, operations }: CompiledStep): OperationResult | undefined {
    if (step.name !== "spawn") return undefined;
    // setfsuid and setfsgid answer with the old id.
    return operations
      .map((i): OperationResult | undefined => this.operations[i])
      .find((result) => result !== undefined && result.value < 0n);
  }

  private shownResult(
    { step, call, operations }: CompiledStep,
    result: OperationResult,
  ): CallResult {
    const { state, value } = result;
    if (state === "faulted") return failed("EFAULT");
    if (state !== "done" || call?.returns === "nothing") return notReturned();
    if (step.name === "touch" || step.name === "load" || step.name === "store") return returned(0);
    const operation = this.compiled.program.operations[operations.at(-1) ?? -1];
    if (operation?.kind === "read") return { ...returned(0), note: shownText(operation, result) };
    const code = value < 0n && value >= -4095n ? errnoName(Number(-value)) : undefined;
    if (code !== undefined) return failed(code);
    return call?.returns === "address" ? returnedAddress(value) : returned(value);
  }

  private text(
    { step, call, outputs }: CompiledStep,
    pid: number,
    result: CallResult,
    comment: string | undefined,
  ): string {
    const remark = comment === undefined ? {} : { comment };
    if (call === undefined) {
      const args = step.args.map(({ value }) => this.resolved(value));
      return formatCall({ pid, name: step.name, args, result, ...remark });
    }
    const { args } = decodeArguments(call, step.args, (word) => this.numberOf(word));
    const written = call.parameters.map((_, i) => this.operations[outputs.get(i) ?? -1]?.payload);
    return printAnswer({ pid, call, args, result, outputs: written, ...remark });
  }

  private resolved(value: Value): Value {
    const number = integerOf(value, (word) => this.numberOf(word) ?? constant(word));
    if (number === undefined || value.kind === "number") return value;
    const text = `0x${BigInt.asUintN(64, BigInt(number)).toString(16)}`;
    return { kind: "number", value: number, text };
  }

  private numberOf(word: string): bigint | undefined {
    const bound = this.bound.get(word);
    if (bound !== undefined) return bound;
    const actor = this.compiled.actors.get(word.replace(/^\$/, ""));
    return actor === undefined ? this.compiled.places.get(word) : BigInt(this.pids[actor] ?? 0);
  }

  private mismatch({ step, binds }: CompiledStep, shown: CallResult): string | undefined {
    const { expected } = step;
    if (expected === undefined || (expected.unknown && expected.error === undefined)) {
      return undefined;
    }
    if (binds !== undefined) return isValue(shown) ? undefined : "success";
    const isMet =
      expected.error !== undefined
        ? shown.error === expected.error
        : isValue(shown) && isSame(this.wanted(expected), shown.value);
    return isMet ? undefined : formatResult(expected);
  }

  private wanted({ expression, value }: CallResult): number | bigint | undefined {
    if (expression === undefined) return value;
    return integerOf(expression, (word) => this.numberOf(word) ?? constant(word));
  }
}

/** What a `show` step saw; a process that is gone, or a field that is not there, shows nothing. */
function shownText(
  { shows }: ReadOperation,
  { payload = new Uint8Array() }: OperationResult,
): string {
  return (shows === undefined ? undefined : fieldText(shows, payload)) ?? "not there";
}

function isValue(result: CallResult): boolean {
  return result.error === undefined && result.value !== undefined;
}

function isSame(wanted: number | bigint | undefined, value: number | bigint | undefined): boolean {
  return wanted === undefined || (value !== undefined && BigInt(wanted) === BigInt(value));
}

function noteOf(step: Step, result: OperationResult, isSpoiled: boolean): string | undefined {
  if (isSpoiled) return `${step.process} could not be made so: root is needed`;
  switch (result.state) {
    case "hung":
      return `${step.name} does not return`;
    case "died":
      return `${step.process} ends here, by signal ${result.signal ?? 0}`;
    case "absent":
      return `${step.process} is not there any more`;
    case "unmodelled":
      return `${step.name} is not modelled`;
    case "done":
    case "faulted":
    case "not-reached":
      return undefined;
  }
}
