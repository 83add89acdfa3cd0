import { profile } from "@kadvise/releases";
import { followProgram } from "../../model/followProgram.ts";
import type { Program } from "../../program/program.ts";
import type { ProgramResult } from "../../program/result.ts";
import type { TargetFacts } from "../../target/target.ts";

/** Whether a model with a fault planted in it contradicts what a kernel made of a program. */
export function contradicts(facts: TargetFacts, program: Program, seen: ProgramResult): boolean {
  const kernel = profile(facts.kernel, { settings: facts.settings, assume: "all" });
  const { difference } = followProgram({ facts, profile: kernel, program, seen });
  return difference !== undefined;
}
