import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change } from "./change.ts";
import { CHANGES } from "./changes.ts";
import { isInForce } from "./inForce.ts";
import { NEWEST_POINT } from "./lines.ts";
import { firstOf, lineOf, parseVersion, type Version } from "./version.ts";

const COMMON = { id: "x", subject: "a change", source: "a commit" };
const has = (change: Omit<Change, keyof typeof COMMON>, version: string): boolean | undefined =>
  isInForce({ ...COMMON, ...change }, firstOf(version));

describe("a change of 5.12 with backports", () => {
  const change = { mainline: "5.12", stable: { "5.10": 24, "5.11": [3, 7] } } as const;

  test.each([
    ["5.9.16", false],
    ["5.10.0", false],
    ["5.10.23", false],
    ["5.10.24", true],
    ["5.10.262", true],
    ["5.11.3", false],
    ["5.11.4", undefined],
    ["5.11.6", undefined],
    ["5.11.7", true],
    ["5.12.0", true],
    ["6.0.0", true],
    ["7.3.4", true],
  ])("on %s: %s", (version, expected) => {
    expect(has(change, version)).toBe(expected);
  });
});

describe("a change that was first seen in 6.1, and last missing", () => {
  test.each([
    ["5.10", "5.10.262", false],
    ["5.10", "5.11.0", undefined],
    ["5.10", "6.0.19", undefined],
    ["5.10", "6.1.0", true],
    ["5.15.3", "5.15.3", false],
    ["5.15.3", "5.15.4", undefined],
    ["5.15.3", "5.14.21", false],
  ])("in %s, is on %s: %s", (lastWithout, version, expected) => {
    expect(has({ mainline: "6.1", lastWithout }, version)).toBe(expected);
  });

  test("is told by a line's own backport, where that is known", () => {
    const change = { mainline: "6.1", lastWithout: "5.10", stable: { "5.15": 9 } };
    expect([has(change, "5.15.8"), has(change, "5.15.9")]).toEqual([false, true]);
  });
});

describe("a change whose mainline release is known by its point only", () => {
  test.each([
    ["7.2.12", false],
    ["7.2.13", undefined],
    ["7.3.0", undefined],
    ["7.3.3", undefined],
    ["7.3.4", true],
  ])("is on %s: %s", (version, expected) => {
    expect(has({ mainline: "7.3.4", lastWithout: "7.2.12" }, version)).toBe(expected);
  });
});

const version: fc.Arbitrary<Version> = fc
  .constantFrom(...Object.keys(NEWEST_POINT))
  .chain((line) => fc.nat(NEWEST_POINT[line]).map((point) => ({ ...parseVersion(line)!, point })));

test("within a line no change is ever lost again: missing, then unknown, then there", () => {
  const order = [false, undefined, true];
  fc.assert(
    fc.property(version, fc.nat(300), (older, more) => {
      const point = Math.min(older.point + more, NEWEST_POINT[lineOf(older)]);
      for (const change of CHANGES) {
        const [before, after] = [older, { ...older, point }].map((one) => isInForce(change, one));
        expect(order.indexOf(after)).toBeGreaterThanOrEqual(order.indexOf(before));
      }
    }),
  );
});
