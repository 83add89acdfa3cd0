// Mutates a package's sources and runs its tests against each mutant (Stryker), in a copy of the
// checkout. Strings and catalogues of reasons are left alone.
//
//   node scripts/mutation.mjs PACKAGE … [--percent 20] [--seed 1] [--minutes 60] [--least 90]
//                             [--concurrency 1]
//
// Needs the registry, for Stryker itself. Exits with 1 if a package's score is below `--least`.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { sampledRanges, scoreOf } from "./lib/mutationSample.mjs";

const STRYKER = "~9.6.1";
/** Properties try the same cases for each mutant, and whenever the same sample is taken. */
const SAME_PROPERTIES = `import fc from "fast-check";
fc.configureGlobal({ seed: 1 });
`;
const LEFT_ALONE = /\.test\.ts$|\/testing\/|\/reasons(\.ts$|\/)|\/index\.ts$/;

const root = dirname(import.meta.dirname);
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    percent: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "60" },
    least: { type: "string", default: "90" },
    concurrency: { type: "string", default: "1" },
  },
});
const copy = mkdtempSync(join(tmpdir(), "kadvise-mutation-"));
try {
  const files = listed();
  for (const file of files) cpSync(join(root, file), join(copy, file));
  installStryker();
  for (const name of positionals) mutate(name, files);
} finally {
  rmSync(copy, { recursive: true });
}

/** The checkout's files, those that are not committed yet too. */
function listed() {
  const args = ["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"];
  const { stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  const deleted = spawnSync("git", ["ls-files", "--deleted"], { cwd: root, encoding: "utf8" });
  const gone = new Set(deleted.stdout.split("\n"));
  return stdout.split("\n").filter((file) => file !== "" && !gone.has(file));
}

function installStryker() {
  const manifest = JSON.parse(readFileSync(join(copy, "package.json"), "utf8"));
  manifest.devDependencies["@stryker-mutator/core"] = STRYKER;
  manifest.devDependencies["@stryker-mutator/vitest-runner"] = STRYKER;
  writeFileSync(join(copy, "package.json"), JSON.stringify(manifest));
  run("npx", ["-y", "pnpm@12", "install", "--no-frozen-lockfile"]);
}

/**
 * @param {string} name
 * @param {readonly string[]} files
 */
function mutate(name, files) {
  const sample = { seed: Number(values.seed), percent: Number(values.percent) };
  const sources = files.filter(
    (file) => file.startsWith(`packages/${name}/src/`) && file.endsWith(".ts"),
  );
  const mutated = sources
    .filter((file) => !LEFT_ALONE.test(file))
    .flatMap((file) => {
      const lines = readFileSync(join(copy, file), "utf8").split("\n").length;
      return sampledRanges(file, lines, sample);
    });
  writeFileSync(join(copy, "mutation.vitest.ts"), vitestConfig(name));
  writeFileSync(join(copy, "packages", name, "mutation.setup.ts"), SAME_PROPERTIES);
  const report = join(copy, `mutation-${name}.json`);
  const config = {
    ...{ testRunner: "vitest", plugins: ["@stryker-mutator/vitest-runner"] },
    // A sibling's tests see the sibling's own, unmutated sources.
    vitest: { configFile: "mutation.vitest.ts", related: false },
    ...{ mutate: mutated, mutator: { excludedMutations: ["StringLiteral"] } },
    ...{ coverageAnalysis: "perTest", concurrency: Number(values.concurrency), timeoutMS: 10_000 },
    ...{ reporters: ["json", "progress-append-only"], jsonReporter: { fileName: report } },
  };
  writeFileSync(join(copy, "stryker.config.json"), JSON.stringify(config));
  run(join(copy, "node_modules/.bin/stryker"), ["run", "stryker.config.json"]);

  const result = scoreOf(JSON.parse(readFileSync(report, "utf8")));
  const { score, killed, survived, uncovered, timedOut, left } = result;
  for (const line of left) console.log(line);
  console.log(
    `${name}: ${(100 * score).toFixed(1)} % (${killed} killed, ${survived} survived, ${uncovered} uncovered, ` +
      `${timedOut} ran into the time limit; ${sample.percent} % of the lines, seed ${sample.seed})`,
  );
  if (100 * score < Number(values.least)) process.exitCode = 1;
}

/**
 * Stryker copies all of it once more: what is mutated lies beside the configuration.
 * @param {string} name
 */
function vitestConfig(name) {
  return `import { join } from "node:path";
import { defineConfig } from "vitest/config";
export default defineConfig({
  root: join(import.meta.dirname, "packages", ${JSON.stringify(name)}),
  ssr: { resolve: { conditions: ["@kadvise/source", "module", "node", "development|production"] } },
  // Instrumented, and beside others, properties take their time. Each file has its modules to itself:
  // what is worked out when a module is loaded is worked out with the mutant.
  test: { setupFiles: ["./mutation.setup.ts"], testTimeout: 60_000, include: ["src/**/*.test.ts"], exclude: ["src/**/*.live.test.ts", "src/sample.test.ts"] },
});
`;
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(command, args) {
  const timeout = Number(values.minutes) * 60_000;
  const { status } = spawnSync(command, args, { cwd: copy, stdio: ["ignore", 2, 2], timeout });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed`);
}
