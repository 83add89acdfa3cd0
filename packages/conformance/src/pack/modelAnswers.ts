import type { Profile } from "@kadvise/releases";
import { ModelMachine } from "../model/modelMachine.ts";
import { NOT_REACHED, type OperationResult, type ProgramResult } from "../program/result.ts";
import type { TargetFacts } from "../target/target.ts";
import { answerText } from "./answerText.ts";
import type { CompiledCase } from "./compileCase.ts";

/** What a step may answer: the usual first. */
export type Allowed = readonly string[];

/** How many ways one operation is tried where Linux may do several things. */
const MOST_WAYS = 16;

/**
 * What the model of one kernel allows each step of a case to answer. Where Linux may do several
 * things in an operation, each is tried, and the rest of the case goes on from there.
 */
export function modelAnswers(
  compiled: CompiledCase,
  profile: Profile,
  facts: TargetFacts,
): readonly Allowed[] {
  const usual = runOnce(compiled, profile, facts, []);
  const runs = [usual.result];
  for (const [operation, ways] of usual.ways.entries()) {
    for (let way = 1; way < Math.min(ways, MOST_WAYS); way++) {
      runs.push(runOnce(compiled, profile, facts, [operation, way]).result);
    }
  }
  const answers = runs.map((run) => compiled.steps.map((step) => answerText(step, run)));
  return compiled.steps.map((_, i) => [...new Set(answers.map((answer) => answer[i] ?? ""))]);
}

interface Run {
  readonly result: ProgramResult;
  /** In how many ways the first open question of each operation could be answered. */
  readonly ways: readonly number[];
}

function runOnce(
  { program }: CompiledCase,
  profile: Profile,
  facts: TargetFacts,
  [other, way = 0]: readonly number[],
): Run {
  const machine = new ModelMachine({
    ...{ facts, profile, program },
    firstPid: facts.start.supervisor + 1,
  });
  const ways: number[] = [];
  let isHung = false;
  for (const [i, operation] of program.operations.entries()) {
    machine.choices.begin({}, i === other ? [way] : []);
    const result: OperationResult = isHung ? NOT_REACHED : machine.perform(operation);
    ways.push(machine.choices.alternatives[0] ?? 1);
    machine.keep(result);
    isHung ||= result.state === "hung";
  }
  const pids = Array.from(machine.pids, (pid) => pid ?? 0);
  return { result: { end: "complete", operations: machine.results, pids }, ways };
}
