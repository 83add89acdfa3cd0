import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareVersions,
  firstOf,
  formatVersion,
  lastOf,
  lineOf,
  parseVersion,
  type Version,
} from "./version.ts";

const version: fc.Arbitrary<Version> = fc.record({
  major: fc.nat(12),
  minor: fc.nat(25),
  point: fc.nat(300),
});

describe("parseVersion", () => {
  test("leaves the point open where none is given, because a line is not its first release", () => {
    expect(parseVersion("6.12")).toEqual({ major: 6, minor: 12, point: undefined });
    expect(parseVersion("6.12.0")).toEqual({ major: 6, minor: 12, point: 0 });
  });

  test.each([
    "",
    "6",
    "6.",
    "6.12.",
    "6.12.1.2",
    "v6.12",
    "6.12-rc1",
    " 6.12",
    "6.12.1x",
    "-6.1",
    "6,1",
  ])("reads no version in %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  test("reads back what formatVersion wrote", () => {
    fc.assert(
      fc.property(version, (one) => {
        expect(parseVersion(formatVersion(one))).toEqual(one);
      }),
    );
  });
});

describe("the order of versions", () => {
  test.each([
    ["5.9.16", "5.10.0"],
    ["5.10.9", "5.10.24"],
    ["5.19.17", "6.0.0"],
    ["6.9.12", "6.12.0"],
    ["6.19.14", "7.0.0"],
  ])("%s is before %s, by number and not by letter", (older, newer) => {
    expect(compareVersions(firstOf(older), firstOf(newer))).toBeLessThan(0);
    expect(compareVersions(firstOf(newer), firstOf(older))).toBeGreaterThan(0);
  });

  test("is total: antisymmetric, transitive, and zero for the same version alone", () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(0 - Math.sign(compareVersions(b, a)));
        expect(compareVersions(a, b) === 0).toBe(formatVersion(a) === formatVersion(b));
        if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
          expect(compareVersions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

test("a line of the data begins with its mainline release, and ends behind every point release", () => {
  expect(formatVersion(firstOf("6.12"))).toBe("6.12.0");
  expect(compareVersions(lastOf("6.12"), firstOf("6.12.9999"))).toBeGreaterThan(0);
  expect(compareVersions(lastOf("6.12"), firstOf("6.13"))).toBeLessThan(0);
  expect([firstOf("7.3.4"), lastOf("7.3.4")].map(formatVersion)).toEqual(["7.3.4", "7.3.4"]);
  expect(lineOf(firstOf("6.12.107"))).toBe("6.12");
});

test("data that is no release is a mistake of whoever wrote it", () => {
  expect(() => firstOf("later")).toThrow(new RangeError('"later" is no release'));
});
