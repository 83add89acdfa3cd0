import { expect, test } from "vitest";
import { STEPS_FOR_BARS, unheldBars } from "./bars.ts";
import type { TallyReport } from "./tally.ts";

const HELD: TallyReport = {
  ...{ programs: 100, steps: 10_000, succeeded: 6000, compared: 20_000, equal: 19_800 },
  ...{ merelyAllowed: {}, calls: { madvise: 1000 }, errors: {}, reasons: [], cells: {} },
};

test("a campaign just at each bar holds it", () => {
  expect(unheldBars(HELD)).toEqual([]);
});

test.each<[Partial<TallyReport>, string]>([
  [{ calls: { mmap: 1001, madvise: 900 } }, "mmap makes up 10.01 % of the calls, more than 10 %"],
  [{ succeeded: 5999 }, "59.99 % of the calls succeeded, fewer than 60 %"],
  [{ equal: 19_700 }, "98.50 % of the answers are the usual one, fewer than 99 %"],
])("one step beyond, it does not: %o", (change, line) => {
  expect(unheldBars({ ...HELD, ...change })).toEqual([line]);
});

test("a short campaign says nothing of shares", () => {
  const steps = STEPS_FOR_BARS - 1;
  expect(unheldBars({ ...HELD, steps, calls: { mmap: steps }, succeeded: 0 })).toEqual([]);
});

test("of some families alone, each operation may make up as much as it likes", () => {
  const calls = { prctl: 9000 };
  expect(unheldBars({ ...HELD, calls, only: ["privileges"] })).toEqual([]);
  expect(unheldBars({ ...HELD, calls, only: ["privileges"], succeeded: 0 })).toHaveLength(1);
});
