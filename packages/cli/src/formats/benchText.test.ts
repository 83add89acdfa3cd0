import type { BenchReport, LoadFigures } from "@kadvise/conformance/bench";
import { expect, test } from "vitest";
import { benchText, isMet } from "./benchText.ts";

const LOAD: LoadFigures = {
  ...{ id: "cold-vectors", text: "COLD", unit: "area", ratio: 12.34, least: 10 },
  model: { median: 100.4, low: 90, high: 120 },
  kernel: { median: 1239, low: 1200, high: 1300 },
};

const REPORT: BenchReport = {
  ...{ schemaVersion: 1, kernel: "6.12.107", release: "6.12.107-x", version: "#1", rounds: 9 },
  ...{ model: "6.12.107", loads: [LOAD], skipped: [] },
};

test("each load has a line: what it costs on both sides, and how that compares", () => {
  expect(benchText(REPORT)).toMatchInlineSnapshot(`
    "Linux 6.12.107 (6.12.107-x) against the model of 6.12.107, 9 rounds;
    nanoseconds: the median, and from the tenth to the ninetieth of a hundred.
    The model moves no page and flushes nothing: the kernel's figure is the yardstick, not the loser.

    load                 model            kernel  ratio  least  for one
    cold-vectors  100 (90-120)  1239 (1200-1300)   12.3     10  area"
  `);
});

test("a ratio below the least is said to be", () => {
  const below = { ...LOAD, ratio: 9.99 };
  expect(isMet(LOAD)).toBe(true);
  expect(isMet(below)).toBe(false);
  expect(benchText({ ...REPORT, loads: [below] })).toContain("10.0  10 not met  area");
});

test("what was left out says why; memory, growth and what vectors save follow", () => {
  const text = benchText({
    ...REPORT,
    skipped: [{ id: "pageout-refault", why: "the kernel has no swap" }],
    vectors: { model: 0.2, kernel: 0.151 },
    memory: {
      bytesPerPage: 13.25,
      bytesPerArea: 99.9,
      pages: 16e6,
      areas: 65_000,
      residentBytes: 2 ** 28,
    },
    growth: [{ areas: 65_000, order: "random", nanoseconds: 412.3 }],
  });
  expect(text.split("\n").slice(-5)).toEqual([
    "pageout-refault: skipped: the kernel has no swap",
    "",
    "vectors save 20 % on the model, 15 % on the kernel",
    "13.3 bytes a resident page, 100 bytes an area; 16 million pages in 256 MiB",
    "an area more among 65,000, random order: 412 ns",
  ]);
});
