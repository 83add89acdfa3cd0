// Asks real kernels the facts below packages/conformance/facts, all of them in one boot.
//
//   node scripts/facts.mjs record --target qemu:6.12 [--target host …] [--only NAME …]
//                                               [--missing]: what has no answer yet
//   node scripts/facts.mjs check --target qemu:6.12 [--only NAME …]
//   node scripts/facts.mjs model [--only NAME …]    the models of the recorded kernels, differences only
//   node scripts/facts.mjs table                    writes docs/facts.md
//
// record keeps what was answered in the scenarios, check says what is answered otherwise now.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { compileOrStop } from "./lib/compile.mjs";

const root = join(import.meta.dirname, "..");
const compiled =
  process.env.KADVISE_RECORDED ?? join(root, "packages/conformance/dist/recorded/index.js");
if (process.env.KADVISE_RECORDED === undefined) {
  compileOrStop("facts", "packages/cli/tsconfig.src.json");
}
/** @type {typeof import("../packages/conformance/src/recorded/index.ts")} */
const recorded = await import(pathToFileURL(compiled).href);

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    target: { type: "string", multiple: true, default: [] },
    only: { type: "string", multiple: true, default: [] },
    missing: { type: "boolean", default: false },
  },
});
const [task = ""] = positionals;

switch (task) {
  case "record":
  case "check":
    for (const name of values.target) await ask(name, task === "record");
    break;
  case "model":
    await compareModels();
    break;
  case "table":
    writeFileSync(
      join(root, "docs/facts.md"),
      recorded.factsTable({
        facts: recorded.readFacts(),
        kernels: recorded.readVersions().flatMap((version) => recorded.readKernel(version) ?? []),
        notAsked: recorded.readNotAsked(),
      }),
    );
    break;
  default:
    console.error("facts: expected record, check, model or table");
    process.exitCode = 2;
}

/** The facts that are asked. */
function chosen() {
  const { only } = values;
  return recorded
    .readFacts()
    .filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
}

/**
 * Asks one target all facts in one boot.
 * @param {string} name
 * @param {boolean} keeps
 */
async function ask(name, keeps) {
  const isEmulated = name.startsWith("qemu:");
  let target;
  try {
    target = recorded.openTarget(name);
    const kernel = await target.describe();
    if (keeps) recorded.writeKernel(kernel);
    const facts = chosen().filter((fact) => {
      const isKnown = values.missing && recorded.answersByKernel(fact.text).has(kernel.kernel);
      return !isKnown && (isEmulated || !recorded.changesSettings(fact));
    });
    const answers = await recorded.askFacts(target, facts);
    for (const [fact, { seen, unmet }] of answers) {
      const known = recorded.answersByKernel(fact.text);
      for (const one of unmet) console.log(`${kernel.kernel} ${fact.name}: ${one}`);
      const before = known.get(kernel.kernel);
      if (before !== undefined && before.join("\n") !== seen.join("\n")) {
        console.log(
          `${kernel.kernel} ${fact.name}: was ${before.join("; ")}, is ${seen.join("; ")}`,
        );
        if (!keeps) process.exitCode = 1;
      }
      if (unmet.length > 0) process.exitCode = 1;
      // What was not as it must be is no answer to the question.
      if (keeps && unmet.length === 0) {
        // Another run may have written it meanwhile.
        const now = recorded.readFacts().find((one) => one.name === fact.name) ?? fact;
        const all = new Map(recorded.answersByKernel(now.text)).set(kernel.kernel, seen);
        recorded.writeFact({ ...now, text: recorded.withRecord(now.text, all) });
      }
    }
    console.log(`${name}: ${kernel.kernel}, ${facts.length} facts`);
  } catch (error) {
    if (!(error instanceof recorded.CannotRun)) throw error;
    console.error(`facts: cannot ask ${name}: ${error.message}`);
    process.exitCode = 3;
  } finally {
    await target?.close();
  }
}

async function compareModels() {
  for (const fact of chosen()) {
    for (const [version, seen] of recorded.answersByKernel(fact.text)) {
      const kernel = recorded.readKernel(version);
      if (kernel === undefined) continue;
      const target = new recorded.ModelTarget({ facts: kernel });
      const [answer] = [...(await recorded.askFacts(target, [fact])).values()];
      if (answer.unmodelled !== undefined) continue;
      if (answer.seen.join("\n") === seen.join("\n") && answer.unmet.length === 0) continue;
      console.log(
        `${version} ${fact.name}\n  kernel ${seen.join("; ")}\n  model  ${answer.seen.join("; ")} ${answer.unmet.join("; ")}`,
      );
      process.exitCode = 1;
    }
  }
}
