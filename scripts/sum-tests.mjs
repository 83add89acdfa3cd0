// Adds up what the last run of tests left in every package: what ran live on this machine and what
// could not, then the sum of all in one line, the last.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { liveLines, sum, testLine } from "./lib/reports.mjs";
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
const live = packages().flatMap(({ folder }) => {
  const report = join(root, `packages/${folder}/.cache/tests-live.json`);
  return existsSync(report) ? [{ package: folder, count: readJson(report) }] : [];
});
for (const line of liveLines(live)) console.log(line);
console.log(testLine(total));
if (total.failed > 0) process.exitCode = 1;
