import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { editDistance, nearest } from "./usageError.ts";

describe("the distance of two words", () => {
  const word = fc.string({ maxLength: 8 });

  test("is zero for the same word only, and the same both ways", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
      }),
    );
  });

  test("is one for a letter more, less, another, or two swapped", () => {
    expect(["chek", "checks", "chack", "chcek"].map((w) => editDistance(w, "check"))).toEqual([
      1, 1, 1, 1,
    ]);
  });

  test("is never more than the longer word has letters", () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});

test("the nearest word is offered, unless all are far away", () => {
  expect(nearest("kernal", ["kernel", "config"])).toBe("kernel");
  expect(nearest("qqqqqq", ["kernel", "config"])).toBeUndefined();
});
