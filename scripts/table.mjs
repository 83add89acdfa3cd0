// Asks the models which advice each release takes.
//
//   node scripts/table.mjs record    writes packages/releases/src/adviceTable.generated.ts
//   node scripts/table.mjs check     says whether it is as the models answer now
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileOrStop } from "./lib/compile.mjs";

const root = join(import.meta.dirname, "..");
const recorded = join(root, "packages/releases/src/adviceTable.generated.ts");
const compiled =
  process.env.KADVISE_TABLE ?? join(root, "packages/conformance/dist/table/index.js");
if (process.env.KADVISE_TABLE === undefined) {
  compileOrStop("table", "packages/conformance/tsconfig.src.json");
}
/** @type {typeof import("../packages/conformance/src/table/index.ts")} */
const table = await import(pathToFileURL(compiled).href);

const [task = ""] = process.argv.slice(2);
const source = table.adviceTableSource(table.adviceTableData());
switch (task) {
  case "record":
    writeFileSync(recorded, source);
    break;
  case "check":
    if (readFileSync(recorded, "utf8") !== source) {
      console.error("table: the recorded table is another: node scripts/table.mjs record");
      process.exitCode = 1;
    }
    break;
  default:
    console.error("table: expected record or check");
    process.exitCode = 2;
}
