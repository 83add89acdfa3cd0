import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder } from "../target/cacheFolder.ts";
import { CannotRun } from "../target/cannotRun.ts";
import type { NamespaceChain } from "./processFacts.ts";

/** The source of the program that makes raw calls: beside src and dist alike. */
export const CALLER_SOURCE: string = fileURLToPath(
  new URL("../../caller/caller.c", import.meta.url),
);

/**
 * The path of the compiled program. Compiled when it is first needed, and kept under a name made
 * from its source.
 *
 * @throws CannotRun where there is no compiler
 */
export function buildCaller(cache: string = cacheFolder()): string {
  const compiler = process.env["CC"] ?? "cc";
  const source = readFileSync(CALLER_SOURCE);
  const name = createHash("sha256").update(source).update(compiler).digest("hex").slice(0, 16);
  const path = join(cache, `caller-${name}`);
  if (existsSync(path)) return path;
  // In the very folder where it stays: not everybody may move a file to another.
  const output = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    accessSync(dirname(path), constants.W_OK);
    const { error, status, stderr } = spawnSync(
      compiler,
      ["-std=gnu11", "-O2", "-o", output, CALLER_SOURCE],
      { encoding: "utf8" },
    );
    if (error !== undefined)
      throw new CannotRun(`no C compiler: "${compiler}" failed; install one or name it in CC`);
    if (status !== 0) throw new CannotRun(`${compiler} cannot build ${CALLER_SOURCE}: ${stderr}`);
    renameSync(output, path);
    return path;
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotRun(
      `the compiled caller cannot be kept (${why}); name a folder in XDG_CACHE_HOME`,
    );
  } finally {
    if (existsSync(output)) rmSync(output);
  }
}

/** The user namespaces of processes, each with those above it; those that could be asked. */
export function namespacesOf(
  program: string,
  pids: readonly number[],
): ReadonlyMap<number, NamespaceChain> {
  const { stdout } = spawnSync(program, ["namespaces", ...pids.map(String)], { encoding: "utf8" });
  const chains = new Map<number, NamespaceChain>();
  for (const line of (stdout ?? "").split("\n")) {
    const [pid, ...words] = line.split(" ");
    if (pid === undefined || pid === "" || words[0] === "error") continue;
    const chain: { inode: string; owner: number }[] = [];
    for (let i = 0; i + 1 < words.length; i += 2)
      chain.push({ inode: words[i] ?? "", owner: Number(words[i + 1]) });
    chains.set(Number(pid), chain);
  }
  return chains;
}

/** A call that the program makes. */
export interface PlannedCall {
  readonly advice: number;
  readonly ranges: readonly { readonly base: number; readonly length: number }[];
}

/** What came of the calls: the pidfd or a negative errno; then bytes or a negative errno for each. */
export interface CallsMade {
  readonly open: number;
  readonly answers: readonly number[];
}

/** Opens a pidfd and makes the calls, as a child of this process. @throws CannotRun */
export function makeCalls(program: string, pid: number, calls: readonly PlannedCall[]): CallsMade {
  const lines = [`open ${pid}`];
  // The first descriptor that is free in the program.
  for (const { advice, ranges } of calls) {
    lines.push(`advise 3 ${advice} ${ranges.length}`);
    for (const { base, length } of ranges)
      lines.push(`${base.toString(16)} ${length.toString(16)}`);
  }
  const { stdout, status, signal } = spawnSync(program, ["calls"], {
    encoding: "utf8",
    input: `${lines.join("\n")}\n`,
  });
  if (status !== 0)
    throw new CannotRun(`the calls could not be made: ended by ${signal ?? String(status)}`);
  const answers = stdout.trim().split("\n");
  const numberOf = (line: string | undefined): number => Number(line?.split(" ")[1] ?? NaN);
  return { open: numberOf(answers[0]), answers: answers.slice(1).map(numberOf) };
}
