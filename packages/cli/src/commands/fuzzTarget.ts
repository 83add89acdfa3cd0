import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CannotRun,
  openModel,
  openTarget,
  type Target,
  type TargetFacts,
} from "@kadvise/conformance";
import {
  Campaign,
  campaignReport,
  findingFile,
  isFine,
  type CampaignEnd,
  type CampaignIdentity,
  type CampaignReport,
  type Family,
  type WrittenFinding,
} from "@kadvise/conformance/fuzz";
import { profile, type Profile } from "@kadvise/releases";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import type { FuzzOutput } from "../formats/fuzzOutput.ts";
import { Progress } from "../progress.ts";
import { note, whenInterrupted } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** What is to be done on each target. */
export interface FuzzPlan {
  readonly seed: number;
  readonly steps: number;
  readonly shard?: { readonly part: number; readonly of: number };
  readonly seconds?: number;
  readonly mapsEvery?: number;
  readonly only?: readonly Family[];
  readonly mostFindings: number;
  /** Whether differences are made small. */
  readonly shrinks: boolean;
  /** Where scenarios of differences go. */
  readonly folder: string;
  readonly image?: string;
  /** Which kernel the model is, if not the target's. */
  readonly kernel?: string;
}

/** Runs a campaign on one target; what stops it before it began is told as well. */
export async function fuzzTarget(
  name: string,
  plan: FuzzPlan,
  output: FuzzOutput,
): Promise<ExitCode> {
  let target: Target | undefined;
  const callOff = whenInterrupted(() => output.end());
  try {
    target = targetOf(name, plan);
    const facts = await target.describe();
    return await new FuzzRun(target, facts, plan, output).run();
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise fuzz: cannot run on ${name}: ${error.message}`);
    output.cannotRun(name, error.message);
    return EXIT.cannotRun;
  } finally {
    callOff();
    await target?.close();
  }
}

/** The kernel of a name, or the model in place of one. */
function targetOf(name: string, { image }: FuzzPlan): Target {
  const kernel = /^model:(.+)$/.exec(name)?.[1];
  if (kernel === undefined)
    return openTarget(name, image === undefined || name === "host" ? {} : { image });
  try {
    return openModel(kernel);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`--target ${name}: ${error.message}`);
    throw error;
  }
}

class FuzzRun {
  private readonly facts: TargetFacts;
  private readonly plan: FuzzPlan;
  private readonly output: FuzzOutput;
  private readonly identity: CampaignIdentity;
  private readonly campaign: Campaign;
  private readonly progress: Progress;
  private readonly began = Date.now();
  private readonly differences: WrittenFinding[] = [];
  private steps = 0;

  constructor(target: Target, facts: TargetFacts, plan: FuzzPlan, output: FuzzOutput) {
    const { seed, steps, shard, seconds, mapsEvery, only, mostFindings, shrinks } = plan;
    this.facts = facts;
    this.plan = plan;
    this.output = output;
    const model = modelOf(plan, facts);
    this.identity = {
      schemaVersion: 1,
      target: facts.name,
      kernel: facts.kernel,
      model: model.version,
      ...{ release: facts.release, version: facts.version, settings: facts.settings, seed },
      ...(only === undefined ? {} : { only }),
      ...(shard === undefined ? {} : { shard: { of: shard.of, parts: [shard.part] } }),
    };
    this.progress = new Progress(`fuzz ${facts.name}`, steps);
    const end = this.began + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
    this.campaign = new Campaign({
      ...{ target, facts, profile: model, seed, steps, mostFindings, shrinks },
      ...(shard === undefined ? {} : { shard }),
      ...(mapsEvery === undefined ? {} : { mapsEvery }),
      ...(only === undefined ? {} : { only }),
      isTime: () => Date.now() >= end,
      onProgress: (report) => {
        this.progress.advance(report.steps - this.steps);
        this.steps = report.steps;
        output.progress(facts.name, report);
      },
      onFinding: (finding) => {
        const file = freePath(plan.folder, facts, finding.seed);
        writeFileSync(file, findingFile(finding, facts));
        this.differences.push({ ...finding, file });
        note(`a difference: ${file}`);
        output.finding(facts.name, { ...finding, file });
      },
    });
  }

  async run(): Promise<ExitCode> {
    const { facts, plan, output } = this;
    note(
      `${facts.name}: Linux ${facts.kernel} (${facts.release}, ${facts.version}); seed ${plan.seed}`,
    );
    output.start(this.identity, plan.steps);
    const callOff = whenInterrupted(() => output.report(this.report("interrupted")));
    try {
      await this.campaign.run();
    } catch (error) {
      if (error instanceof CannotRun) output.report(this.report("lost"));
      throw error;
    } finally {
      this.progress.end();
      callOff();
    }
    const report = this.report(this.ended());
    output.report(report);
    return isFine(report) ? EXIT.conforms : EXIT.deviations;
  }

  private ended(): CampaignEnd {
    if (this.differences.length >= this.plan.mostFindings) return "findings";
    return this.campaign.report().steps >= this.plan.steps ? "complete" : "time";
  }

  private report(ended: CampaignEnd): CampaignReport {
    const seconds = Math.round((Date.now() - this.began) / 10) / 100;
    const { differences } = this;
    return campaignReport({
      ...this.identity,
      ...this.campaign.report(),
      ...{ ended, seconds, differences },
    });
  }
}

/**
 * The model of the kernel that runs, or of the one that was named.
 *
 * @throws CannotRun for a kernel that runs and that the model does not know
 */
function modelOf({ kernel }: FuzzPlan, { name, ...facts }: TargetFacts): Profile {
  try {
    return profile(kernel ?? facts.kernel, { settings: facts.settings, assume: "all" });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    if (kernel !== undefined) throw new UsageError(error.message);
    const what = facts.kernel === "" ? "" : ` ${facts.kernel}`;
    throw new CannotRun(
      `${name} runs Linux${what} (${facts.release}, ${facts.version}), of which there is no model: ${error.message}; --kernel RELEASE holds it against another`,
    );
  }
}

/** A file that is not there yet. */
function freePath(folder: string, facts: TargetFacts, seed: number): string {
  mkdirSync(folder, { recursive: true });
  const stem = `${facts.name.replace(":", "-")}-${facts.kernel}-${seed}`;
  for (let i = 1; ; i++) {
    const path = join(folder, `${stem}${i === 1 ? "" : `-${i}`}.scenario`);
    if (!existsSync(path)) return path;
  }
}
