import type { Profile } from "@kadvise/releases";
import type { Target, TargetFacts } from "../target/target.ts";
import { measureGrowth, type Growth } from "./growth.ts";
import { LOADS } from "./loads.ts";
import type { Load } from "./load.ts";
import { runOnKernel, runOnModel } from "./measure.ts";
import { measureMemory, type MemoryFigures } from "./memory.ts";
import { spreadOf, type Spread } from "./spread.ts";

/** How a load went, in nanoseconds for one unit. */
export interface LoadFigures {
  readonly id: string;
  readonly text: string;
  readonly unit: string;
  readonly model: Spread;
  readonly kernel: Spread;
  /** The kernel's median time divided by the model's. */
  readonly ratio: number;
  /** What it is to be at least. */
  readonly least: number;
}

/** What vectors save against single calls, as shares of the time of single calls. */
export interface VectorSavings {
  readonly model: number;
  readonly kernel: number;
}

/** What a benchmark came to: plain and JSON-safe. */
export interface BenchReport {
  readonly schemaVersion: 1;
  /** The kernel that was asked, and the one that the model was. */
  readonly kernel: string;
  readonly release: string;
  readonly version: string;
  readonly model: string;
  readonly rounds: number;
  readonly loads: readonly LoadFigures[];
  /** Loads that could not be run, with the reason. */
  readonly skipped: readonly { readonly id: string; readonly why: string }[];
  readonly vectors?: VectorSavings;
  readonly memory?: MemoryFigures;
  readonly growth?: readonly Growth[];
}

/** What is measured, and how often. */
export interface BenchOptions {
  readonly target: Target;
  readonly facts: TargetFacts;
  readonly profile: Profile;
  readonly rounds: number;
  /** The ids of loads; all, and memory and growth too, if unset. */
  readonly only?: readonly string[];
  onLoad?(id: string): void;
}

/**
 * The model runs a load so often, and for so long, before it counts: an engine compiles what it sees
 * again and again, and a kernel was compiled long ago.
 */
const WARM_UPS = 5;
const WARM_UP_MS = 500;

/** Runs every load on the model and on a kernel in turn, side by side in one run. */
export async function runBenchmark(options: BenchOptions): Promise<BenchReport> {
  const { facts, profile, rounds, only } = options;
  const chosen = LOADS.filter(({ id }) => only === undefined || only.includes(id));
  const skipped = chosen
    .filter(({ needsSwap }) => needsSwap === true && facts.settings.swap !== true)
    .map(({ id }) => ({ id, why: "the kernel has no swap" }));
  const loads: LoadFigures[] = [];
  for (const load of chosen) {
    if (skipped.some(({ id }) => id === load.id)) continue;
    options.onLoad?.(load.id);
    loads.push(await measure(options, load));
  }
  const vectors = savings(loads);
  return {
    schemaVersion: 1,
    ...{ kernel: facts.kernel, release: facts.release, version: facts.version },
    ...{ model: profile.version, rounds, loads, skipped },
    ...(vectors === undefined ? {} : { vectors }),
    ...(only === undefined
      ? { memory: measureMemory(), growth: measureGrowth(facts, profile, rounds) }
      : {}),
  };
}

async function measure(options: BenchOptions, load: Load): Promise<LoadFigures> {
  const { target, facts, profile, rounds } = options;
  const { id, text, unit, units, least, program } = load;
  const warmUpEnds = Date.now() + WARM_UP_MS;
  for (let i = 0; i < WARM_UPS || Date.now() < warmUpEnds; i++) {
    runOnModel(facts, profile, program);
  }
  const onModel: number[] = [];
  const onKernel: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const real = await runOnKernel(target, program);
    const modelled = runOnModel(facts, profile, program);
    requireSame(id, real.values, modelled.values);
    onKernel.push(real.nanoseconds / units);
    onModel.push(modelled.nanoseconds / units);
  }
  const model = spreadOf(onModel);
  const kernel = spreadOf(onKernel);
  return { id, text, unit, model, kernel, ratio: kernel.median / model.median, least };
}

/** A figure is worth something only if both did the same: numbers of processes alone may differ. */
function requireSame(id: string, real: readonly bigint[], modelled: readonly bigint[]): void {
  const i = real.findIndex((value, at) => value < 0n !== modelled[at] < 0n);
  if (i >= 0) {
    throw new RangeError(
      `${id}: operation ${i} gave ${real[i]} on the kernel, ${modelled[i]} on the model`,
    );
  }
}

function savings(loads: readonly LoadFigures[]): VectorSavings | undefined {
  const vectors = loads.find(({ id }) => id === "cold-vectors");
  const single = loads.find(({ id }) => id === "cold-single");
  if (vectors === undefined || single === undefined) return undefined;
  return {
    model: 1 - vectors.model.median / single.model.median,
    kernel: 1 - vectors.kernel.median / single.kernel.median,
  };
}
