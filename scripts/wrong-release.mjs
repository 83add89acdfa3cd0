// How soon a kernel is found out that is taken for the release before or behind it: each pair of
// neighbours among the recorded kernels, both ways.
//
//   node scripts/wrong-release.mjs [--seed 5,6] [--ops 20000]      the model of each in its place
//   node scripts/wrong-release.mjs --real [--only 6.12.107 …]      the emulated kernels themselves
//
// Prints the table of docs/real-kernels.md. A pair that is not found out is exit 1.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compileOrStop } from "./lib/compile.mjs";

const root = join(import.meta.dirname, "..");
compileOrStop("wrong-release", "packages/cli/tsconfig.src.json");
const dist = join(root, "packages/conformance/dist");
/** @type {typeof import("../packages/conformance/src/fuzz/index.ts")} */
const fuzz = await import(pathToFileURL(join(dist, "fuzz/index.js")).href);
/** @type {typeof import("../packages/conformance/src/index.ts")} */
const conformance = await import(pathToFileURL(join(dist, "index.js")).href);

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "5" },
    ops: { type: "string", default: "20000" },
    only: { type: "string", multiple: true, default: [] },
    real: { type: "boolean", default: false },
  },
});
const seeds = values.seed.split(",").map(Number);

/** What differs is a long line: so much of it tells which call it was. */
const MOST_CHARACTERS = 90;

console.log("| kernel | taken for | examples that tell | generated steps until found | by |");
console.log("|---|---|---|---|---|");
for (const [kernel, model] of fuzz.neighbours()) {
  if (values.only.length > 0 && !values.only.includes(kernel)) continue;
  await findOut(kernel, model);
}

/**
 * @param {string} kernel
 * @param {string} model
 */
async function findOut(kernel, model) {
  const recorded = fuzz.readKernel(kernel);
  if (recorded === undefined) throw new Error(`nobody asked ${kernel}`);
  const line = kernel.replace(/\.\d+$/, "");
  const target = values.real
    ? conformance.openTarget(`qemu:${line}`)
    : new conformance.ModelTarget({ facts: recorded });
  const facts = values.real ? await target.describe() : recorded;
  const found = [];
  for (const seed of seeds)
    found.push(await fuzz.findOut({ target, facts, model, seed, steps: Number(values.ops) }));
  await target.close();
  const [first] = found;
  if (first === undefined) return;
  const { asked, telling, byChance } = first;
  const steps = found.map(({ byChance }) => byChance?.foundAt ?? "never");
  if (telling.length === 0 || steps.includes("never")) process.exitCode = 1;
  const [process_, call = ""] = [/^\d+/.exec(byChance?.kernel ?? ""), byChance?.kernel];
  const text = call
    .slice(process_?.[0].length ?? 0)
    .trim()
    .replaceAll("|", "\\|");
  const by = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  const told = `${telling.length} of ${asked.length}`;
  console.log(`| ${kernel} | ${model} | ${told} | ${steps.join(", ")} | \`${by}\` |`);
}
