import { textOf } from "../model/compareResults.ts";
import type { OperationResult, ProgramResult } from "../program/result.ts";
import type { CompiledScenario, CompiledStep } from "../scenario/compileScenario.ts";
import type { Step } from "../scenario/parse.ts";
import { scenarioLines, type ScenarioLine } from "../scenario/scenarioLines.ts";

/** What a target answered to a scenario. */
export interface SeenAnswers {
  /** One line for each step that asks, then the areas that the scenario made. */
  readonly seen: readonly string[];
  /** Expectations that were not met, and steps that were not run. */
  readonly unmet: readonly string[];
  /** The first step of which the model knows nothing; what comes behind it proves nothing. */
  readonly unmodelled?: string;
}

/** Areas that scenarios make lie here: no kernel puts anything there by itself. */
const MADE = /^2[0-9a-f]{7}-/;

/**
 * What a target made of the steps that ask: those with `= ?`, or the last one if there is none.
 * The scenario is compiled with the maps behind its last step.
 */
export function seenAnswers(compiled: CompiledScenario, result: ProgramResult): SeenAnswers {
  const { steps } = compiled;
  const last = steps.at(-1);
  const asking = steps.filter(({ step }) => asks(step));
  const asked = asking.length > 0 || last === undefined ? asking : [last];
  const lines = new Map(scenarioLines(compiled, result).map((line) => [line.step, line]));
  const answers = asked.map((one) => answerOf(one, lines.get(one.step), result));
  const maps = [...(last?.maps.values() ?? [])].flatMap((i) =>
    textOf(result.operations[i]).split("\n"),
  );
  const areas = maps.filter((line) => MADE.test(line));
  const unmodelled = steps.find(({ operations }) =>
    operations.some((i) => result.operations[i]?.state === "unmodelled"),
  );
  return {
    seen: [...answers, ...areas.map((line) => line.split(" ").slice(0, 2).join(" "))],
    unmet: unmetOf(compiled, result, lines),
    ...(unmodelled === undefined ? {} : { unmodelled: nameOf(unmodelled.step) }),
  };
}

function asks({ expected }: Step): boolean {
  return expected !== undefined && expected.unknown && expected.error === undefined;
}

/** A step as people name it: the call, or its number. */
function nameOf({ name, args }: Step): string {
  return name === "raw" || name === "show" ? `${name}(${args[0]?.text ?? ""})` : name;
}

function answerOf(
  { operations, call, outputs }: CompiledStep,
  line: ScenarioLine | undefined,
  { operations: results, pids }: ProgramResult,
): string {
  const result = results[operations.at(-1) ?? -1];
  if (line === undefined || result === undefined) return "not reached";
  switch (result.state) {
    case "faulted":
      return faultOf(result);
    case "died":
      return `ends by signal ${result.signal ?? 0}`;
    case "hung":
      return "does not return";
    case "absent":
      return "is gone";
    case "done":
    case "unmodelled":
    case "not-reached":
      break;
  }
  const answer = line.plain.replace(/^.* = /, "= ");
  if (answer.startsWith("= -1 ")) return answer;
  if (call?.returns === "pid" || call?.returns === "nothing") return whoOf(answer, pids);
  if (outputs.size > 0) return line.plain.replace(/^\S+ +/, "").replace(/ += /, " = ");
  if (line.step.name !== "load") return answer;
  return `${answer} (${[...(result.payload ?? [])].map(hexByte).join(" ")})`;
}

/** Numbers of processes are another each time. */
function whoOf(answer: string, pids: readonly number[]): string {
  const pid = Number(/^= (\d+)/.exec(answer)?.[1] ?? 0);
  const actor = pid > 0 ? pids.indexOf(pid) : -1;
  return actor < 0 ? answer : `= process ${actor + 1}`;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

const SIGNALS: { readonly [signal: number]: string } = { 7: "SIGBUS", 11: "SIGSEGV" };

function faultOf({ signal = 0, code = 0, value }: OperationResult): string {
  const name = SIGNALS[signal] ?? `signal ${signal}`;
  return `${name} (code ${code})${value > 0n ? ` after ${value}` : ""}`;
}

function unmetOf(
  { steps }: CompiledScenario,
  { end }: ProgramResult,
  lines: ReadonlyMap<Step, ScenarioLine>,
): readonly string[] {
  const unmet = steps.flatMap(({ step }) => {
    const line = lines.get(step);
    if (line === undefined) return [`line ${step.line} was not reached`];
    if (line.mismatch !== undefined) return [`line ${step.line}: ${line.plain}`];
    return line.note === undefined || asks(step) ? [] : [`line ${step.line}: ${line.note}`];
  });
  return end === "crashed" ? [...unmet, "the kernel went down"] : unmet;
}
