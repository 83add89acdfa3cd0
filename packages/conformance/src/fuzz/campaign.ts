import { setImmediate } from "node:timers/promises";
import type { Profile } from "@kadvise/releases";
import fc from "fast-check";
import { followProgram, type Followed, type Watch } from "../model/followProgram.ts";
import type { ProgramResult } from "../program/result.ts";
import { compileScenario, placesOf, type CompiledScenario } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import type { ViewOptions } from "../scenario/readViews.ts";
import { ScenarioMisuse } from "../scenario/run.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { describeFinding, differingStep } from "./describeFinding.ts";
import { draftScenario } from "./draftScenario.ts";
import type { Compared, Finding } from "./findingFile.ts";
import { draftOf, type Draft, type Family } from "./operations.ts";
import { roundSeed } from "./roundSeed.ts";
import { Tally, type TallyReport } from "./tally.ts";

/** A campaign: generated scenarios on the model and on a target side by side. */
export interface CampaignOptions {
  readonly target: Target;
  readonly facts: TargetFacts;
  /** Which kernel the model is. */
  readonly profile: Profile;
  readonly seed: number;
  /** Which part of the whole this is, counted from 1: of its rounds it takes every `of`-th. */
  readonly shard?: { readonly part: number; readonly of: number };
  /** Families of operations that are drawn; all if unset. */
  readonly only?: readonly Family[];
  /** How many steps are run before it ends. */
  readonly steps: number;
  /** Maps of all processes are compared behind every so manieth step, and the last; 8 if unset. */
  readonly mapsEvery?: number;
  /** How many differences are shrunk before it ends. */
  readonly mostFindings: number;
  /** Whether differences are made small; they are if unset. */
  readonly shrinks?: boolean;
  /** Whether it is to end now, whatever is left. */
  isTime?(): boolean;
  onFinding?(finding: Finding): void;
  onProgress?(report: { readonly steps: number; readonly findings: number }): void;
}

/** How often maps are compared, where nobody says. */
const MAPS_EVERY = 8;
/** Where generated areas mostly lie: of these pages, pagemap is compared where maps are. */
const ARENA_PLACE = { address: 0x2000_0000, count: 20 } as const;
/** So many scenarios come from one seed, and are sent together. */
const SCENARIOS_A_ROUND = 32;
/**
 * No attempt to shrink begins later: a kernel that goes down is started again for each, and of a
 * difference that shows by chance most attempts are in vain.
 */
const SHRINK_MS = 60_000;

/** A scenario that is to be run. */
interface Written {
  readonly text: string;
  readonly compared: Compared;
  readonly compiled: CompiledScenario;
}

/** What came of it on both sides. */
export interface Ran extends Written {
  readonly result: ProgramResult;
  readonly followed: Followed;
}

/** Scenarios of one seed, under way on the target. */
interface Round {
  readonly seed: number;
  readonly scenarios: readonly Written[];
  readonly results: Promise<readonly ProgramResult[]>;
}

/** Runs generated scenarios; the same seed makes the same ones. */
export class Campaign {
  private readonly options: CampaignOptions;
  private readonly tally: Tally = new Tally();
  private findings = 0;

  constructor(options: CampaignOptions) {
    this.options = options;
  }

  /**
   * Runs until there were enough steps, enough differences, or it is time. While the model follows
   * one round, the target runs the next.
   */
  async run(): Promise<TallyReport> {
    const { seed, mostFindings, shard = { part: 1, of: 1 } } = this.options;
    if (this.isOver()) return this.report();
    let next = this.begin(roundSeed(seed, shard.part - 1));
    for (let i = 1; !this.isOver() && this.findings < mostFindings; i++) {
      const round = next;
      const results = await round.results;
      next = this.begin(roundSeed(seed, shard.part - 1 + i * shard.of));
      await this.follow(round, results);
    }
    return this.report();
  }

  /** What was done so far. */
  report(): TallyReport {
    return this.tally.report();
  }

  private get mapsEvery(): number {
    return this.options.mapsEvery ?? MAPS_EVERY;
  }

  private isOver(): boolean {
    return this.tally.steps >= this.options.steps || this.isTime();
  }

  private isTime(): boolean {
    return this.options.isTime?.() === true;
  }

  private begin(seed: number): Round {
    const scenarios = fc
      .sample(draftOf(this.options.only), { seed, numRuns: SCENARIOS_A_ROUND })
      .map((generated) => this.write(this.text(generated), this.mapsEvery, "in-turn"));
    const results = this.options.target.run(scenarios.map(({ compiled }) => compiled.program));
    // The last round is not waited for; a failure of any other is told when it is.
    results.catch(() => undefined);
    return { seed, scenarios, results };
  }

  /** Holds a round against the model; at a difference, the rest of it is left. */
  private async follow(round: Round, results: readonly ProgramResult[]): Promise<void> {
    for (const [i, result] of results.entries()) {
      if (this.isOver()) return;
      // What the target says meanwhile is taken.
      await setImmediate();
      const ran = this.compare(round.scenarios[i], result, this.tally.cells);
      this.tally.add(ran.compiled, ran.followed);
      this.options.onProgress?.({ steps: this.tally.steps, findings: this.findings });
      if (!differs(ran)) continue;
      this.findings++;
      const { onFinding, shrinks = true } = this.options;
      const smallest = shrinks ? await this.shrink(ran, round.seed, i) : ran;
      const foundAt = this.tally.steps;
      // Whoever is never seen again was not shrunk either.
      const recurs = shrinks && !this.isTime() ? { recurs: smallest !== ran } : {};
      onFinding?.({ ...describeFinding(smallest, round.seed), foundAt, ...recurs });
      return;
    }
  }

