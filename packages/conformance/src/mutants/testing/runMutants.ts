import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { profile } from "@kadvise/releases";
import type { Finding } from "../../fuzz/findingFile.ts";
import { followProgram } from "../../model/followProgram.ts";
import { compileScenario, placesOf } from "../../scenario/compileScenario.ts";
import { parseScenario } from "../../scenario/parse.ts";
import { openTarget } from "../../target/openTarget.ts";
import type { TargetFacts } from "../../target/target.ts";
import { allMutants, drawn, type Mutant } from "./draw.ts";
import { plant } from "./plant.ts";
import { keptFacts, keyOf, type MutantRecord, type MutantsRecord } from "./record.ts";
import { RememberedTarget } from "./rememberedTarget.ts";
import { runPlanted, type Ask, type PlantedOutcome } from "./runPlanted.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "host" },
    ops: { type: "string", default: "50000" },
    seed: { type: "string", default: "1" },
    draw: { type: "string", default: "20261123" },
    /** How many are drawn. */
    drawn: { type: "string", default: "30" },
    /** Which of the drawn ones, by their numbers: 0,3,17. */
    only: { type: "string" },
    /** Stops at the first difference: it is not shrunk. */
    quick: { type: "boolean", default: false },
    /** Only tells which sites are evaluated at all. */
    reach: { type: "boolean", default: false },
    /** Writes the outcomes to the record that the tests read, or to another file. */
    record: { type: "boolean", default: false },
    to: { type: "string", default: "packages/conformance/src/mutants/mutants.json" },
    help: { type: "boolean", default: false },
  },
});

const HELP = `pnpm mutants [options]
  --target host|qemu:RELEASE  which kernel is asked (host)
  --ops N, --seed S           the campaign that each fault gets (50000 steps, seed 1)
  --drawn N, --draw SEED      how many faults are drawn, and by which seed (30)
  --only I,J                  only some of the drawn ones
  --quick                     stops at the first difference: nothing is shrunk
  --reach                     only tells which of them are evaluated at all
  --record [--to FILE]        writes the outcomes; what FILE says is passed over is not drawn`;

const packages = resolve("packages");
/** What shrunk scenarios are looked at by, as in campaigns. */
const ARENA_PLACE = { address: 0x2000_0000, count: 20 };
const cache = resolve("packages/conformance/.cache/mutants");
const entry = "mutants/testing/plantedCampaign.ts";
const campaign = { seed: Number(values.seed), steps: Number(values.ops) };

/** What was recorded before. */
function before(): MutantsRecord | undefined {
  if (!existsSync(values.to)) return undefined;
  return JSON.parse(readFileSync(values.to, "utf8")) as MutantsRecord;
}

/** The mutants that count: in the order of the draw, without those of which it is shown why not. */
function counted(): readonly Mutant[] {
  const past = before()?.passedOver.map(keyOf) ?? [];
  return drawn(allMutants(packages), Number(values.draw))
    .filter((mutant) => !past.includes(keyOf(mutant)))
    .slice(0, Number(values.drawn));
}

async function reach(mutants: readonly Mutant[], facts: TargetFacts, ask: Ask): Promise<void> {
  const changes = mutants.flatMap(({ file, around: { start, end } }, i) => [
    { file, start: end, end, replacement: ")" },
    {
      ...{ file, start, end: start },
      replacement: `(((globalThis.kadviseReached ??= [])[${i}] = (globalThis.kadviseReached[${i}] ?? 0) + 1), `,
    },
  ]);
  const bundle = await plant(packages, entry, { changes, outfile: join(cache, "reach.mjs") });
  const { end, steps, reached, error } = await runPlanted(bundle, { facts, ...campaign }, ask);
  console.log(`${end} after ${steps} steps ${error ?? ""}`);
  for (const [i, mutant] of mutants.entries()) {
    console.log(`${reached.includes(i) ? "reached  " : "UNREACHED"} ${i} ${told(mutant)}`);
  }
}

