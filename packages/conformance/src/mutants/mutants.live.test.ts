import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTarget } from "../target/openTarget.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { live } from "../target/testing/liveHost.ts";
import { locate } from "./testing/locate.ts";
import { plant } from "./testing/plant.ts";
import type { MutantsRecord } from "./testing/record.ts";
import { runPlanted, type PlantedOutcome } from "./testing/runPlanted.ts";

const PACKAGES = fileURLToPath(new URL("../../../", import.meta.url));
const record = JSON.parse(
  readFileSync(new URL("mutants.json", import.meta.url), "utf8"),
) as MutantsRecord;
const found = record.mutants.flatMap((mutant) => {
  const { roundSeed } = mutant;
  return roundSeed === undefined ? [] : [{ ...mutant, roundSeed }];
});
/** A round of a campaign is shorter: it ends with it, or within the next. */
const STEPS = 3000;

let opened: { target: Target; facts: TargetFacts } | { why: string };
let folder = "";

beforeAll(async () => {
  opened = await live(() => openTarget("host"));
  // What a bundle leaves out it finds from here.
  folder = mkdtempSync(join(PACKAGES, "conformance/node_modules/.mutants-"));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  if ("target" in opened) await opened.target.close();
});

/** The round that found a fault, on this machine's kernel, with these faults in the model. */
async function replay(seed: number, changes: Parameters<typeof plant>[2]["changes"], name: string) {
  if ("why" in opened) throw new Error(opened.why);
  const { target, facts } = opened;
  const outfile = join(folder, `${name}.mjs`);
  const bundle = await plant(PACKAGES, "mutants/testing/plantedCampaign.ts", { changes, outfile });
  const work = { facts, seed, steps: STEPS };
  const outcome = await runPlanted(bundle, work, (programs) => target.run(programs), true);
  return outcome satisfies PlantedOutcome;
}

test.for(found.map((mutant, number) => ({ ...mutant, number })))(
  "the round that found it finds it again: $file: $text: $change",
  { timeout: 60_000 },
  async (mutant, { skip }) => {
    if ("why" in opened) return skip(opened.why);
    const { kernel } = opened.facts;
    if (kernel !== record.kernel) return skip(`recorded on ${record.kernel}, this is ${kernel}`);
    const site = locate(PACKAGES, mutant);
    if (site === undefined) throw new Error("its line is gone: see the test without a kernel");
    expect((await replay(mutant.roundSeed, [site], String(mutant.number))).end).toBe("found");
  },
);

test("the same rounds find nothing in the model as it is", { timeout: 60_000 }, async ({ skip }) => {
  if ("why" in opened) return skip(opened.why);
  if (opened.facts.kernel !== record.kernel) return skip(`recorded on ${record.kernel}`);
  for (const seed of new Set(found.slice(0, 3).map(({ roundSeed }) => roundSeed))) {
    expect((await replay(seed, [], "none")).end).toBe("missed");
  }
});
