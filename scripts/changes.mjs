// Asks real kernels the examples of dated changes, packages/conformance/changes, in one boot each.
//
//   node scripts/changes.mjs record --target qemu:6.12 [--target host …] [--only ID …]
//   node scripts/changes.mjs check --target qemu:6.12 [--only ID …]
//
// record keeps what was answered in the scenarios, check says what is answered otherwise now.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compileOrStop } from "./lib/compile.mjs";

const root = join(import.meta.dirname, "..");
const built = process.env.KADVISE_DIST ?? join(root, "packages/conformance/dist");
if (process.env.KADVISE_DIST === undefined) {
  compileOrStop("changes", "packages/conformance/tsconfig.src.json");
}
/** @type {typeof import("../packages/conformance/src/diff/index.ts")} */
const diff = await import(pathToFileURL(join(built, "diff/index.js")).href);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
  },
});
const [task = ""] = positionals;
if ((task === "record" || task === "check") && values.target.length > 0) {
  for (const name of values.target) await ask(name, task === "record");
} else {
  console.error("changes: expected record or check, and --target");
  process.exitCode = 2;
}

/**
 * @param {string} name
 * @param {boolean} keeps
 */
async function ask(name, keeps) {
  let target;
  try {
    target = diff.openTarget(name);
    const { kernel } = await target.describe();
    const examples = [...diff.readChangeExamples().values()]
      .filter(({ change }) => values.only.length === 0 || values.only.includes(change))
      .filter((example) => name !== "host" || !diff.changesMachine(example));
    const answers = await diff.tryOnTarget(target, examples);
    for (const [change, { answers: seen, unmet }] of answers) {
      const known = diff.readChangeExamples().get(change)?.recorded ?? new Map();
      const before = known.get(kernel);
      if (unmet.length > 0) console.log(`${kernel} ${change}: ${unmet.join("; ")}`);
      else if (before !== undefined && before.join("\n") !== seen.join("\n")) {
        console.log(`${kernel} ${change}: was ${before.join("; ")}, is ${seen.join("; ")}`);
        if (!keeps) process.exitCode = 1;
      }
      // What did not go as it must is no answer.
      const kept = new Map(known);
      kept.delete(kernel);
      if (unmet.length === 0) kept.set(kernel, seen);
      if (keeps) write(change, kept);
    }
    console.log(`${name}: ${kernel}, ${examples.length} examples`);
  } catch (error) {
    if (!(error instanceof diff.CannotRun)) throw error;
    console.error(`changes: cannot ask ${name}: ${error.message}`);
    process.exitCode = 3;
  } finally {
    await target?.close();
  }
}

/**
 * @param {string} change
 * @param {ReadonlyMap<string, readonly string[]>} answers
 */
function write(change, answers) {
  const path = join(root, `packages/conformance/changes/${change}.scenario`);
  writeFileSync(path, diff.withRecord(readFileSync(path, "utf8"), answers));
}
