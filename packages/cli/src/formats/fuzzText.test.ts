import { expect, test } from "vitest";
import type { FuzzReport } from "../commands/fuzz.ts";
import { fuzzText } from "./fuzzText.ts";

const REPORT: FuzzReport = {
  schemaVersion: 1,
  ...{
    target: "qemu:6.12",
    kernel: "6.12.107",
    model: "6.12.107",
    release: "r",
    version: "v",
    seed: 7,
  },
  ...{ programs: 25, steps: 1_234_567, succeeded: 987_654, compared: 2_000_000, equal: 1_999_000 },
  merelyAllowed: { "pid/next": 1000 },
  calls: { madvise: 123_457, mmap: 1 },
  errors: {},
  reasons: ["madvise/hole"],
  cells: {},
  unheld: [],
  differences: [],
};

test("says what was run, how much of it succeeded, and what was merely allowed", () => {
  expect(fuzzText(REPORT).split("\n")).toEqual([
    "qemu:6.12: Linux 6.12.107, held against the model of 6.12.107, seed 7",
    "1,234,567 steps in 25 scenarios, 80.0 % succeeded",
    "2,000,000 answers compared, 99.9 % equal to the usual one of the model",
    "merely allowed: pid/next 1,000",
    "calls: madvise 10.0 %, mmap 0.0 %",
    "errors: none",
    "reasons seen: madvise/hole",
    "differences: 0",
  ]);
});

test("each difference is told with its file and both answers", () => {
  const difference = {
    file: "a.scenario",
    line: 3,
    model: "= 0",
    kernel: "= -1",
    maps: ["m"],
    seed: 7,
  };
  expect(fuzzText({ ...REPORT, differences: [difference] })).toMatch(
    /differences: 1\n {2}a\.scenario, step 3\n {4}model {3}= 0\n {4}kernel {2}= -1\n {4}m$/,
  );
});

test("a campaign that ended before its first step divides nothing by nothing", () => {
  const none = { programs: 0, steps: 0, succeeded: 0, compared: 0, equal: 0 };
  expect(fuzzText({ ...REPORT, ...none, calls: {} })).toContain(
    "0 steps in 0 scenarios, 0 % succeeded",
  );
});
