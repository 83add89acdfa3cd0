// Looks at what would be published: the files in each tarball, its exports map, its types.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { withTarballs } from "./lib/pack.mjs";
import { output } from "./lib/run.mjs";
import { filesBelow, readJson } from "./lib/workspace.mjs";

/** @type {string[]} */
const complaints = [];

await withTarballs((packed) => {
  for (const one of packed) {
    const found = [
      ...contentComplaints(one),
      ...toolComplaints("publint", ["--strict", one.tarball]),
      ...toolComplaints("attw", ["--profile", "esm-only", "--no-emoji", one.tarball]),
    ];
    complaints.push(...found.map((complaint) => `${one.manifest.name}: ${complaint}`));
    console.log(
      `${one.manifest.name}: ${filesBelow(one.unpacked).length} files, ${found.length} complaints`,
    );
  }
});

for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;

/**
 * @param {import("./lib/pack.mjs").Packed} packed
 * @returns {string[]}
 */
function contentComplaints({ unpacked }) {
  const files = filesBelow(unpacked);
  const manifest = readFileSync(join(unpacked, "package.json"), "utf8");
  const needed = ["README.md", "LICENSE", "CHANGELOG.md", "dist/index.js", "dist/index.d.ts"];
  return [
    ...needed.filter((file) => !files.includes(file)).map((file) => `${file} is missing`),
    ...files
      .filter((file) => /\.test\.|\.tsbuildinfo$|(^|\/)testing\//.test(file))
      .map((file) => `${file} is not for others`),
    ...["workspace:", "catalog:", "@kadvise/source"]
      .filter((word) => manifestThatCounts(manifest).includes(word))
      .map((word) => `package.json still says ${word}`),
    ...files
      .filter((file) => /\.(js|d\.ts)$/.test(file) && file.startsWith("dist/"))
      .flatMap((file) => {
        if (!files.includes(`${file}.map`)) return [`${file} has no map`];
        /** @type {string[]} */
        const sources = readJson(join(unpacked, `${file}.map`)).sources;
        return sources
          .map((source) => normalize(join(dirname(file), source)))
          .filter((source) => !existsSync(join(unpacked, source)))
          .map((source) => `${file}.map points to ${source}, which is missing`);
      }),
  ];
}

/**
 * A manifest without what an installer does not read.
 * @param {string} text
 */
function manifestThatCounts(text) {
  const { devDependencies: _, ...rest } = JSON.parse(text);
  return JSON.stringify(rest);
}

/**
 * @param {string} tool
 * @param {string[]} args
 * @returns {string[]}
 */
function toolComplaints(tool, args) {
  try {
    output(tool, args);
    return [];
  } catch (error) {
    return [String(error)];
  }
}
