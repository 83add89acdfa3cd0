import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compileScenario, placesOf } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { openTarget } from "../target/openTarget.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { live } from "../target/testing/liveHost.ts";
import { locate } from "./testing/locate.ts";
import { plant } from "./testing/plant.ts";
import type { MutantRecord, MutantsRecord } from "./testing/record.ts";
import { contradicts } from "./testing/replayPlanted.ts";

const PACKAGES = fileURLToPath(new URL("../../../", import.meta.url));
const record = JSON.parse(
  readFileSync(new URL("mutants.json", import.meta.url), "utf8"),
) as MutantsRecord;
const found = record.mutants.filter(({ scenario }) => scenario !== undefined);

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

/** Whether what this machine's kernel makes of a scenario contradicts the model with such faults. */
async function isFound(
  { scenario = [], compared }: MutantRecord,
  changes: Parameters<typeof plant>[2]["changes"],
  name: string,
): Promise<boolean> {
  if ("why" in opened) throw new Error(opened.why);
  const { target, facts } = opened;
  const parsed = parseScenario(scenario.join("\n"));
  if ("error" in parsed) throw new Error(parsed.error.text);
  const { mapsEvery, smaps } = compared!;
  const views = { pages: { address: 0x2000_0000, count: 20 }, smaps };
  const image = facts.images["plain"] ?? "";
  const places = placesOf(facts.start);
  const options = { abi: facts.abi, image, mapsEvery, places, views };
  const { program } = compileScenario(parsed.steps, options);
  const [seen] = await target.run([program]);
  const outfile = join(folder, `${name}.mjs`);
  const bundle = await plant(PACKAGES, "mutants/testing/plantedReplay.ts", { changes, outfile });
  return await contradicts(bundle, { facts, program, seen });
}

test.for(found.map((mutant, number) => ({ ...mutant, number })))(
  "this machine's kernel shows the fault: $file: $text: $change",
  { timeout: 60_000 },
  async (mutant, { skip }) => {
    if ("why" in opened) return skip(opened.why);
    const { kernel } = opened.facts;
    if (kernel !== record.facts.kernel)
      return skip(`recorded on ${record.facts.kernel}, this is ${kernel}`);
    const site = locate(PACKAGES, mutant);
    if (site === undefined) throw new Error("its line is gone: see the test without a kernel");
    expect(await isFound(mutant, [], `${mutant.number}-none`)).toBe(false);
    expect(await isFound(mutant, [site], `${mutant.number}`)).toBe(true);
  },
);
