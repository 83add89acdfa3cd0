import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseRecorded } from "../model/testing/recording.ts";
import { compileScenario, placesOf } from "../scenario/compileScenario.ts";
import { parseScenario } from "../scenario/parse.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { keyOf, type MutantRecord, type MutantsRecord } from "./testing/record.ts";
import { locate } from "./testing/locate.ts";
import { plant } from "./testing/plant.ts";
import { contradicts } from "./testing/replayPlanted.ts";

const PACKAGES = fileURLToPath(new URL("../../../", import.meta.url));
const record = parseRecorded(
  readFileSync(new URL("mutants.json", import.meta.url), "utf8"),
) as MutantsRecord;
const { facts } = record;
const found = record.mutants.filter(({ scenario }) => scenario !== undefined);
const lines = found.map(({ scenario = [] }) => scenario.length).sort((a, b) => a - b);

let folder = "";

beforeAll(() => {
  // What a bundle leaves out it finds from here.
  folder = mkdtempSync(join(PACKAGES, "conformance/node_modules/.mutants-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("thirty faults are counted, each once, and what was drawn and passed over is none of them", () => {
  const counted = record.mutants.map(keyOf);
  expect(counted).toHaveLength(30);
  expect(new Set(counted).size).toBe(30);
  for (const one of record.passedOver) expect(counted).not.toContain(keyOf(one));
  expect(record.steps).toBeLessThanOrEqual(50_000);
});

test("a campaign of fifty thousand steps finds twenty-eight of them at least", () => {
  expect(record.mutants.filter(({ end }) => end !== "missed").length).toBeGreaterThanOrEqual(28);
});

test("those that a campaign found are shrunk to eight lines in the median, fifteen at most", () => {
  expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(8);
  expect(lines.at(-1)).toBeLessThanOrEqual(15);
});

test("of each that was drawn and does not count it is said why", () => {
  for (const { why } of record.passedOver) expect(why.length).toBeGreaterThan(30);
});

describe("the model with a fault planted in it contradicts the model without", () => {
  test.each(found)("$file: $text: $change", async (mutant) => {
    const program = compiled(mutant);
    const [seen] = await new ModelTarget({ facts }).run([program]);
    const site = locate(PACKAGES, mutant);
    if (site === undefined) {
      throw new Error("its line is gone: draw anew with `npx -y pnpm@12 mutants --record`");
    }
    const work = { facts, program, seen };
    expect(await contradicts(await bundled([]), work)).toBe(false);
    expect(await contradicts(await bundled([site]), work)).toBe(true);
  });
});

function compiled({ scenario = [], compared }: MutantRecord) {
  const parsed = parseScenario(scenario.join("\n"));
  if ("error" in parsed) throw new Error(parsed.error.text);
  const image = facts.images["plain"] ?? "";
  const pages = { address: 0x2000_0000, count: 20 };
  const places = placesOf(facts.start);
  const { mapsEvery, smaps } = compared!;
  const options = { abi: facts.abi, image, mapsEvery, places, views: { pages, smaps } };
  return compileScenario(parsed.steps, options).program;
}

const bundles = new Map<string, Promise<string>>();

/** The model with some changes planted in it; bundled once. */
function bundled(changes: Parameters<typeof plant>[2]["changes"]): Promise<string> {
  const key = JSON.stringify(changes);
  const outfile = join(folder, `${bundles.size}.mjs`);
  const bundle =
    bundles.get(key) ?? plant(PACKAGES, "mutants/testing/plantedReplay.ts", { changes, outfile });
  bundles.set(key, bundle);
  return bundle;
}
