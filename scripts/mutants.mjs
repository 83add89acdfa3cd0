// Plants faults in the model, drawn at random from what the packages compute with, and lets a
// campaign on a real kernel look for each: how many it finds says what its scenarios reach.
// `npx -y pnpm@12 mutants --help` tells the options.
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const root = dirname(import.meta.dirname);
// Beside the agent's sources, as far below the package as what is built.
const outfile = join(root, "packages/conformance/.cache/mutants/run.mjs");

await build({
  entryPoints: [join(root, "packages/conformance/src/mutants/testing/runMutants.ts")],
  ...{ outfile, bundle: true, platform: "node", format: "esm", target: "node20" },
  external: ["fast-check", "typescript", "esbuild"],
  conditions: ["@kadvise/source"],
  logLevel: "error",
});
const words = [outfile, ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, words, { cwd: root, stdio: "inherit" }).status ?? 1;
