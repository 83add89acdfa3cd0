import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PackDocument } from "@kadvise/conformance/pack";
import { afterAll, describe, expect, test } from "vitest";
import { file, tool } from "../testing/tool.ts";

const folder = mkdtempSync(join(tmpdir(), "kadvise-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function packed(name: string, ...words: readonly string[]): Promise<PackDocument> {
  const { code } = await tool("pack", "--out", join(folder, name), ...words);
  expect(code).toBe(0);
  return JSON.parse(readFileSync(join(folder, name, "cases.json"), "utf8")) as PackDocument;
}

describe("kadvise pack", () => {
  test("writes the cases and all that builds their runner, and says what", async () => {
    const { code, out, err } = await tool("pack", "--out", join(folder, "whole"));
    expect(code).toBe(0);
    const names = out
      .trimEnd()
      .split("\n")
      .map((path) => path.slice(folder.length + 7));
    expect(names.toSorted()).toEqual(readdirSync(join(folder, "whole")).toSorted());
    expect(names).toContain("cases.json");
    expect(names).toContain("main.c");
    expect(err).toContain(`cc -o runner ${join(folder, "whole", "*.c")}`);
  });

  test("covers every release unless told which", async () => {
    const { schemaVersion, releases, cases } = await packed("all");
    expect([schemaVersion, releases]).toEqual([1, "5.10-7.3"]);
    expect(cases.length).toBeGreaterThan(500);
  });

  test("--release leaves the others' answers out", async () => {
    const { releases, cases } = await packed("two", "--release", "6.12", "--release", "7.3");
    expect(releases).toMatch(/^6\.12\.\d+-6\.12 7\.3\.\d+-7\.3$/);
    const own = cases.find(({ id }) => id === "own-advice/dontneed");
    expect(own?.steps.at(-1)?.answers).toEqual({ "5.10-6.12": ["EINVAL"], "6.13-7.3": ["4096"] });
    const remote = cases.find(({ id }) => id === "remote-advice/willneed");
    expect(Object.values(remote!.steps.at(-1)!.answers!)).toEqual([["4096"]]);
  });

  test("--list prints what the cases ask, and writes nothing", async () => {
    const { code, out } = await tool("pack", "--list", "--out", join(folder, "none"));
    expect(code).toBe(0);
    expect(out).toMatch(/^vlen\/1025\ta vector that is too long by one$/m);
    expect(readdirSync(folder)).not.toContain("none");
  });

  test.each([
    [["pack", "6.12"], /takes no operands/],
    [["pack", "--release", "5.9"], /--release: the cases cover 5\.10-7\.3, not 5\.9/],
    [["pack", "--release", "nonsense"], /--release: unknown release "nonsense"/],
    [["pack", "--relaese", "6.12"], /did you mean --release/],
  ])("%j is bad usage", async (words, message) => {
    const { code, err } = await tool(...words);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test("a place where nothing can be written is bad usage", async () => {
    const { code, err } = await tool("pack", "--out", file("no-folder", "x"));
    expect(code).toBe(2);
    expect(err).toMatch(/--out .*no-folder: EEXIST/);
  });
});
