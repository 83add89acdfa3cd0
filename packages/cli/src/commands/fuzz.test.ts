import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CampaignReport } from "@kadvise/conformance/fuzz";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { fakeKernel } from "../testing/fakeKernel.ts";
import { tool, type Ran } from "../testing/tool.ts";

const troubles = vi.hoisted(() => new Map<string, object>());
vi.mock("@kadvise/conformance", async (original) => ({
  ...(await original<object>()),
  openTarget: (name: string) => fakeKernel(name, troubles.get(name)),
}));

let folder: string;
beforeEach(() => {
  troubles.clear();
  folder = mkdtempSync(join(tmpdir(), "kadvise-fuzz-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const fuzz = (...words: readonly string[]): Promise<Ran> =>
  tool("fuzz", "--seed", "5", "--ops", "200", "--out", folder, ...words);

test.each([
  [[], "--target says which kernels to ask"],
  [["--target", "model"], 'expected host, qemu:RELEASE or model:RELEASE, got "model"'],
  [["--target", "host,"], 'expected host, qemu:RELEASE or model:RELEASE, got ""'],
  [["--target", "model:4.19"], '--target model:4.19: unknown release "4.19"'],
  [["--target", "host,qemu:5.10,host"], "--target names host twice"],
  [["--target", "host", "story.scenario"], "fuzz takes no operands"],
  [["--target", "host", "--format", "xml"], 'unknown format "xml"; expected text, json, jsonl'],
  [["--target", "host", "--image", "x"], "--target names 0"],
  [["--target", "qemu:6.1,qemu:5.10", "--image", "x"], "--target names 2"],
  [["--target", "qemu"], "the target qemu needs --image"],
  [["--target", "host", "--shard", "1/2"], "--shard needs --seed"],
  [
    ["--target", "host", "--only", "identity,madness"],
    "--only takes families of operations: mapping",
  ],
  [["--target", "host", "--only", ""], 'got ""'],
  [["--target", "host", "--maps", "0"], "--maps wants a number from 1 on"],
  ...["0/3", "4/3", "1", "1/0", "a/b"].map((shard): [string[], string] => [
    ["--target", "host", "--seed", "1", "--shard", shard],
    `--shard I/N with I from 1 to N, got "${shard}"`,
  ]),
])("%j makes no sense", async (words, why) => {
  const { code, out, err } = await tool("fuzz", ...words);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain(`kadvise fuzz: `);
  expect(err).toContain(why);
});

test("maps are compared as often as is asked for", async () => {
  const compared = async (...words: readonly string[]): Promise<number> => {
    const { code, out } = await fuzz("--target", "host", "--format", "json", ...words);
    expect(code).toBe(0);
    const report = JSON.parse(out) as CampaignReport;
    return report.compared;
  };
  const [usual, eighth, each] = [
    await compared(),
    await compared("--maps", "8"),
    await compared("--maps", "1"),
  ];
  expect(eighth).toBe(usual);
  expect(each).toBeGreaterThan(2 * usual);
});

describe("several targets", () => {
  test("have a campaign and a report each", async () => {
    const { code, out } = await fuzz("--target", "host,qemu:6.12");
    expect(code).toBe(0);
    const [first, second] = out.split("\n\n");
    expect(first).toMatch(/^host: Linux 6\.12\.107, .* seed 5\n[^]*differences: 0$/);
    expect(second).toMatch(/^qemu:6\.12: Linux 6\.12\.107, .* seed 5\n[^]*differences: 0\n$/);
  });

  test("end as the worst of them ends, and the others run all the same", async () => {
    troubles.set("host", { is: "5.10" });
    troubles.set("qemu:5.10", { lostAfter: 0 });
    const { code, out, err } = await fuzz(
      ...["--target", "host,qemu:5.10,qemu:6.12", "--format", "json", "--max-findings", "1"],
    );
    expect(code).toBe(3);
    expect(err).toContain("cannot run on qemu:5.10: no kernel today");
    expect(JSON.parse(out)).toMatchObject([
      { target: "host", ended: "findings", differences: [{}] },
      { target: "qemu:5.10", cannotRun: "no kernel today" },
      { target: "qemu:6.12", ended: "complete", differences: [] },
    ]);
  });
});

test("a difference is a file, an exit code, and part of the report", async () => {
  troubles.set("host", { is: "5.10" });
  const { code, out } = await fuzz("--target", "host", "--format", "json", "--max-findings", "1");
  expect(code).toBe(1);
  const { differences } = JSON.parse(out) as CampaignReport;
  expect(differences.map(({ file }) => file)).toEqual(
    readdirSync(folder).map((name) => join(folder, name)),
  );
  expect(differences[0]?.scenario.length).toBeGreaterThan(10);
});

describe("the model in place of a kernel", () => {
  test("shows no difference from itself", async () => {
    const { code, out } = await fuzz("--target", "model:6.12");
    expect(code).toBe(0);
    expect(out).toMatch(/^model:6\.12: Linux 6\.12\.\d+, held against the model of 6\.12\.\d+,/);
  });

  test("is found out that is taken for another release, and it is said when", async () => {
    const words = ["--target", "model:6.1", "--kernel", "5.10", "--ops", "3000"];
    // Nobody ends there: every step of a scenario is run.
    words.push("--only", "mapping,advising");
    const { code, out } = await fuzz(...words, "--max-findings", "1", "--no-shrink");
    expect(code).toBe(1);
    const [, step, foundAt] =
      /\.scenario, step (\d+)\n {4}found after ([\d,]+) steps\n/.exec(out) ?? [];
    expect(Number(foundAt?.replace(",", ""))).toBeGreaterThanOrEqual(Number(step));
    const [file = ""] = readdirSync(folder);
    expect(file).toMatch(/^model-6\.1-6\.1\.\d+-5\.scenario$/);
    // Nothing was taken away from the scenario as it was drawn.
    const lines = readFileSync(join(folder, file), "utf8").split("\n");
    expect(lines.filter((line) => /^\w/.test(line)).length).toBeGreaterThan(10);
  });
});

test("as JSONL each event is a line: start, findings, the report at the end", async () => {
  troubles.set("host", { is: "5.10" });
  const { out } = await fuzz("--target", "host", "--format", "jsonl", "--max-findings", "1");
  const events = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly event: string; readonly schemaVersion: number });
  expect(new Set(events.map(({ schemaVersion }) => schemaVersion))).toEqual(new Set([1]));
  const told = events.filter(({ event }) => event !== "progress");
  expect(told).toMatchObject([
    { event: "start", target: "host", kernel: "6.12.107", seed: 5, settings: {}, stepsWanted: 200 },
    { event: "finding", target: "host", file: expect.stringContaining(folder) as string },
    { event: "report", target: "host", ended: "findings", coverage: { reasons: {} } },
  ]);
});

test("a kernel that the model does not know is named, with what to do about it", async () => {
  troubles.set("host", { says: "4.19.300" });
  const { code, out, err } = await fuzz("--target", "host");
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(
    /host runs Linux 4\.19\.300 \(.*\), of which there is no model: .* from 5\.\d+ to .*; --kernel RELEASE/,
  );
  expect((await fuzz("--target", "host", "--kernel", "6.12", "--ops", "0")).code).toBe(0);
});

test("a kernel that was named and does not exist is bad usage", async () => {
  const { code, err } = await fuzz("--target", "host", "--kernel", "4.19");
  expect(code).toBe(2);
  expect(err).toContain('unknown release "4.19"');
});

test("a target that is lost on the way leaves a report of what was done", async () => {
  troubles.set("host", { lostAfter: 70 });
  const { code, out, err } = await fuzz("--target", "host", "--ops", "100000");
  expect(code).toBe(3);
  expect(out).toMatch(/ steps in \d\d scenarios[^]*ended early: the target was lost/);
  expect(err).toContain("the agent goes down by itself");
});

test("all that was and was not seen is listed on request", async () => {
  const short = await fuzz("--target", "host", "--ops", "0");
  expect(short.out).toMatch(
    /^coverage: \d+ of \d+ reasons, \d+ of \d+ cells of advice and area, \d+ of \d+ errors of calls$/m,
  );
  const { out } = await fuzz("--target", "host", "--coverage");
  expect(out).toMatch(/^ {2}reasons seen:\n( {4}[a-z_0-9]+\/[a-z-]+\n)+ {2}reasons to do:\n/m);
});
