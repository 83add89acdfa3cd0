import { CannotRun, openTarget, type Target, type TargetFacts } from "@kadvise/conformance";
import { LOADS, runBenchmark, type BenchReport } from "@kadvise/conformance/bench";
import { profile, type Profile } from "@kadvise/releases";
import type { Command } from "../command.ts";
import { EXIT, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { benchText } from "../formats/benchText.ts";
import { text, wholeNumber, type Parsed } from "../options.ts";
import { Progress } from "../progress.ts";
import { note, out } from "../streams.ts";
import { UsageError } from "../usageError.ts";

/** `kadvise bench` */
export const bench: Command = {
  name: "bench",
  operands: "",
  summary:
    "Runs loads on the model and on this machine's kernel, side by side in one run, and prints what they cost and how that compares.",
  options: {
    target: { type: "string", value: "TARGET", help: "host (the default) or qemu:RELEASE" },
    loads: { type: "string", value: "ID,…", help: "these alone, without memory and growth" },
    rounds: { type: "string", value: "N", help: "how often each is measured (9)" },
    format: { type: "string", value: "FORMAT", help: "text or json" },
  },
  examples: ["kadvise bench", "kadvise bench --loads cold-vectors,cold-single --format json"],
  run: runBench,
};

const USUAL_ROUNDS = 9;

async function runBench(parsed: Parsed): Promise<ExitCode> {
  if (parsed.operands.length > 0) throw new UsageError("bench takes no operands");
  const format = formatOf(parsed, ["text", "json"]);
  const only = chosen(parsed);
  const rounds = wholeNumber(parsed, "rounds") ?? USUAL_ROUNDS;
  if (rounds < 1) throw new UsageError("--rounds wants a number from 1 on");
  const name = text(parsed, "target") ?? "host";
  if (name === "model") {
    throw new UsageError("--target is the kernel that the model is held against: host, qemu:6.12");
  }
  let target: Target | undefined;
  try {
    target = openTarget(name, {});
    const report = await measured(target, rounds, only);
    out(format === "json" ? JSON.stringify(report, null, 2) : benchText(report));
    return EXIT.conforms;
  } catch (error) {
    if (error instanceof RangeError && target === undefined) throw new UsageError(error.message);
    if (!(error instanceof CannotRun)) throw error;
    note(`kadvise bench: cannot run on ${name}: ${error.message}`);
    return EXIT.cannotRun;
  } finally {
    await target?.close();
  }
}

async function measured(
  target: Target,
  rounds: number,
  only: readonly string[] | undefined,
): Promise<BenchReport> {
  const facts = await target.describe();
  const kernel = modelOf(facts);
  const progress = new Progress("bench", only?.length ?? LOADS.length);
  try {
    return await runBenchmark({
      ...{ target, facts, profile: kernel, rounds },
      ...(only === undefined ? {} : { only }),
      onLoad: () => progress.advance(1),
    });
  } finally {
    progress.end();
  }
}

function modelOf({ kernel, settings }: TargetFacts): Profile {
  try {
    return profile(kernel, { settings, assume: "all" });
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function chosen(parsed: Parsed): readonly string[] | undefined {
  const ids = text(parsed, "loads")?.split(",");
  for (const id of ids ?? []) {
    if (LOADS.some((load) => load.id === id)) continue;
    throw new UsageError(
      `no load is called "${id}"; there are ${LOADS.map((load) => load.id).join(", ")}`,
    );
  }
  return ids;
}
