import type { Profile } from "@kadvise/releases";
import fc from "fast-check";
import { textOf } from "../model/compareResults.ts";
import { followProgram, type Followed } from "../model/followProgram.ts";
import type { ProgramResult } from "../program/result.ts";
import { compileScenario, type CompiledScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { ScenarioMisuse } from "../scenario/run.ts";
import { scenarioLines } from "../scenario/scenarioLines.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { draftScenario } from "./draftScenario.ts";
import type { Finding } from "./findingFile.ts";
import { draft, type Draft } from "./operations.ts";
import { Tally, type TallyReport } from "./tally.ts";

/** A campaign: generated scenarios on the model and on a target side by side. */
export interface CampaignOptions {
  readonly target: Target;
  readonly facts: TargetFacts;
  /** Which kernel the model is. */
  readonly profile: Profile;
  readonly seed: number;
  /** How many steps are run before it ends. */
  readonly steps: number;
  /** How many differences are shrunk before it ends. */
  readonly mostFindings: number;
  /** Whether it is to end now, whatever is left. */
  isTime?(): boolean;
  onFinding?(finding: Finding): void;
  onProgress?(report: { readonly steps: number; readonly findings: number }): void;
}

/** Maps of all processes are compared behind every eighth step, and behind the last. */
const MAPS_EVERY = 8;

interface Ran {
  readonly compiled: CompiledScenario;
  readonly result: ProgramResult;
  readonly followed: Followed;
}

/** Runs generated scenarios; the same seed makes the same ones. */
export class Campaign {
  private readonly options: CampaignOptions;
  private readonly tally: Tally = new Tally();
  private findings = 0;

  constructor(options: CampaignOptions) {
    this.options = options;
  }

  /** Runs until there were enough steps, enough differences, or it is time. */
  async run(): Promise<TallyReport> {
    const { mostFindings, seed } = this.options;
    for (let round = 0; !this.isOver() && this.findings < mostFindings; round++) {
      await this.round((seed + round) | 0);
    }
    return this.report();
  }

  /** What was done so far. */
  report(): TallyReport {
    return this.tally.report();
  }

  private isOver(): boolean {
    const { steps, isTime } = this.options;
    return this.tally.steps >= steps || isTime?.() === true;
  }

  /** Programs from one seed, until there were enough or one of them shows a difference. */
  private async round(seed: number): Promise<void> {
    const { onProgress } = this.options;
    let isFound = false;
    const property = fc.asyncProperty(draft, async (generated) => {
      // What is shrunk is not counted.
      if (!isFound && this.isOver()) return;
      const ran = await this.perform(this.text(generated), MAPS_EVERY);
      if (!isFound) {
        this.tally.add(ran.compiled, ran.followed);
        onProgress?.({ steps: this.tally.steps, findings: this.findings });
      }
      if (!differs(ran)) return;
      isFound = true;
      throw new Error("a difference");
    });
    const checked = await fc.check(property, {
      seed,
      numRuns: PROGRAMS_A_ROUND,
      endOnFailure: false,
    });
    const [smallest] = checked.counterexample ?? [];
    if (smallest === undefined) return;
    this.findings++;
    const scenario = await this.withoutIdleLines(this.text(smallest));
    this.options.onFinding?.(await this.describe(scenario, seed));
  }

  private text(generated: Draft): string {
    const { facts } = this.options;
    const isRoot = facts.start.credentials.uids[1] === 0;
    return draftScenario(generated, { hasI386: facts.hasI386, isRoot });
  }

  private async perform(text: string, mapsEvery: number): Promise<Ran> {
    const { target, facts, profile } = this.options;
    const parsed = parseScenario(text);
    if ("error" in parsed) throw new RangeError(`line ${parsed.error.line}: ${parsed.error.text}`);
    const image = facts.images["plain"] ?? "";
    const compiled = compileScenario(parsed.steps, { abi: facts.abi, image, mapsEvery });
    const [result] = await target.run([compiled.program]);
    const followed = followProgram({ facts, profile, program: compiled.program, seen: result });
    return { compiled, result, followed };
  }

  /** The scenario without the lines that it does not need; shrinking leaves some at the end. */
  private async withoutIdleLines(scenario: string): Promise<string> {
    let lines = scenario.trimEnd().split("\n");
    for (let i = lines.length - 1; i >= 0; i--) {
      const fewer = lines.filter((_, at) => at !== i);
      if (await this.stillDiffers(`${fewer.join("\n")}\n`)) lines = fewer;
    }
    return `${lines.join("\n")}\n`;
  }

  private async stillDiffers(scenario: string): Promise<boolean> {
    try {
      return differs(await this.perform(scenario, 1));
    } catch (error) {
      // A name that later lines use was bound in the line that is missing.
      if (error instanceof ScenarioMisuse) return false;
      throw error;
    }
  }

  /** Says what a scenario shows, with maps compared behind each step. */
  private async describe(scenario: string, seed: number): Promise<Finding> {
    const { compiled, result, followed } = await this.perform(scenario, 1);
    const { difference } = followed;
    const at = compiled.steps.findIndex(
      ({ operations, maps }) =>
        difference !== undefined &&
        [...operations, ...maps.values()].some((i) => i >= difference.operation),
    );
    const lineOf = (results: Pick<ProgramResult, "operations" | "pids">): string =>
      scenarioLines(compiled, results)[at]?.text ?? "not reached";
    return {
      ...{ scenario, seed, line: at + 1 },
      model: lineOf({ operations: followed.results, pids: result.pids }),
      kernel: result.end === "crashed" ? "went down" : lineOf(result),
      maps: difference === undefined ? [] : differentMaps(difference),
    };
  }
}

/** So many programs come from one seed. */
const PROGRAMS_A_ROUND = 100;

function differs({ followed, result }: Ran): boolean {
  return followed.difference !== undefined || result.end === "crashed";
}

function differentMaps({ seen, modelled }: NonNullable<Followed["difference"]>): readonly string[] {
  if (seen.payload === undefined && modelled.payload === undefined) return [];
  const [theirs, ours] = [seen, modelled].map((one) => textOf(one).split("\n"));
  return [
    ...ours.filter((line) => !theirs.includes(line)).map((line) => `model   ${line}`),
    ...theirs.filter((line) => !ours.includes(line)).map((line) => `kernel  ${line}`),
  ];
}
