import { differentViews, textOf } from "../model/compareResults.ts";
import type { Difference } from "../model/followProgram.ts";
import type { Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import { scenarioLines } from "../scenario/scenarioLines.ts";
import type { Ran } from "./campaign.ts";
import type { Finding } from "./findingFile.ts";

/** Says what a scenario shows that ended otherwise on the model; when it was found say others. */
export function describeFinding(ran: Ran, seed: number): Omit<Finding, "foundAt"> {
  const { text, compared, compiled, result, followed } = ran;
  const { difference } = followed;
  const at = differingStep(ran);
  const lineOf = (results: Pick<ProgramResult, "operations" | "pids">): string =>
    scenarioLines(compiled, results)[at]?.text ?? "not reached";
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
  return compiled.steps.findIndex(
    ({ operations, outputs, maps, views }) =>
      difference !== undefined &&
      [...operations, ...outputs.values(), ...maps.values(), ...views].some(
        (i) => i >= difference.operation,
      ),
  );
}

/** So many lines hold a whole oops. */
const CONSOLE_LINES = 60;

function lastLines(console: string): readonly string[] {
  return console.trimEnd().split("\n").slice(-CONSOLE_LINES);
}

function differentLines(program: Program, difference: Difference): readonly string[] {
  const views = differentViews(program, difference);
  if (views !== undefined) return views.map((line) => `model   ${line}`);
  // What a load or a call wrote is no text; the step's own line shows it.
  if (program.operations[difference.operation].kind !== "read") return [];
  const { seen, modelled } = difference;
  const [theirs, ours] = [seen, modelled].map((one) => textOf(one).split("\n"));
  return [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `model   ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `kernel  ${line}`),
  ];
}
