// Keeps docs/api: what each package offers to those who import it, printed from its built
// declarations.
//
//   node scripts/api.mjs check    fails where the built declarations differ from the record
//   node scripts/api.mjs record   writes the record
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { printDeclarations } from "./lib/declarations.mjs";
import { filesBelow, packages, root } from "./lib/workspace.mjs";

const folder = join(root, "docs/api");
const command = process.argv[2];
if (command !== "check" && command !== "record")
  throw new TypeError("api.mjs wants check or record");

const records = new Map(
  packages().map((one) => [
    `${one.folder}.d.ts.txt`,
    `${head(one)}\n${printDeclarations(join(one.path, "dist/index.d.ts"))}`,
  ]),
);
const stale = filesBelow(folder).filter((file) => file.endsWith(".d.ts.txt") && !records.has(file));
const changed = [...records].filter(([file, text]) => recorded(file) !== text);

if (command === "record") {
  mkdirSync(folder, { recursive: true });
  for (const file of stale) rmSync(join(folder, file));
  for (const [file, text] of changed) writeFileSync(join(folder, file), text);
  const names = [...stale, ...changed.map(([file]) => file)];
  if (names.length === 0) console.log("api: nothing changed");
  else {
    console.log(`api: recorded ${names.join(", ")}`);
    console.log("api: this is public; add a changeset for it: npx -y pnpm@12 changeset");
  }
} else {
  for (const file of stale) console.error(`docs/api/${file}: there is no such package any more`);
  for (const [file, text] of changed) console.error(firstDifference(file, recorded(file), text));
  if (stale.length + changed.length > 0) {
    console.error("api: the declarations are not those on record. If that is meant:");
    console.error("api:   npx -y pnpm@12 api:record && npx -y pnpm@12 changeset");
    process.exitCode = 1;
  } else console.log(`api: ${records.size} packages offer what is on record`);
}

/**
 * What a manifest promises besides declarations: the paths that may be imported, and the commands.
 * @param {import("./lib/workspace.mjs").Package} one
 */
function head({ manifest }) {
  const commands = Object.keys(manifest.bin ?? {});
  return [
    `// ${manifest.name}`,
    `// imports: ${Object.keys(manifest.exports ?? {}).join(" ")}`,
    ...(commands.length > 0 ? [`// commands: ${commands.join(" ")}`] : []),
    "",
  ].join("\n");
}

/** @param {string} file */
function recorded(file) {
  return existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
}

/**
 * @param {string} file
 * @param {string} before
 * @param {string} after
 */
function firstDifference(file, before, after) {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const line = now.findIndex((text, index) => text !== old[index]);
  const at = line < 0 ? now.length : line;
  return `docs/api/${file}:${at + 1}\n  on record  ${old[at] ?? "(end)"}\n  built      ${now[at] ?? "(end)"}`;
}
