// Adds up what the last run of tests left in every package, and prints it as one line.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sum, testLine } from "./lib/reports.mjs";
import { packages, readJson, root } from "./lib/workspace.mjs";

const reports = [
  ".cache/tests.json",
  ...packages().flatMap(({ folder }) => [
    `packages/${folder}/.cache/tests.json`,
    `packages/${folder}/.cache/tests-live.json`,
  ]),
];

const total = sum(
  reports.map((report) => {
    if (!existsSync(join(root, report))) {
      console.error(`${report} is missing: its tests did not run`);
      return { passed: 0, failed: 1, skipped: 0 };
    }
    const count = readJson(join(root, report));
    if (count.failed > 0) console.error(`${report}: ${count.failed} failed`);
    return count;
  }),
);
console.log(testLine(total));
if (total.failed > 0) process.exitCode = 1;
