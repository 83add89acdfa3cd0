// Keeps what campaigns have seen on real kernels, and writes docs/coverage.md from it.
//
//   node scripts/coverage.mjs record REPORT.json…   keeps these reports of kadvise fuzz --format json:
//                                                   they replace what was kept of their kernels
//   node scripts/coverage.mjs                       writes docs/coverage.md anew
//
// The packages must be built.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { coverageDocument, recordCampaigns } from "../packages/conformance/dist/fuzz/index.js";
import { readJson, root } from "./lib/workspace.mjs";

const folder = join(root, "packages/conformance/coverage");
mkdirSync(folder, { recursive: true });

const [command, ...paths] = process.argv.slice(2);
if (command !== undefined && command !== "record")
  throw new TypeError("coverage.mjs wants record REPORT.json…, or nothing");
for (const one of recordCampaigns(
  paths.flatMap((path) => JSON.parse(readFileSync(path, "utf8"))),
)) {
  writeFileSync(join(folder, `${one.kernel}.json`), `${JSON.stringify(one, null, 1)}\n`);
  console.log(`coverage: kept ${one.kernel}`);
}

/** @param {string} name */
const numbers = (name) => name.split(".").slice(0, 3).map(Number);
const kernels = readdirSync(folder).sort((a, b) => {
  const [[a1 = 0, a2 = 0, a3 = 0], [b1 = 0, b2 = 0, b3 = 0]] = [numbers(a), numbers(b)];
  return a1 - b1 || a2 - b2 || a3 - b3;
});
const campaigns = kernels.map((name) => readJson(join(folder, name)));
writeFileSync(join(root, "docs/coverage.md"), coverageDocument(campaigns));
console.log(`coverage: wrote docs/coverage.md from ${kernels.length} kernels`);
