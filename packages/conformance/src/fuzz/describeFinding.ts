import { differentViews, textOf } from "../model/compareResults.ts";
import type { Difference } from "../model/followProgram.ts";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import type { CompiledScenario } from "../scenario/compileScenario.ts";
import { scenarioLines } from "../scenario/scenarioLines.ts";
import type { Ran } from "./campaign.ts";
import type { Finding } from "./findingFile.ts";

/** Says what a scenario shows that ended otherwise on the model; when it was found say others. */
export function describeFinding(ran: Ran, seed: number): Omit<Finding, "foundAt"> {
  const { text, compared, compiled, result, followed } = ran;
  const { difference } = followed;
  const at = differingStep(ran);
  const lineOf = (results: Pick<ProgramResult, "operations" | "pids">): string => {
    const line = scenarioLines(compiled, results)[at]?.text ?? "not reached";
    return line + stateBehind(compiled, results, difference?.operation);
  };
  return {
    ...{ scenario: text, compared, seed, line: at + 1 },
    model: lineOf({ operations: followed.results, pids: result.pids }),
    kernel: result.end === "crashed" ? "went down" : lineOf(result),
    maps: difference === undefined ? [] : differentLines(compiled.program, difference),
    ...(result.console === undefined ? {} : { console: lastLines(result.console) }),
  };
}

/** The step, counted from 0, that differs, or behind which a view does; -1 where none is known. */
export function differingStep({ compiled, followed: { difference } }: Ran): number {
  if (difference === undefined) return -1;
  return compiled.steps.findLastIndex(({ operations: [first = Infinity] }) => {
    return first <= difference.operation;
  });
}

/** What had become of a process behind a step, where the two say otherwise of that. */
function stateBehind(
  compiled: CompiledScenario,
  { operations: results }: Pick<ProgramResult, "operations">,
  index = -1,
): string {
  const operation = compiled.program.operations[index];
  if (operation?.kind !== "settle") return "";
  const state = Number(results[index]?.value ?? 0);
  const shown = state === 0 ? "gone" : `in state ${String.fromCharCode(state)}`;
  return `; then ${nameOf(operation.of, compiled)} is ${shown}`;
}

/** The name of a process in a scenario: its own, or the one that its maker's result has. */
function nameOf(actor: number, { program, actors, steps }: CompiledScenario): string | undefined {
  const makes = (i: number): boolean => {
    const operation = program.operations[i];
    return operation?.kind === "fork" && operation.child === actor;
  };
  const [first] = [...actors].find(([, number]) => number === actor) ?? [];
  return first ?? steps.find(({ operations }) => operations.some(makes))?.binds;
}

/** So many lines hold a whole oops. */
const CONSOLE_LINES = 60;

function lastLines(console: string): readonly string[] {
  return console.trimEnd().split("\n").slice(-CONSOLE_LINES);
}

function differentLines(program: Program, difference: Difference): readonly string[] {
  const views = differentViews(program, difference);
  if (views !== undefined) return views.map((line) => `model   ${line}`);
  // What a call answered the step's own line shows.
  if (program.operations[difference.operation].kind !== "read") return [];
  const { seen, modelled } = difference;
  const [theirs, ours] = [seen, modelled].map((one) => textOf(one).split("\n"));
  return [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `model   ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `kernel  ${line}`),
  ];
}
