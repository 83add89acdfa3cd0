import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { campaignReport, type CampaignReport } from "./campaignReport.ts";
import { MergeRefused, mergeReports, type ReportPart } from "./mergeReports.ts";

function report(part: number, change: Partial<CampaignReport> = {}): CampaignReport {
  return campaignReport({
    ...{ target: "host", kernel: "6.12.1", model: "6.12.1", release: "r", version: "v" },
    ...{ settings: { swap: true, commitPages: 100 + part }, seed: 5 },
    shard: { of: 4, parts: [part] },
    ...{ ended: "complete", seconds: part / 10 },
    ...{ programs: part, steps: 3000, succeeded: 2000, compared: 4000, equal: 4000 },
    ...{ merelyAllowed: {}, calls: { [`call${part}`]: 300 }, errors: { "madvise EINVAL": part } },
    ...{ reasons: [`a/${part}`, "madvise/hole"], cells: {}, differences: [] },
    ...change,
  });
}

const named = (reports: readonly CampaignReport[]): ReportPart[] =>
  reports.map((one, i) => ({ from: `${i}.json`, report: one }));

test("all shards come to one campaign that has no shards", () => {
  const merged = mergeReports(named([1, 2, 3, 4].map((part) => report(part))));
  expect(merged).toMatchObject({
    ...{ target: "host", seed: 5, ended: "complete", seconds: 1, programs: 10, steps: 12_000 },
    errors: { "madvise EINVAL": 10 },
    calls: { call1: 300, call2: 300, call3: 300, call4: 300 },
    reasons: ["a/1", "a/2", "a/3", "a/4", "madvise/hole"],
  });
  expect(merged.shard).toBeUndefined();
});

test("in any order and grouping they come to the same", () => {
  const whole = mergeReports(named([1, 2, 3, 4].map((part) => report(part))));
  fc.assert(
    fc.property(fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 }), fc.nat(4), (order, cut) => {
      const groups = [order.slice(0, cut), order.slice(cut)].filter(({ length }) => length > 0);
      const halves = groups.map((parts) => mergeReports(named(parts.map((one) => report(one)))));
      const { settings: _, ...merged } = mergeReports(named(halves));
      const { settings: __, ...expected } = whole;
      expect(merged).toEqual(expected);
    }),
  );
});

test("bars that no part is long enough for hold for the whole", () => {
  const parts = [1, 2, 3, 4].map((part) => report(part, { calls: { mmap: 3000 } }));
  expect(parts.flatMap(({ unheld }) => unheld)).toEqual([]);
  expect(mergeReports(named(parts)).unheld).toEqual([
    "mmap makes up 100.00 % of the calls, more than 10 %",
  ]);
});

test("the worst end of a part is the end of the whole", () => {
  const parts = [1, 2, 3].map((part) => report(part, part === 2 ? { ended: "time" } : {}));
  expect(mergeReports(named(parts))).toMatchObject({
    ended: "time",
    shard: { of: 4, parts: [1, 2, 3] },
  });
});

describe("parts of different campaigns are refused, and it is said what differs", () => {
  test.each<[Partial<CampaignReport>, string]>([
    [{ seed: 6 }, "the same seed: 5 in 0.json, 6 in 1.json"],
    [{ kernel: "6.1.1" }, "the same kernel: 6.12.1 (r, v) in 0.json, 6.1.1 (r, v) in 1.json"],
    [{ version: "#2" }, "the same kernel"],
    [{ model: "5.10.1" }, "the same model: 6.12.1 in 0.json, 5.10.1 in 1.json"],
    [{ target: "qemu:6.12" }, "the same target"],
    [{ shard: { of: 5, parts: [2] } }, "the same number of shards: 4 in 0.json, 5 in 1.json"],
    [{ settings: { swap: false } }, "the same settings: swap true in 0.json, false in 1.json"],
    [{ shard: { of: 4, parts: [1] } }, "shard 1/4 is in 0.json and in 1.json"],
  ])("%o", (change, why) => {
    const merge = (): unknown => mergeReports(named([report(1), report(2, change)]));
    expect(merge).toThrow(MergeRefused);
    expect(merge).toThrow(why);
  });

  test("a whole campaign twice", () => {
    const whole = mergeReports(named([1, 2, 3, 4].map((part) => report(part))));
    expect(() => mergeReports(named([whole, whole]))).toThrow("the whole is in 0.json and in");
  });
});
