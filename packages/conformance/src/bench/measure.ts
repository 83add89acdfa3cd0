import type { Profile } from "@kadvise/releases";
import { ModelMachine } from "../model/modelMachine.ts";
import type { Operation, Program } from "../program/program.ts";
import type { ProgramResult } from "../program/result.ts";
import type { Target, TargetFacts } from "../target/target.ts";

/** What a program came to in one run. */
export interface Run {
  /** How long its timed operations took together. */
  readonly nanoseconds: number;
  /** What every operation returned. */
  readonly values: readonly bigint[];
}

/** Runs a program on a real kernel. @throws RangeError where it did not come to its end */
export async function runOnKernel(target: Target, program: Program): Promise<Run> {
  const [result] = await target.run([program]);
  requireComplete(result, target.name);
  const { operations } = result;
  return {
    nanoseconds: operations.reduce((sum, { nanoseconds = 0 }) => sum + nanoseconds, 0),
    values: operations.map(({ value }) => value),
  };
}

/** Runs a program on a new machine of the model, with reasons and counters on. */
export function runOnModel(facts: TargetFacts, profile: Profile, program: Program): Run {
  const machine = new ModelMachine({ facts, profile, program });
  let nanoseconds = 0;
  for (const operation of program.operations) {
    machine.choices.begin({});
    const before = process.hrtime.bigint();
    const result = machine.perform(operation);
    if (isTimed(operation)) nanoseconds += Number(process.hrtime.bigint() - before);
    machine.keep(result);
  }
  return { nanoseconds, values: machine.results.map(({ value }) => value) };
}

function isTimed(operation: Operation): boolean {
  return "timed" in operation && operation.timed === true;
}

function requireComplete({ end, operations }: ProgramResult, name: string): void {
  const bad = operations.findIndex(({ state }) => state !== "done");
  if (end !== "complete" || bad >= 0) {
    throw new RangeError(
      `${name} did not come to the end of a load: ${bad < 0 ? end : `operation ${bad}: ${operations[bad].state}`}`,
    );
  }
}
