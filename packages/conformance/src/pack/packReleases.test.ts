import { compareVersions, NEWEST_POINT, profile, resolveVersion } from "@kadvise/releases";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inRanges, rangesText, stretches, type Stretch } from "./packReleases.ts";

const all = stretches();

/** Any version from 5.10 on that the data knows. */
const version = fc
  .constantFrom(
    ...Object.entries(NEWEST_POINT).filter(([line]) => line !== "5.8" && line !== "5.9"),
  )
  .chain(([line, newest]) =>
    fc.integer({ min: 0, max: newest }).map((point) => `${line}.${point}`),
  );

function holds({ first, last }: Stretch, name: string): boolean {
  const at = resolveVersion(name);
  return compareVersions(at, first) >= 0 && compareVersions(at, last) <= 0;
}

describe("stretches", () => {
  test("every release from 5.10 on lies in exactly one", () => {
    fc.assert(
      fc.property(version, (name) => {
        expect(all.filter((stretch) => holds(stretch, name))).toHaveLength(1);
      }),
    );
  });

  test("all kernels of one have the same changes", () => {
    fc.assert(
      fc.property(version, (name) => {
        const { first } = all.find((stretch) => holds(stretch, name))!;
        const other = profile(`${first.major}.${first.minor}.${first.point}`);
        const { changes, bracketed } = profile(name);
        expect({ changes, bracketed }).toEqual({
          changes: other.changes,
          bracketed: other.bracketed,
        });
      }),
      { numRuns: 60 },
    );
  });

  test("they follow one another, the oldest first", () => {
    for (const [i, { first, last }] of all.entries()) {
      expect(compareVersions(first, last)).toBeLessThanOrEqual(0);
      if (i > 0) expect(compareVersions(all[i - 1].last, first)).toBeLessThan(0);
    }
  });

  test("the kernels that were asked lie in stretches of their own", () => {
    const of = (name: string): number => all.findIndex((stretch) => holds(stretch, name));
    expect(of("5.10.0")).not.toBe(of("5.10.24"));
    expect(of("6.18.15")).not.toBe(of("6.18.44"));
    expect(of("7.2.12")).toBe(of("7.2.12"));
  });
});

describe("ranges", () => {
  test("hold exactly the stretches that they were written for", () => {
    fc.assert(
      fc.property(fc.func(fc.boolean()), (choose) => {
        const chosen = all.map((_, i) => choose(i));
        const text = rangesText(all, (i) => chosen[i]);
        for (const [i, { first, last }] of all.entries()) {
          if (text === "") expect(chosen[i]).toBe(false);
          else
            expect([inRanges(first, text), inRanges(last, text)]).toEqual([chosen[i], chosen[i]]);
        }
      }),
    );
  });

  test.each([
    ["5.10-7.3", "6.12.0", true],
    ["5.10-7.3", "7.4.0", false],
    ["5.10.24-6.12", "5.10.23", false],
    ["5.10.24-6.12", "6.12.400", true],
    ["6.13-7.1 7.2.12", "7.2.11", false],
    ["6.13-7.1 7.2.12", "7.2.12", true],
    ["6.12.2", "6.12.3", false],
  ])("%s holds %s: %s", (ranges, name, expected) => {
    const [major = 0, minor = 0, point = 0] = name.split(".").map(Number);
    expect(inRanges({ major, minor, point }, ranges)).toBe(expected);
  });

  test("everything is one range", () => {
    expect(rangesText(all, () => true)).toBe("5.10-7.3");
  });
});
