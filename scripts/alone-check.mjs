// Each package is used alone: packed, installed with the siblings that it declares into an empty
// project outside of the workspace, imported from TypeScript, type-checked and run.
//
// scripts/alone/PACKAGE.ts, where there is one, is the program; else one that imports everything.
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withTarballs } from "./lib/pack.mjs";
import { output } from "./lib/run.mjs";
import { root } from "./lib/workspace.mjs";

const compiler = join(root, "node_modules/typescript/bin/tsc");

await withTarballs((packed, room) => {
  for (const one of packed) {
    const project = join(room, `alone-${one.folder}`);
    try {
      install(one, packed, project);
      const printed = runProgram(one, project).trim();
      console.log(`${one.manifest.name}: ${printed.split("\n").at(-1)}`);
      for (const command of Object.keys(one.manifest.bin ?? {})) {
        output(join(project, "node_modules/.bin", command), ["--version"], { cwd: project });
        console.log(`${one.manifest.name}: its command ${command} runs`);
      }
    } catch (error) {
      console.error(`${one.manifest.name}: ${error}`);
      process.exitCode = 1;
    }
  }
});

/**
 * @param {import("./lib/pack.mjs").Packed} one
 * @param {import("./lib/pack.mjs").Packed[]} packed
 * @param {string} project
 */
function install(one, packed, project) {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  const members = closure(one, packed);
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"];
  // What stands on siblings alone needs no registry, and must not wait for one.
  const source = standsAlone(members) ? "--offline" : "--prefer-offline";
  const tarballs = members.map(({ tarball }) => tarball);
  output("npm", ["install", source, ...quiet, ...tarballs], { cwd: project });
}

/**
 * Whether packages depend on nothing but each other.
 * @param {readonly import("./lib/pack.mjs").Packed[]} members
 */
function standsAlone(members) {
  const names = new Set(members.map(({ manifest }) => manifest.name));
  return members.every(({ manifest }) =>
    Object.keys(manifest.dependencies ?? {}).every((name) => names.has(name)),
  );
}

/**
 * A package and what it declares to stand on, however deep.
 * @param {import("./lib/pack.mjs").Packed} one
 * @param {import("./lib/pack.mjs").Packed[]} packed
 * @returns {import("./lib/pack.mjs").Packed[]}
 */
function closure(one, packed) {
  const found = new Set([one]);
  for (const member of found) {
    for (const name of Object.keys(member.manifest.dependencies ?? {})) {
      const sibling = packed.find(({ manifest }) => manifest.name === name);
      if (sibling) found.add(sibling);
    }
  }
  return [...found];
}

/**
 * Without skipLibCheck, so that the declarations are checked as well, and for a model package
 * without Node's types, so that they need none.
 * @param {import("./lib/pack.mjs").Packed} one
 * @param {string} project
 */
function runProgram(one, project) {
  const sample = join(root, "scripts/alone", `${one.folder}.ts`);
  const program = join(project, "program.ts");
  if (existsSync(sample)) copyFileSync(sample, program);
  else {
    writeFileSync(
      program,
      `import * as all from "${one.manifest.name}";\n` +
        "const names: readonly string[] = Object.keys(all);\n" +
        "export const line: string = `${names.length} exports`;\n",
    );
  }
  const forNode = one.folder === "cli" || one.folder === "conformance";
  writeFileSync(
    join(project, "tsconfig.json"),
    JSON.stringify({
      compilerOptions: {
        target: "es2023",
        lib: ["es2023"],
        module: "nodenext",
        strict: true,
        outDir: "out",
        types: forNode ? ["node"] : [],
        typeRoots: [join(root, "node_modules/@types")],
      },
      files: ["program.ts"],
    }),
  );
  output(process.execPath, [compiler, "-p", project]);
  writeFileSync(
    join(project, "run.mjs"),
    'console.log((await import("./out/program.js")).line);\n',
  );
  return output(process.execPath, [join(project, "run.mjs")], { cwd: project });
}
