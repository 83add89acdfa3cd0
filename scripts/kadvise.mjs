// Runs the tool from the checkout. Installs and builds first where that is needed; all that is said
// of it goes to stderr. The tool then runs in this very process, so that its streams, signals and
// exit code are its own.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CANNOT_RUN, compiles } from "./lib/compile.mjs";
import { isFresh } from "./lib/freshness.mjs";

const root = dirname(import.meta.dirname);
const main = join(root, "packages/cli/dist/main.js");
const cache = join(root, "node_modules/.cache/kadvise");
const stamp = join(cache, "built");

if (ready()) {
  goWhereTyped();
  process.argv.splice(1, 1, main);
  await import(pathToFileURL(main).href);
} else {
  process.exitCode = CANNOT_RUN;
}

/** pnpm runs a script at the root; file names are meant from where the command was typed. */
function goWhereTyped() {
  const { npm_lifecycle_event: script, INIT_CWD: typedIn } = process.env;
  if ((script !== "kadvise" && script !== "demo") || !typedIn) return;
  process.chdir(typedIn);
  // A process that the tool starts is where the tool puts it.
  delete process.env["INIT_CWD"];
}

function ready() {
  if (isFresh(root, stamp)) return true;
  if (!isInstalled() && !quietly("npx", ["-y", "pnpm@12", "install", "--frozen-lockfile"])) {
    console.error("kadvise: its development tools could not be installed; see above");
    return false;
  }
  const release = lock(join(cache, "building"));
  try {
    if (isFresh(root, stamp)) return true;
    const started = new Date();
    if (!compiles("kadvise", "packages/cli/tsconfig.src.json")) {
      // Some of what lies there is new now: no older time may vouch for it.
      rmSync(stamp, { force: true });
      return false;
    }
    writeFileSync(stamp, "");
    utimesSync(stamp, started, started);
    return true;
  } finally {
    release();
  }
}

/** Whether the installed tools are those of the lockfile, as far as the files' times tell. */
function isInstalled() {
  const installed = join(root, "node_modules/.modules.yaml");
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(root, "pnpm-lock.yaml")).mtimeMs;
}

/**
 * Runs a command with its output on stderr.
 * @param {string} command
 * @param {string[]} args
 */
function quietly(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (error) console.error(`kadvise: ${command}: ${error.message}`);
  return status === 0;
}

/**
 * Lets one build run at a time. A lock older than a build can take was left by one that was killed.
 * @param {string} folder
 * @returns {() => void}
 */
function lock(folder) {
  mkdirSync(dirname(folder), { recursive: true });
  for (;;) {
    try {
      mkdirSync(folder);
      return () => rmdirSync(folder);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    const since = statSync(folder, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
    if (Date.now() - since > 120_000) rmdirSync(folder);
  }
}
