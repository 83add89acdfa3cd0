import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { file, REPOSITORY, tool } from "../testing/tool.ts";

const path = process.env["PATH"];
afterEach(() => {
  process.env["PATH"] = path;
});

const FIXTURES = join(REPOSITORY, "packages/conformance/src/record/testing/recordings");
const log = readFileSync(join(FIXTURES, "shell.strace"), "latin1");
const facts = readFileSync(join(FIXTURES, "shell.strace.facts.json"), "utf8");

describe("record", () => {
  test("without a command exits 2 and shows how it is written", async () => {
    const { code, err } = await tool("record");
    expect(code).toBe(2);
    expect(err).toContain("kadvise record -- ls -l");
  });

  test("without strace exits 3, says so, and writes nothing", async ({ skip }) => {
    skip(process.platform !== "linux", "needs a Linux machine");
    process.env["PATH"] = "/nowhere";
    const output = file("none.strace", "");
    const { code, err } = await tool("record", "--output", output, "--", "/bin/true");
    expect(code).toBe(3);
    expect(err).toMatch(/^kadvise record: there is no strace here; install it/);
    expect(existsSync(`${output}.facts.json`)).toBe(false);
  });
});

describe("what was kept beside a log", () => {
  test("gives check kernel and settings, and leaves nothing undetermined", async () => {
    const recorded = file("with/shell.strace", log);
    file("with/shell.strace.facts.json", facts);
    const { code, out, err } = await tool("check", recorded);
    expect(code).toBe(0);
    expect(err).toBe("kernel: 6.18.44, as recorded\n");
    expect(out).toMatch(/^kernel 6\.18\.44/m);
    expect(out).toMatch(/ 0 undetermined, 0 deviations/);
  });

  test("gives way to what is asked for", async () => {
    const recorded = file("asked/shell.strace", log);
    file("asked/shell.strace.facts.json", facts);
    const { out, err } = await tool("check", "--kernel", "6.12", recorded);
    expect(err).toBe("");
    expect(out).toMatch(/^kernel 6\.12\b/m);
  });

  test("is left aside, and said, where it cannot be used", async () => {
    const recorded = file("torn/shell.strace", log);
    file("torn/shell.strace.facts.json", facts.slice(0, 100));
    const { code, err } = await tool("check", recorded);
    expect(code).toBe(0);
    expect(err).toMatch(/shell\.strace\.facts\.json: no JSON; left aside/);
  });

  test("of several kernels is not mixed up", async () => {
    const [one, other] = [file("a/x.strace", log), file("b/x.strace", log)];
    file("a/x.strace.facts.json", facts);
    file("b/x.strace.facts.json", JSON.stringify({ ...JSON.parse(facts), kernel: "6.12.107" }));
    const { err } = await tool("check", one, other);
    expect(err).toContain("name --kernel");
  });

  test("is used by explain too", async () => {
    const recorded = file("explained/shell.strace", log);
    file("explained/shell.strace.facts.json", facts);
    const { out } = await tool("explain", `${recorded}:2`);
    expect(out).toMatch(/brk\(NULL\).*\nkernel 6\.18\.44: exact/);
  });
});
