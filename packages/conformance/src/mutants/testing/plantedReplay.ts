import { parentPort, workerData } from "node:worker_threads";
import { profile } from "@kadvise/releases";
import { followProgram } from "../../model/followProgram.ts";
import type { Program } from "../../program/program.ts";
import type { ProgramResult } from "../../program/result.ts";
import type { TargetFacts } from "../../target/target.ts";

/** What a kernel made of a program. */
export interface ReplayWork {
  readonly facts: TargetFacts;
  readonly program: Program;
  readonly seen: ProgramResult;
}

/** Whether a model with a fault planted in it contradicts what a kernel made of a program. */
function contradicts({ facts, program, seen }: ReplayWork): boolean {
  const kernel = profile(facts.kernel, { settings: facts.settings, assume: "all" });
  const { difference } = followProgram({ facts, profile: kernel, program, seen });
  return difference !== undefined;
}

parentPort?.postMessage(contradicts(workerData as ReplayWork));
