// All tests: those that turbo may serve from its cache, then those that ask this machine, then the sum.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { packages, root } from "./lib/workspace.mjs";

for (const folder of [root, ...packages().map(({ path }) => path)]) {
  rmSync(join(folder, ".cache/tests.json"), { force: true });
  rmSync(join(folder, ".cache/tests-live.json"), { force: true });
}

const options = ["--continue", "--output-logs=new-only"];
const runs = [
  run("turbo", ["run", "test", "test:house", ...options]),
  run("turbo", ["run", "test:live", ...options]),
  run(process.execPath, [join(root, "scripts/sum-tests.mjs")]),
];
if (runs.some((status) => status !== 0)) process.exitCode = 1;

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env });
  if (error) console.error(`${command}: ${error.message}; start it as npx -y pnpm@12 test`);
  return status ?? 1;
}