async function find(
  mutants: readonly Mutant[],
  facts: TargetFacts,
  ask: Ask,
): Promise<readonly MutantRecord[]> {
  const records: MutantRecord[] = [];
  const only = values.only?.split(",").map(Number);
  for (const [i, mutant] of mutants.entries()) {
    if (only?.includes(i) === false) continue;
    const outfile = join(cache, `mutant-${i}.mjs`);
    const bundle = await plant(packages, entry, { changes: [mutant], outfile });
    const outcome = await runPlanted(bundle, { facts, ...campaign }, ask, values.quick);
    if (outcome.finding !== undefined && (await differs(outcome.finding, facts, ask))) {
      report(i, mutant, outcome);
      throw new Error("the model differs without the fault too: mend that first");
    }
    records.push(recordOf(mutant, outcome));
    report(i, mutant, outcome);
    if (values.record) save(facts, records);
  }
  return records;
}

/** Whether the model as it is differs from the kernel there. */
async function differs(
  { scenario, compared: { mapsEvery, smaps } }: Finding,
  facts: TargetFacts,
  ask: Ask,
): Promise<boolean> {
  const parsed = parseScenario(scenario);
  if ("error" in parsed) throw new Error(parsed.error.text);
  const image = facts.images["plain"] ?? "";
  const views = { pages: ARENA_PLACE, smaps };
  const places = placesOf(facts.start);
  const options = { abi: facts.abi, image, mapsEvery, places, views };
  const { program } = compileScenario(parsed.steps, options);
  const [seen] = await ask([program]);
  const model = profile(facts.kernel, { settings: facts.settings, assume: "all" });
  return followProgram({ facts, profile: model, program, seen }).difference !== undefined;
}

function recordOf(mutant: Mutant, { end, steps, finding }: PlantedOutcome): MutantRecord {
  const { file, text, change, nth } = mutant;
  return {
    ...{ file, text, change, nth, end, steps },
    ...(finding === undefined
      ? {}
      : {
          roundSeed: finding.seed,
          scenario: finding.scenario.trimEnd().split("\n"),
          compared: finding.compared,
          model: finding.model,
          kernel: finding.kernel,
          views: finding.maps,
        }),
  };
}

/** Writes what ran; of the others that count it keeps what was known. */
function save(facts: TargetFacts, ran: readonly MutantRecord[]): void {
  const old = before();
  const known = new Map([...(old?.mutants ?? []), ...ran].map((one) => [keyOf(one), one]));
  const record: MutantsRecord = {
    ...{ drawSeed: Number(values.draw), seed: campaign.seed, facts: keptFacts(facts) },
    steps: Math.max(campaign.steps, old?.steps ?? 0),
    mutants: counted().flatMap((mutant) => known.get(keyOf(mutant)) ?? []),
    passedOver: old?.passedOver ?? [],
  };
  writeFileSync(values.to, `${JSON.stringify(record, null, 2)}\n`);
}

function told({ file, line, change, text }: Mutant): string {
  return `${file}:${line} ${change} | ${text.slice(0, 100)}`;
}

function report(i: number, mutant: Mutant, { end, steps, finding, error }: PlantedOutcome): void {
  console.log(`${i} ${told(mutant)}\n   ${end} after ${steps} steps ${error ?? ""}`);
  if (finding === undefined) return;
  for (const line of finding.scenario.trimEnd().split("\n")) console.log(`      ${line}`);
  console.log(`      model   ${finding.model}\n      kernel  ${finding.kernel}`);
  for (const line of finding.maps) console.log(`      ${line}`);
}

function summary(records: readonly MutantRecord[]): void {
  const found = records.filter(({ end }) => end !== "missed");
  const lines = found
    .flatMap(({ scenario }) => (scenario === undefined ? [] : [scenario.length]))
    .sort((a, b) => a - b);
  const middle = lines[Math.floor(lines.length / 2)];
  console.log(
    `${found.length} of ${records.length} found; lines: median ${middle}, most ${lines.at(-1)}`,
  );
}

async function main(): Promise<void> {
  const target = openTarget(values.target);
  try {
    mkdirSync(cache, { recursive: true });
    const facts = await target.describe();
    const remembered = new RememberedTarget(target);
    const ask: Ask = (programs) => remembered.run(programs);
    const mutants = counted();
    if (values.reach) await reach(mutants, facts, ask);
    else summary(await find(mutants, facts, ask));
  } finally {
    await target.close();
  }
}

if (values.help) console.log(HELP);
else await main();
