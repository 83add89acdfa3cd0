import { expect, test } from "vitest";
import { sampledRanges, scoreOf } from "./mutationSample.mjs";

test("a sample covers no line twice, and none beyond the end", () => {
  const ranges = sampledRanges("a.ts", 200, { seed: 1, percent: 99 });
  const bounds = ranges.map((range) => /^a\.ts:(\d+)-(\d+)$/.exec(range)!.slice(1).map(Number));
  const lines = bounds.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i),
  );
  expect(new Set(lines).size).toBe(lines.length);
  expect(Math.max(...lines)).toBeLessThanOrEqual(200);
});

test("it takes about its share, the same for the same seed, another for another", () => {
  const of = (seed: number): readonly string[] =>
    sampledRanges("a.ts", 12_000, { seed, percent: 30 });
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
  expect(of(1).length).toBeGreaterThan(240);
  expect(of(1).length).toBeLessThan(360);
  expect(sampledRanges("a.ts", 12, { seed: 1, percent: 100 })).toEqual(["a.ts"]);
  expect(sampledRanges("a.ts", 12, { seed: 1, percent: 0 })).toEqual([]);
});

test("the score is that of mutants that tests could tell; what is left is named", () => {
  const mutant = (status: string, line: number): object => ({
    ...{ status, mutatorName: "BooleanLiteral", replacement: "\n  false" },
    location: { start: { line } },
  });
  const mutants = [
    "Killed",
    "Killed",
    "Killed",
    "Survived",
    "NoCoverage",
    "Timeout",
    "CompileError",
  ];
  const report = { files: { "a.ts": { mutants: mutants.map(mutant) } } };
  expect(scoreOf(report as Parameters<typeof scoreOf>[0])).toEqual({
    ...{ killed: 3, survived: 1, uncovered: 1, timedOut: 1, score: 0.6 },
    left: ["a.ts:3 BooleanLiteral:  false", "a.ts:4 BooleanLiteral:  false"],
  });
});
