import { REAL_TARGETS } from "@kadvise/conformance";
import { FAMILIES, type Family } from "@kadvise/conformance/fuzz";
import type { Command } from "../command.ts";
import { EXIT, worse, type ExitCode } from "../exitCodes.ts";
import { formatOf } from "../formatOption.ts";
import { fuzzOutput } from "../formats/fuzzOutput.ts";
import { given, text, wholeNumber, type Parsed } from "../options.ts";
import { UsageError } from "../usageError.ts";
import { fuzzTarget, type FuzzPlan } from "./fuzzTarget.ts";

/** `kadvise fuzz` */
export const fuzz: Command = {
  name: "fuzz",
  operands: "",
  summary:
    "Runs generated scenarios on the model and on real kernels side by side. What a kernel did must be allowed; each difference is shrunk and written as a scenario.",
  options: {
    target: {
      type: "string",
      value: "TARGET,…",
      help: "host (this machine's kernel), qemu:RELEASE (a kernel in an emulated machine), model:RELEASE (the model in place of a kernel)",
    },
    image: { type: "string", value: "PATH", help: "the kernel that qemu:RELEASE, or qemu, boots" },
    kernel: {
      type: "string",
      value: "RELEASE",
      help: "which kernel the model is; auto, the default, is the target's",
    },
    ops: { type: "string", value: "N", help: "steps to run on each target (10000)" },
    seed: { type: "string", value: "S", help: "the same seed makes the same scenarios" },
    shard: {
      type: "string",
      value: "I/N",
      help: "run the I-th of N parts of the whole; kadvise merge adds them up",
    },
    maps: {
      type: "string",
      value: "N",
      help: "compare maps and page state of all processes behind every N-th step (8)",
    },
    only: {
      type: "string",
      value: "FAMILY,…",
      help: `draw operations of these families alone: ${Object.keys(FAMILIES).join(", ")}`,
    },
    time: {
      type: "string",
      value: "SECONDS",
      help: "stop each target then, whatever is left",
    },
    "max-findings": {
      type: "string",
      value: "N",
      help: "differences to shrink on a target before it stops (5)",
    },
    "no-shrink": { type: "boolean", help: "write scenarios of differences as they were drawn" },
    out: { type: "string", value: "FOLDER", help: "where scenarios of differences go (.)" },
    format: { type: "string", value: "FORMAT", help: "text, json or jsonl" },
    coverage: {
      type: "boolean",
      help: "list which reasons, areas and errors were seen, and which were not (text)",
    },
  },
  examples: [
    "kadvise fuzz --target host --ops 50000 --seed 1",
    "kadvise fuzz --target qemu:5.10,qemu:6.12 --time 60 --format jsonl",
    "kadvise fuzz --target host --ops 200000 --seed 1 --shard 2/4 --format json > 2.json",
    "kadvise fuzz --target model:6.12 --kernel 6.1 --ops 20000 --max-findings 1",
  ],
  run: runFuzz,
};

const USUAL_STEPS = 10_000;
const USUAL_FINDINGS = 5;
const FORMATS = ["text", "json", "jsonl"] as const;

async function runFuzz(parsed: Parsed): Promise<ExitCode> {
  const targets = targetsOf(parsed);
  const plan = planOf(parsed);
  const format = formatOf(parsed, FORMATS);
  const output = fuzzOutput(format, {
    several: targets.length > 1,
    coverage: given(parsed, "coverage"),
  });
  let code: ExitCode = EXIT.conforms;
  for (const target of targets) code = worse(code, await fuzzTarget(target, plan, output));
  output.end();
  return code;
}

function targetsOf(parsed: Parsed): readonly string[] {
  if (parsed.operands.length > 0) throw new UsageError("fuzz takes no operands");
  const names = text(parsed, "target");
  if (names === undefined)
    throw new UsageError("--target says which kernels to ask: host, qemu:6.12");
  const targets = names.split(",").map((name) => name.trim());
  const twice = targets.find((name, i) => targets.indexOf(name) < i);
  if (twice !== undefined) throw new UsageError(`--target names ${twice} twice`);
  for (const name of targets) {
    if (!/^(host|qemu:[\w.+-]+|qemu|model:[\w.+,-]+)$/.test(name))
      throw new UsageError(`expected ${REAL_TARGETS.join(", ")} or model:RELEASE, got "${name}"`);
  }
  const image = text(parsed, "image");
  const emulated = targets.filter((name) => name.startsWith("qemu"));
  if (image !== undefined && emulated.length !== 1) {
    throw new UsageError(
      `--image is what one emulated machine boots, and --target names ${emulated.length}`,
    );
  }
  if (image === undefined && targets.includes("qemu"))
    throw new UsageError("the target qemu needs --image; qemu:RELEASE finds one");
  return targets;
}

function planOf(parsed: Parsed): FuzzPlan {
  const image = text(parsed, "image");
  const kernel = text(parsed, "kernel") ?? "auto";
  const shard = shardOf(text(parsed, "shard"));
  const only = familiesOf(text(parsed, "only"));
  const seconds = wholeNumber(parsed, "time");
  const steps = wholeNumber(parsed, "ops") ?? USUAL_STEPS;
  const seed = wholeNumber(parsed, "seed");
  const mapsEvery = wholeNumber(parsed, "maps");
  if (mapsEvery === 0) throw new UsageError("--maps wants a number from 1 on");
  if (seed === undefined && shard !== undefined)
    throw new UsageError("--shard needs --seed: all shards of a campaign have the same");
  return {
    seed: seed ?? Date.now() % 2 ** 31,
    steps: shard === undefined ? steps : Math.ceil(steps / shard.of),
    mostFindings: wholeNumber(parsed, "max-findings") ?? USUAL_FINDINGS,
    folder: text(parsed, "out") ?? ".",
    shrinks: !given(parsed, "no-shrink"),
    ...(image === undefined ? {} : { image }),
    ...(kernel === "auto" ? {} : { kernel }),
    ...(shard === undefined ? {} : { shard }),
    ...(only === undefined ? {} : { only }),
    ...(seconds === undefined ? {} : { seconds }),
    ...(mapsEvery === undefined ? {} : { mapsEvery }),
  };
}

function familiesOf(words: string | undefined): readonly Family[] | undefined {
  return words?.split(",").map((word) => {
    const name = word.trim();
    if (Object.hasOwn(FAMILIES, name)) return name as Family;
    const known = Object.keys(FAMILIES).join(", ");
    throw new UsageError(`--only takes families of operations: ${known}; got "${name}"`);
  });
}

function shardOf(words: string | undefined): FuzzPlan["shard"] {
  if (words === undefined) return undefined;
  const [, part, of] = /^(\d{1,6})\/(\d{1,6})$/.exec(words) ?? [];
  const shard = { part: Number(part), of: Number(of) };
  if (shard.part >= 1 && shard.part <= shard.of) return shard;
  throw new UsageError(`--shard I/N with I from 1 to N, got "${words}"`);
}
