import type { CampaignReport } from "@kadvise/conformance/fuzz";
import { describe, expect, test } from "vitest";
import { fuzzText } from "./fuzzText.ts";

const REPORT: CampaignReport = {
  schemaVersion: 1,
  ...{ target: "qemu:6.12", kernel: "6.12.107", model: "6.12.107", release: "r", version: "v" },
  ...{ settings: {}, seed: 7, ended: "complete", seconds: 12.5 },
  ...{ programs: 25, steps: 1_234_567, succeeded: 987_654, compared: 2_000_000, equal: 1_999_000 },
  merelyAllowed: { "pid/next": 1000 },
  calls: { madvise: 123_457, mmap: 1 },
  errors: {},
  reasons: ["madvise/hole"],
  cells: { "MADV_COLD own hole ENOMEM": 1 },
  unheld: [],
  differences: [],
};

test("says what was run, how much of it succeeded, and what was merely allowed", () => {
  const lines = fuzzText(REPORT).split("\n");
  expect(lines.filter((line) => !line.startsWith("coverage"))).toEqual([
    "qemu:6.12: Linux 6.12.107, held against the model of 6.12.107, seed 7",
    "1,234,567 steps in 25 scenarios, 80.0 % succeeded",
    "2,000,000 answers compared, 99.9 % equal to the usual one of the model",
    "merely allowed: pid/next 1,000",
    "calls: madvise 10.0 %, mmap 0.0 %",
    "errors: none",
    "reasons seen: madvise/hole",
    "differences: 0",
  ]);
  expect(lines.at(-2)).toMatch(
    /^coverage: 1 of \d\d\d reasons, 1 of \d\d\d cells .*, 0 of \d+ errors of calls$/,
  );
});

test("a part of a campaign says which, and one that ended early says why", () => {
  const text = fuzzText({ ...REPORT, shard: { of: 4, parts: [2, 3] }, ended: "time" });
  expect(text).toContain("seed 7, shard 2+3/4\n");
  expect(text).toContain("\nended early: its time was up\n");
});

describe("each difference is told", () => {
  const difference = {
    ...{
      file: "a.scenario",
      line: 3,
      model: "= 0",
      kernel: "= -1",
      maps: ["m"],
      seed: 7,
      foundAt: 1234,
    },
    scenario: "root  spawn()\n",
    compared: { mapsEvery: 1, smaps: "in-turn" as const },
  };

  test("with its file and both answers", () => {
    expect(fuzzText({ ...REPORT, differences: [difference] })).toMatch(
      /differences: 1\n {2}a\.scenario, step 3\n {4}found after 1,234 steps\n {4}model {3}= 0\n {4}kernel {2}= -1\n {4}m$/,
    );
  });

  test("and whether it showed but once", () => {
    const text = (recurs?: boolean): string =>
      fuzzText({
        ...REPORT,
        differences: [{ ...difference, ...(recurs === undefined ? {} : { recurs }) }],
      });
    expect(text(false)).toMatch(/\n {4}m\n {4}it did not show again$/);
    for (const again of [true, undefined]) expect(text(again)).not.toContain("show again");
  });

  test("without a step where the kernel went down", () => {
    const down = { ...difference, line: 0, kernel: "went down", maps: [] };
    expect(fuzzText({ ...REPORT, differences: [down] })).toMatch(
      /\n {2}a\.scenario\n {4}found after 1,234 steps\n {4}model {3}= 0\n {4}kernel {2}went down$/,
    );
  });
});

test("a campaign that ended before its first step divides nothing by nothing", () => {
  const none = { programs: 0, steps: 0, succeeded: 0, compared: 0, equal: 0 };
  expect(fuzzText({ ...REPORT, ...none, calls: {} })).toContain(
    "0 steps in 0 scenarios, 0 % succeeded",
  );
});
