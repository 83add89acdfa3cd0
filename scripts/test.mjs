// All tests: those that turbo may serve from its cache, then those that ask this machine, then the
// sum.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { run } from "./lib/run.mjs";
import { packages, root } from "./lib/workspace.mjs";

// A count that an earlier run left must not stand in for one that was not made.
for (const folder of [root, ...packages().map(({ path }) => path)]) {
  rmSync(join(folder, ".cache/tests.json"), { force: true });
  rmSync(join(folder, ".cache/tests-live.json"), { force: true });
}

const options = ["--continue", "--output-logs=new-only"];
const statuses = [
  run("turbo", ["run", "test", "test:house", ...options]),
  run("turbo", ["run", "test:live", ...options]),
  run(process.execPath, [join(root, "scripts/sum-tests.mjs")]),
];
if (statuses.some((status) => status !== 0)) process.exitCode = 1;
