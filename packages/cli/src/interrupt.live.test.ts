import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { REPOSITORY } from "./testing/tool.ts";

/** As deep as the package's own output, so that it finds the agent's source. */
const bundled = join(REPOSITORY, "packages/conformance/.cache/interrupt");
const main = join(bundled, "main.mjs");

beforeAll(() => {
  mkdirSync(bundled, { recursive: true });
  buildSync({
    entryPoints: [join(REPOSITORY, "packages/cli/src/main.ts")],
    outfile: main,
    ...{ bundle: true, platform: "node", format: "esm", conditions: ["@kadvise/source"] },
    logLevel: "silent",
  });
}, 60_000);
afterAll(() => rmSync(bundled, { recursive: true, force: true }));

let room: string;
beforeEach(() => {
  room = mkdtempSync(join(tmpdir(), "kadvise-interrupt-"));
  // Else the target looks for a folder that actors of any user reach.
  chmodSync(room, 0o755);
});
afterEach(() => rmSync(room, { recursive: true }));

/** What a campaign printed, how it ended, and what it left, after a signal in its midst. */
async function interrupted(
  signal: NodeJS.Signals,
): Promise<{ code: number | null; out: string; err: string; left: string[] }> {
  const words = ["fuzz", "--target", "host", "--ops", "100000000", "--seed", "1", "--out", room];
  const child = spawn(process.execPath, [main, ...words, "--format", "jsonl"], {
    env: { ...process.env, TMPDIR: room },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => (err += String(chunk)));
  child.stdout.on("data", (chunk: Buffer) => {
    out += String(chunk);
    if (out.includes('"event":"progress"')) child.kill(signal);
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err, left: readdirSync(room) };
}

test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s in the midst of a campaign: what was done is printed, and nothing stays behind",
  async (signal, { skip }) => {
    const { code, out, err, left } = await interrupted(signal);
    skip(code === 3, err.trim());
    expect({ code, left }).toEqual({ code: 130, left: [] });
    const last = JSON.parse(out.trimEnd().split("\n").at(-1) ?? "") as object;
    expect(last).toMatchObject({ event: "report", ended: "interrupted", differences: [] });
    expect((last as { readonly steps: number }).steps).toBeGreaterThan(0);
  },
);

/** Records a shell that waits, and sends a signal to the recorder as soon as the shell says so. */
async function recorded(
  signal: NodeJS.Signals,
): Promise<{ code: number | null; err: string; log: string }> {
  const log = join(room, "shell.strace");
  const script = "trap 'exit 7' INT TERM HUP; echo; while :; do sleep 0.1; done";
  const words = ["record", "--output", log, "--", "/bin/sh", "-c", script];
  const child = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "pipe"] });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += String(chunk)));
  child.stdout.once("data", () => setTimeout(() => child.kill(signal), KEPT_BY_MS));
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, err, log };
}

/** By then what was learned is on disk. */
const KEPT_BY_MS = 1500;

test.for(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "%s in the midst of a recording goes to the command, and the recording ends with it",
  async (signal, { skip }) => {
    skip(spawnSync("strace", ["-V"]).status !== 0, "needs strace");
    const { code, err, log } = await recorded(signal);
    expect(code, err).toBe(7);
    const facts = JSON.parse(readFileSync(`${log}.facts.json`, "utf8")) as { execs: unknown[] };
    expect(facts.execs.length, err).toBeGreaterThan(0);
  },
);

test("who is killed leaves a log, and what was learned so far beside it", async ({ skip }) => {
  skip(spawnSync("strace", ["-V"]).status !== 0, "needs strace");
  const { code, log } = await recorded("SIGKILL");
  expect(code).toBeNull();
  const facts = JSON.parse(readFileSync(`${log}.facts.json`, "utf8")) as {
    readonly execs: readonly { readonly line: number; readonly pid: number }[];
  };
  const lines = readFileSync(log, "latin1").split("\n");
  const [{ line, pid } = { line: 0, pid: 0 }] = facts.execs;
  // The command goes on without whoever recorded it.
  process.kill(pid, "SIGKILL");
  expect(lines[line - 1]).toMatch(new RegExp(`^${pid} +execve\\("/bin/sh"`));
});
