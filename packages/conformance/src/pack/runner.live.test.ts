import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir, version } from "node:os";
import { join } from "node:path";
import { resolveVersion } from "@kadvise/releases";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { kernelVersion } from "../target/kernelVersion.ts";
import { packFiles, readPack } from "./packFiles.ts";
import { tellsApart } from "./packVerdict.ts";
import { readKtap, type Ktap } from "./testing/ktap.ts";
import { recordAnswers } from "./testing/recordedAnswers.ts";

const folder = mkdtempSync(join(tmpdir(), "kadvise-pack-"));
const runner = join(folder, "runner");
const compiler = process.env["CC"] ?? "cc";
const LONG = 600_000;
const { cases } = readPack();

let reason: string | undefined;

beforeAll(() => {
  if (process.platform !== "linux") reason = "needs Linux";
  else if (spawnSync(compiler, ["--version"]).status !== 0) reason = `needs ${compiler}`;
  if (reason !== undefined) return;
  for (const { name, text } of packFiles()) writeFileSync(join(folder, name), text);
  const flags = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror", "-O1"];
  execFileSync("sh", ["-c", `cd "${folder}" && ${compiler} ${flags.join(" ")} -o runner *.c`]);
  chmodSync(folder, 0o755);
}, LONG);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly ktap: Ktap;
  readonly code: number | null;
}

function run(
  words: readonly string[],
  ids: { readonly uid?: number; readonly gid?: number } = {},
): Run {
  const { stdout, status } = spawnSync(runner, words, { ...ids, encoding: "utf8", timeout: LONG });
  return { ktap: readKtap(stdout), code: status };
}

function named(ktap: Ktap, state: "ok" | "not ok" | "skip"): readonly string[] {
  return ktap.cases.filter((one) => one.state === state).map(({ id }) => id);
}

describe("on this machine's kernel", () => {
  test("no case fails of its own release", { timeout: LONG }, ({ skip }) => {
    skip(reason !== undefined, reason);
    const { ktap, code } = run(["--answers"]);
    expect(ktap.version).toBe("KTAP version 1");
    expect(ktap.planned).toBe(cases.length);
    expect(ktap.cases.map(({ id }) => id)).toEqual(cases.map(({ id }) => id));
    expect(ktap.cases.filter(({ state }) => state === "not ok")).toEqual([]);
    expect(code).toBe(0);
    if (process.env["KADVISE_RECORD"] !== undefined) recordAnswers(ownVersion(), ktap);
  });

  test.for(["5.10.223", "6.1.176", "6.12.107", "6.16.12", "6.17.13", "6.19.14", "7.3.4"])(
    "with the answers of %s exactly those cases fail in which the two differ",
    { timeout: LONG },
    (other, { skip }) => {
      skip(reason !== undefined, reason);
      const own = resolveVersion(ownVersion());
      const { ktap, code } = run(["--release", other]);
      const skipped = new Set(named(ktap, "skip"));
      const differing = cases.filter(
        (one) => !skipped.has(one.id) && tellsApart(one, own, resolveVersion(other)),
      );
      expect(named(ktap, "not ok")).toEqual(differing.map(({ id }) => id));
      expect(code).toBe(differing.length > 0 ? 1 : 0);
    },
  );

  test("an ordinary user passes too, or is told what is lacking", { timeout: LONG }, ({ skip }) => {
    skip(reason !== undefined, reason);
    skip(process.getuid?.() !== 0, "needs root to become somebody else");
    const { ktap, code } = run([], { uid: 54_321, gid: 54_321 });
    expect(ktap.cases.filter(({ state }) => state === "not ok")).toEqual([]);
    expect(code).toBe(0);
    for (const one of ktap.cases.filter(({ state }) => state === "skip")) {
      expect(one.reason).toMatch(/^needs (root|CAP_\w+|32-bit calls|KSM|THP)/);
    }
    expect(named(ktap, "ok").length).toBeGreaterThan(300);
  });
});

describe("the runner", () => {
  test("says what was expected, and what came", ({ skip }) => {
    skip(reason !== undefined, reason);
    const { ktap } = run(["--release", "5.10", "pidfd/self-thread-group"]);
    const [only] = ktap.cases;
    const failed = resolveVersion(ownVersion()).major > 6;
    if (!failed && only?.state === "ok") return;
    expect(only?.diagnostics.at(-1)).toMatch(/^ {2}expected EBADF, got \w+$/);
  });

  test("lists its cases, and runs those whose names hold a word", ({ skip }) => {
    skip(reason !== undefined, reason);
    const list = execFileSync(runner, ["--list"], { encoding: "utf8" }).trimEnd().split("\n");
    expect(list).toEqual(cases.map(({ id, asks }) => `${id}\t${asks}`));
    const { ktap } = run(["flags/"]);
    expect(ktap.cases.map(({ id }) => id)).toEqual(
      cases.filter(({ id }) => id.includes("flags/")).map(({ id }) => id),
    );
  });

  test.each([
    [["--release", "6"], 2],
    [["--nonsense"], 2],
    [["no-such-case"], 2],
    [["--release", "4.19"], 3],
  ])("%j is exit %i", (words, expected) => {
    if (reason !== undefined) return;
    expect(run(words).code).toBe(expected);
  });

  test("leaves no process behind", ({ skip }) => {
    skip(reason !== undefined, reason);
    run(["pidfd-life/"]);
    const left = spawnSync("pgrep", ["-f", `^${runner}`], { encoding: "utf8" });
    expect(left.stdout ?? "").toBe("");
  });
});

function ownVersion(): string {
  return kernelVersion(release(), version()) ?? "";
}
