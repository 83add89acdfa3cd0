// The permission matrix: pairs of processes, and every call of the one at the other.
//
//   node scripts/matrix.mjs record --target qemu:6.12 [--target host …]   asks kernels, one boot each
//   node scripts/matrix.mjs check --target host [--rare]                  asks, and keeps nothing
//   node scripts/matrix.mjs model                                         the models of what is recorded
//   node scripts/matrix.mjs turns --target host [--count 500] [--seed N]  smallest changes, tried out
//
// record keeps the answers below packages/conformance/matrix. What differs is printed, and is exit 1.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compileOrStop } from "./lib/compile.mjs";

const root = join(import.meta.dirname, "..");
const given = process.env.KADVISE_MATRIX;
if (given === undefined) {
  compileOrStop("matrix", "packages/cli/tsconfig.src.json");
}
const compiled = given ?? join(root, "packages/conformance/dist/matrix/index.js");
/** @type {typeof import("../packages/conformance/src/matrix/index.ts")} */
const matrix = await import(pathToFileURL(compiled).href);

/** So many pairs are asked at once: it shows how far the work is. */
const PART = 64;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", multiple: true, default: [] },
    count: { type: "string", default: "500" },
    rare: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
const [task = ""] = positionals;

switch (task) {
  case "record":
  case "check":
    for (const name of values.target) await withTarget(name, (target) => ask(name, target));
    break;
  case "model":
    for (const { facts, cells } of matrix.readMatrix().values()) {
      const model = new matrix.ModelTarget({ facts });
      report(facts, cells, await matrix.askPairs(model, matrix.pairsFor(facts)));
    }
    break;
  case "turns":
    for (const name of values.target) await withTarget(name, turns);
    break;
  default:
    console.error("matrix: expected record, check, model or turns");
    process.exitCode = 2;
}

/** @typedef {Awaited<ReturnType<typeof matrix.openTarget>>} Target */

/**
 * @param {string} name
 * @param {(target: Target) => Promise<void>} action
 */
async function withTarget(name, action) {
  let target;
  try {
    target = matrix.openTarget(name);
    await action(target);
  } catch (error) {
    if (!(error instanceof matrix.CannotRun)) throw error;
    console.error(`matrix: cannot ask ${name}: ${error.message}`);
    process.exitCode = 3;
  } finally {
    await target?.close();
  }
}

/**
 * @param {string} name
 * @param {Target} target
 */
async function ask(name, target) {
  const facts = await target.describe();
  const pairs = matrix.pairsFor(facts, { rare: values.rare && task === "check" });
  const cells = new Map();
  for (let i = 0; i < pairs.length; i += PART) {
    const answers = await matrix.askPairs(target, pairs.slice(i, i + PART));
    for (const [pair, letters] of answers) cells.set(pair, letters);
    if (process.stderr.isTTY)
      process.stderr.write(`\r${name}: ${cells.size}/${pairs.length} pairs`);
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  if (task === "record") matrix.keepMatrix({ facts, cells });
  else {
    const known = matrix.readMatrix().get(facts.kernel);
    if (known !== undefined && !values.rare)
      report(facts, known.cells, cells, "as it was recorded");
  }
  const model = new matrix.ModelTarget({ facts });
  report(facts, cells, await matrix.askPairs(model, pairs));
}

/**
 * @param {{ name: string, kernel: string }} facts
 * @param {ReadonlyMap<string, string>} seen
 * @param {ReadonlyMap<string, string>} other
 */
function report({ name, kernel }, seen, other, what = "on the model") {
  const lines = matrix.differences(seen, other);
  for (const line of lines) console.log(line);
  const count = seen.size * matrix.COLUMNS.length;
  console.log(`${name} (${kernel}): ${count} cells, ${lines.length} otherwise ${what}`);
  if (lines.length > 0) process.exitCode = 1;
}

/** @param {Target} target */
async function turns(target) {
  const told = await matrix.tryTurns(target, {
    count: Number(values.count),
    seed: Number(values.seed),
    progress: (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} cells`);
    },
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  for (const line of told.failures) console.log(line);
  console.log(
    `${target.name}: ${told.cells} refused cells, ${told.sets} smallest changes applied to ` +
      `${told.programs} pairs started anew, ${told.failures.length} did not turn the verdict`,
  );
  for (const [id, n] of told.kinds) console.log(`  ${String(n).padStart(5)} ${id}`);
  if (told.failures.length > 0) process.exitCode = 1;
}
