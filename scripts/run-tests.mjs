// Runs the tests of the package in the current folder (at the root: the house's own) and leaves
// their count in .cache, where turbo keeps it and sum-tests.mjs finds it.
//
//   node ../../scripts/run-tests.mjs [--live] [options of vitest]
//
// --live runs the *.live.test.ts files instead, which ask the machine they run on.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
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
  // A folder for temporary files that is looked through afterwards. Agents of other users pass by.
  const room = mkdtempSync(join(tmpdir(), "kadvise-tests-"));
  chmodSync(room, 0o755);
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
    { stdio: "inherit", env: { ...process.env, KADVISE_TEST_COUNT: count, TMPDIR: room } },
  );
  // vitest stops before any reporter where it finds no test file or cannot start.
  if (!existsSync(count)) write({ passed: 0, failed: 1, skipped: 0 });
  const left = readdirSync(room).filter((entry) => entry.startsWith("kadvise-"));
  rmSync(room, { recursive: true });
  if (left.length > 0) {
    console.error(`${name}: tests left in the temporary folder: ${left.join(", ")}`);
    /** @type {import("./lib/reports.mjs").Count} */
    const counted = JSON.parse(readFileSync(count, "utf8"));
    write({ ...counted, failed: counted.failed + 1 });
  }
  process.exitCode = left.length > 0 ? 1 : (status ?? 1);
}

/** @param {import("./lib/reports.mjs").Count} nothing */
function write(nothing) {
  writeFileSync(count, `${JSON.stringify(nothing)}\n`);
}
