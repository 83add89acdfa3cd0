// Bundles @kadvise/kernel with scripts/vm-scenario.mjs and runs it where there is no Node, no
// browser and no clock that anyone put there: in a context that has ECMAScript's globals alone.
// What it prints must be what it prints under Node.
import { build } from "esbuild";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { root } from "./lib/workspace.mjs";

const { outputFiles } = await build({
  entryPoints: [join(root, "scripts/vm-scenario.mjs")],
  alias: { "@kadvise/kernel": join(root, "packages/kernel/dist/index.js") },
  bundle: true,
  write: false,
  format: "iife",
  globalName: "scenario",
  platform: "neutral",
  target: "es2023",
  logLevel: "error",
});
const bundle = outputFiles[0]?.text ?? "";
const source = `"use strict";\n${bundle}\nscenario.lines().join("\\n");`;

const context = createContext(Object.create(null), {
  codeGeneration: { strings: false, wasm: false },
});
// V8 itself puts these two into every context; the language knows neither.
runInContext("delete globalThis.console; delete globalThis.WebAssembly;", context);

const there = String(runInContext(source, context, { filename: "kernel-bundle.js" }));
const here = String((0, eval)(source));
console.log(there);
if (there !== here) {
  console.error(`vm: under Node the same scenario prints\n${here}`);
  process.exitCode = 1;
} else {
  console.log(`vm: ${Math.ceil(bundle.length / 1024)} KiB ran with ECMAScript's globals alone`);
}
