import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CannotRun, openTarget, type Target, type TargetFacts } from "@kadvise/conformance";
import {
  Campaign,
  findingFile,
  unheldBars,
  type Finding,
  type TallyReport,
} from "@kadvise/conformance/fuzz";
import { profile, type Profile } from "@kadvise/releases";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { fuzzText } from "../formats/fuzzText.ts";
import { text, wholeNumber, type Parsed } from "../options.ts";
import { Progress } from "../progress.ts";
import { note, out, whenInterrupted } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** `kadvise fuzz` */
export const fuzz: Command = {
  name: "fuzz",
  operands: "",
  summary:
    "Runs generated scenarios on the model and on a real kernel side by side. What the kernel did must be allowed; each difference is shrunk and written as a scenario.",
  options: {
    target: {
      type: "string",
      value: "TARGET",
      help: "host (this machine's kernel), qemu:RELEASE (a kernel in an emulated machine)",
    },
    image: { type: "string", value: "PATH", help: "the kernel that qemu:RELEASE boots" },
    kernel: {
      type: "string",
      value: "RELEASE",
      help: "which kernel the model is; auto, the default, is the target's",
    },
    ops: { type: "string", value: "N", help: "steps to run (10000)" },
    seed: { type: "string", value: "S", help: "the same seed makes the same scenarios" },
    time: { type: "string", value: "SECONDS", help: "stop then, whatever is left" },
    "max-findings": {
      type: "string",
      value: "N",
      help: "differences to shrink before it stops (5)",
    },
    out: { type: "string", value: "FOLDER", help: "where scenarios of differences go (.)" },
    format: { type: "string", value: "FORMAT", help: "text or json" },
  },
  examples: [
    "kadvise fuzz --target host --ops 50000 --seed 1",
    "kadvise fuzz --target qemu:6.12 --time 60 --format json",
  ],
  run: runFuzz,
};

const USUAL_STEPS = 10_000;
const USUAL_FINDINGS = 5;

/** What a campaign came to: plain and JSON-safe. */
export interface FuzzReport extends TallyReport {
  readonly schemaVersion: 1;
  readonly target: string;
  /** The kernel that was asked, and the one that the model is. */
  readonly kernel: string;
  readonly model: string;
  readonly release: string;
  readonly version: string;
  readonly seed: number;
  /** What a campaign of 10,000 steps and more must hold, and this one does not. */
  readonly unheld: readonly string[];
  readonly differences: readonly (Omit<Finding, "scenario"> & { readonly file: string })[];
}

async function runFuzz(parsed: Parsed): Promise<ExitCode> {
  const name = text(parsed, "target");
  if (name === undefined)
    throw new UsageError("--target says which kernel to ask: host, qemu:6.12");
  if (parsed.operands.length > 0) throw new UsageError("fuzz takes no operands");
  const format = text(parsed, "format") ?? "text";
  if (format !== "text" && format !== "json") {
    throw new UsageError(`--format text or json, got "${format}"`);
  }
  let target: Target | undefined;
  try {
    const image = text(parsed, "image");
    target = openTarget(name, image === undefined ? {} : { image });
    const facts = await target.describe();
    const report = await campaign(parsed, target, facts);
    out(format === "json" ? JSON.stringify(report, null, 2) : fuzzText(report));
    const isFine = report.differences.length === 0 && report.unheld.length === 0;
    return isFine ? EXIT.conforms : EXIT.deviations;
  } catch (error) {
    if (error instanceof RangeError && target === undefined) throw new UsageError(error.message);
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise fuzz: cannot run on ${name}: ${error.message}`);
    return EXIT.cannotRun;
  } finally {
    await target?.close();
  }
}

async function campaign(parsed: Parsed, target: Target, facts: TargetFacts): Promise<FuzzReport> {
  const kernel = modelOf(parsed, facts);
  const seed = wholeNumber(parsed, "seed") ?? Date.now() % 2 ** 31;
  const steps = wholeNumber(parsed, "ops") ?? USUAL_STEPS;
  const seconds = wholeNumber(parsed, "time");
  const end = seconds === undefined ? Number.POSITIVE_INFINITY : Date.now() + seconds * 1000;
  note(`${facts.name}: Linux ${facts.kernel} (${facts.release}, ${facts.version}); seed ${seed}`);
  const progress = new Progress("fuzz", steps);
  const folder = text(parsed, "out") ?? ".";
  const differences: (Omit<Finding, "scenario"> & { file: string })[] = [];
  let done = 0;
  const running = new Campaign({
    ...{ target, facts, profile: kernel, seed, steps },
    mostFindings: wholeNumber(parsed, "max-findings") ?? USUAL_FINDINGS,
    isTime: () => Date.now() >= end,
    onProgress: (report) => {
      progress.advance(report.steps - done);
      done = report.steps;
    },
    onFinding: ({ scenario, ...finding }) => {
      const file = freePath(folder, facts, finding.seed);
      writeFileSync(file, findingFile({ ...finding, scenario }, facts));
      differences.push({ ...finding, file });
      note(`a difference: ${file}`);
    },
  });
  const report = (): FuzzReport => {
    const tally = running.report();
    return {
      schemaVersion: 1,
      target: facts.name,
      kernel: facts.kernel,
      model: kernel.version,
      ...{ release: facts.release, version: facts.version, seed },
      ...tally,
      unheld: unheldBars(tally),
      differences,
    };
  };
  const callOff = whenInterrupted(() => out(fuzzText(report())));
  try {
    await running.run();
  } finally {
    progress.end();
    callOff();
  }
  return report();
}

function modelOf(parsed: Parsed, facts: TargetFacts): Profile {
  const asked = text(parsed, "kernel") ?? "auto";
  try {
    const name = asked === "auto" ? facts.kernel : asked;
    return profile(name, { settings: facts.settings, assume: "all" });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
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
