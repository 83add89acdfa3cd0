import { parentPort, workerData } from "node:worker_threads";
import { profile } from "@kadvise/releases";
import { Campaign } from "../../fuzz/campaign.ts";
import type { Finding } from "../../fuzz/findingFile.ts";
import type { Program } from "../../program/program.ts";
import type { ProgramResult } from "../../program/result.ts";
import type { Target, TargetFacts } from "../../target/target.ts";

/** What a campaign with a fault in its model is given. */
export interface PlantedWork {
  readonly facts: TargetFacts;
  readonly seed: number;
  readonly steps: number;
}

/** What it says meanwhile. */
export type PlantedMessage =
  | { readonly kind: "run"; readonly id: number; readonly programs: readonly Program[] }
  | { readonly kind: "progress"; readonly steps: number; readonly findings: number }
  | { readonly kind: "finding"; readonly finding: Finding }
  | { readonly kind: "end"; readonly steps: number; readonly reached: readonly number[] }
  | { readonly kind: "threw"; readonly error: string };

/** What it is answered. */
export interface PlantedAnswer {
  readonly id: number;
  readonly results: readonly ProgramResult[];
}

const say = (message: PlantedMessage): void => parentPort?.postMessage(message);

/** The kernel that the campaign asks: whoever started it. */
class AskedTarget implements Target {
  readonly name: string;
  private readonly facts: TargetFacts;
  private readonly waiting: Map<number, (results: readonly ProgramResult[]) => void> = new Map();
  private asked = 0;

  constructor(facts: TargetFacts) {
    this.name = facts.name;
    this.facts = facts;
    parentPort?.on("message", ({ id, results }: PlantedAnswer) => {
      this.waiting.get(id)?.(results);
      this.waiting.delete(id);
    });
  }

  describe(): Promise<TargetFacts> {
    return Promise.resolve(this.facts);
  }

  run(programs: readonly Program[]): Promise<readonly ProgramResult[]> {
    const id = this.asked++;
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      say({ kind: "run", id, programs });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** A campaign as `kadvise fuzz` runs it, but that its model has a fault planted in it. */
async function plantedCampaign({ facts, seed, steps }: PlantedWork): Promise<void> {
  try {
    const campaign = new Campaign({
      ...{ target: new AskedTarget(facts), facts, seed, steps, mostFindings: 1 },
      profile: profile(facts.kernel, { settings: facts.settings, assume: "all" }),
      onFinding: (finding) => say({ kind: "finding", finding }),
      onProgress: (report) => say({ kind: "progress", ...report }),
    });
    const report = await campaign.run();
    const { kadviseReached = [] } = globalThis as { kadviseReached?: readonly number[] };
    const reached = kadviseReached.flatMap((times, i) => (times > 0 ? [i] : []));
    say({ kind: "end", steps: report.steps, reached });
  } catch (error) {
    say({ kind: "threw", error: error instanceof Error ? (error.stack ?? "") : String(error) });
  }
  parentPort?.close();
}

await plantedCampaign(workerData as PlantedWork);
