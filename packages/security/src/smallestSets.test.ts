import fc from "fast-check";
import { expect, test } from "vitest";
import { smallestSets } from "./smallestSets.ts";

const THINGS = ["a", "b", "c", "d", "e"] as const;

/** Every set of some of the things, as letters in their order. */
const SETS: readonly string[] = Array.from({ length: 2 ** THINGS.length }, (_, bits) =>
  THINGS.filter((_thing, i) => (bits & (1 << i)) !== 0).join(""),
);

/** What is left of the sets that are enough, once those that hold a smaller one are struck out. */
function bruteForce(enough: ReadonlySet<string>, most: number): string[] {
  const isWithin = (a: string, b: string): boolean => a !== b && [...a].every((x) => b.includes(x));
  return SETS.filter((set) => set !== "" && enough.has(set) && set.length <= most)
    .filter(
      (set) => !SETS.some((other) => other !== "" && enough.has(other) && isWithin(other, set)),
    )
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

test("whatever is enough, the sets are those of which no part is, the small ones first", () => {
  fc.assert(
    fc.property(fc.subarray([...SETS]), fc.integer({ min: 1, max: 5 }), (some, most) => {
      const enough = new Set(some);
      const tried: string[] = [];
      const found = smallestSets(
        THINGS,
        (set) => {
          tried.push(set.join(""));
          return enough.has(set.join(""));
        },
        most,
      );
      const expected = bruteForce(enough, most);
      expect(found.map((set) => set.join(""))).toEqual(expected);
      // A set is tried once, and none that holds one that was found.
      expect(new Set(tried).size).toBe(tried.length);
    }),
    { numRuns: 300 },
  );
});

test("sets have three things at most, unless more are wanted", () => {
  const all = (size: number) => (set: readonly string[]) => set.length === size;
  expect(smallestSets(THINGS, all(3))).toHaveLength(10);
  expect(smallestSets(THINGS, all(4))).toEqual([]);
  expect(smallestSets(THINGS, all(4), 4)).toHaveLength(5);
  expect(smallestSets([], () => true)).toEqual([]);
});
