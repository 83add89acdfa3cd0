import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "./cacheFolder.ts";
import { CannotRun } from "./cannotRun.ts";

/** The agent's source: beside src and dist alike. */
export const AGENT_SOURCE: string = fileURLToPath(new URL("../../agent/", import.meta.url));

/** A program without a C library, without data of its own, at a fixed address. */
const FLAGS: readonly string[] = [
  ...["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"],
  ...["-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"],
  ...["-fno-pie", "-no-pie", "-static", "-nostdlib"],
  ...["-Wl,--build-id=none", "-Wl,-z,max-page-size=65536"],
];

/** How the agent is built. */
export interface BuildOptions {
  /** The compiler; `$CC`, else `cc`. */
  readonly compiler?: string;
  readonly cache?: string;
}

/**
 * The compiled agent's path. Compiled when it is first needed, and kept under a name made from its
 * source and the compiler.
 *
 * @throws CannotRun where there is no compiler, or it cannot build the agent
 */
export function buildAgent(options: BuildOptions = {}): string {
  const compiler = options.compiler ?? process.env["CC"] ?? "cc";
  const sources = readdirSync(AGENT_SOURCE)
    .filter((name) => /\.(c|h|S|ld)$/.test(name))
    .sort();
  const hash = createHash("sha256").update(`${compilerVersion(compiler)}\n${FLAGS.join(" ")}`);
  for (const name of sources) hash.update(name).update(readFileSync(join(AGENT_SOURCE, name)));
  const cache = options.cache ?? cacheFolder();
  const path = join(cache, `agent-${hash.digest("hex").slice(0, 16)}`);
  if (!existsSync(path)) compile(compiler, sources, path);
  return path;
}

function compilerVersion(compiler: string): string {
  const { error, status, stdout } = spawnSync(compiler, ["--version"], { encoding: "utf8" });
  if (error === undefined && status === 0) return stdout;
  throw new CannotRun(
    `no C compiler: "${compiler} --version" failed; install one or name it in CC`,
  );
}

function compile(compiler: string, sources: readonly string[], path: string): void {
  const folder = folderFor(path);
  try {
    const output = join(folder, "agent");
    const compiled = sources.filter((name) => /\.[cS]$/.test(name));
    const { status, stderr } = spawnSync(
      compiler,
      [...FLAGS, "-Wl,-T,agent.ld", "-o", output, ...compiled],
      { cwd: AGENT_SOURCE, encoding: "utf8" },
    );
    if (status !== 0) {
      const line = stderr.split("\n").find((text) => /error/.test(text)) ?? stderr.slice(0, 200);
      throw new CannotRun(`${compiler} cannot build the agent: ${line.trim()}`);
    }
    renameSync(output, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A new folder beside the file that is to be made: what is half done is never found. */
function folderFor(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
    return mkdtempSync(`${path}.`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotRun(`the agent cannot be kept in the cache: ${why}`);
  }
}
