import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
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
