// Runs the tests of the package in the current folder (at the root: the house's own) and leaves
// their count in .cache, where turbo keeps it and sum-tests.mjs finds it.
//
//   node ../../scripts/run-tests.mjs [--live] [options of vitest]
//
// --live runs the *.live.test.ts files instead, which ask the machine they run on.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { filesBelow, root } from "./lib/workspace.mjs";

const options = process.argv.slice(2);
const live = options[0] === "--live";
if (live) options.shift();

const here = process.cwd();
const name = here === root ? "house" : basename(here);
const count = join(here, ".cache", live ? "tests-live.json" : "tests.json");
mkdirSync(join(here, ".cache"), { recursive: true });
rmSync(count, { force: true });

if (live && !filesBelow(join(here, "src")).some((file) => file.endsWith(".live.test.ts"))) {
  console.log(`${name}: no live tests`);
  write({ passed: 0, failed: 0, skipped: 0 });
} else {
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      `--root=${root}`,
      `--project=${live ? `${name}:live` : name}`,
      // The verbose reporter prints why a test was skipped.
      `--reporter=${live ? "verbose" : "default"}`,
      `--reporter=${join(root, "scripts/lib/count-reporter.mjs")}`,
      ...options,
    ],
    { stdio: "inherit", env: { ...process.env, KADVISE_TEST_COUNT: count } },
  );
  // vitest stops before any reporter where it finds no test file or cannot start.
  if (!existsSync(count)) write({ passed: 0, failed: 1, skipped: 0 });
  process.exitCode = status ?? 1;
}

/** @param {import("./lib/reports.mjs").Count} nothing */
function write(nothing) {
  writeFileSync(count, `${JSON.stringify(nothing)}\n`);
}