  private text(generated: Draft): string {
    const { facts } = this.options;
    const isRoot = facts.start.credentials.uids[1] === 0;
    return draftScenario(generated, { hasI386: facts.hasI386, isRoot });
  }

  private write(text: string, mapsEvery: number, smaps: ViewOptions["smaps"]): Written {
    const { facts, profile } = this.options;
    const parsed = parseScenario(text);
    if ("error" in parsed) throw new RangeError(`line ${parsed.error.line}: ${parsed.error.text}`);
    const image = facts.images["plain"] ?? "";
    // How a view is written differs from release to release: only the kernel's own model has it.
    const isOwn = profile.version === facts.kernel;
    const views = isOwn ? { views: { pages: ARENA_PLACE, smaps } } : {};
    const places = placesOf(facts.start);
    const options = { abi: facts.abi, image, mapsEvery, places, ...views };
    return {
      ...{ text, compared: { mapsEvery, smaps } },
      compiled: compileScenario(parsed.steps, options),
    };
  }

  private compare(written: Written, result: ProgramResult, watch?: Watch): Ran {
    const { facts, profile } = this.options;
    const { program } = written.compiled;
    return {
      ...written,
      result,
      followed: followProgram({
        ...{ facts, profile, program, seen: result },
        ...(watch === undefined ? {} : { watch }),
      }),
    };
  }

  private async perform(
    text: string,
    mapsEvery: number,
    smaps: ViewOptions["smaps"] = "in-turn",
  ): Promise<Ran> {
    const written = this.write(text, mapsEvery, smaps);
    const [result] = await this.options.target.run([written.compiled.program]);
    return this.compare(written, result);
  }

  /** The smallest scenario that still shows a difference; the first one if it shows but once. */
  private async shrink(first: Ran, seed: number, index: number): Promise<Ran> {
    let smallest = first;
    const isEnough = this.patience();
    const isHalf = this.patience(SHRINK_MS / 2);
    // What is compared in turn moves to other steps with each line that goes.
    const inAll = smapsToShow(first) === "all";
    const property = fc.asyncProperty(draftOf(this.options.only), async (generated) => {
      if (isHalf()) return;
      const text = this.text(generated);
      const ran = await (inAll ? this.perform(text, 1, "all") : this.perform(text, this.mapsEvery));
      if (!differs(ran)) return;
      smallest = ran;
      throw new Error("a difference");
    });
    await fc.check(property, { seed, path: String(index), numRuns: 1 });
    smallest = await this.leaveOut(smallest, isEnough);
    const { smaps } = smallest.compared;
    return (isEnough() ? undefined : await this.differing(smallest.text, { smaps })) ?? smallest;
  }

  /**
   * Leaves out lines that a difference does not need: those behind it, then many at once, at last one
   * by one. What is compared makes a difference where the model is wrong about what it looked for
   * last: where nothing is seen with all compared, as much is as was before.
   */
  private async leaveOut(first: Ran, isEnough: () => boolean): Promise<Ran> {
    const whole = first.text.trimEnd().split("\n");
    const at = differingStep(first);
    const head = `${(at < 0 ? whole : whole.slice(0, at + 1)).join("\n")}\n`;
    let smallest =
      (await this.differing(head, { smaps: smapsToShow(first) })) ??
      (await this.differing(head, first.compared)) ??
      first;
    const { compared } = smallest;
    let lines = smallest.text.trimEnd().split("\n");
    for (let size = 2 ** Math.floor(Math.log2(lines.length)); size >= 1; size /= 2) {
      for (let from = lines.length - size; from > -size && !isEnough(); from -= size) {
        const [start, end] = [Math.max(from, 0), from + size];
        const fewer = [...lines.slice(0, start), ...lines.slice(end)];
        const ran = await this.differing(`${fewer.join("\n")}\n`, compared);
        if (ran === undefined) continue;
        smallest = ran;
        lines = fewer;
      }
    }
    return smallest;
  }

  /** Whether a difference has been shrunk for long enough. */
  private patience(milliseconds = SHRINK_MS): () => boolean {
    const end = Date.now() + milliseconds;
    return () => this.isTime() || Date.now() >= end;
  }

  /** The scenario with maps compared behind each step, or every so many, if it shows a difference. */
  private async differing(
    text: string,
    { mapsEvery = 1, smaps }: Partial<Compared>,
  ): Promise<Ran | undefined> {
    try {
      const ran = await this.perform(text, mapsEvery, smaps);
      return differs(ran) ? ran : undefined;
    } catch (error) {
      // A name that later lines use was bound in the line that is missing.
      if (error instanceof ScenarioMisuse) return undefined;
      throw error;
    }
  }
}

/** Smaps and status of every process behind every step cost as much as all else together. */
function smapsToShow({ compiled, followed: { difference } }: Ran): ViewOptions["smaps"] {
  const read = compiled.program.operations[difference?.operation ?? -1];
  return read?.kind === "read" && SMAPS_AND_STATUS.has(read.path) ? "all" : "in-turn";
}

const SMAPS_AND_STATUS: ReadonlySet<string> = new Set(["/proc/%/smaps", "/proc/%/status"]);

function differs({ followed, result }: Ran): boolean {
  return followed.difference !== undefined || result.end === "crashed";
}
