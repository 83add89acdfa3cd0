import fc from "fast-check";
import { expect, test } from "vitest";
import { addCounts, sortedCounts } from "./counts.ts";

const counts = fc.dictionary(fc.constantFrom("mmap", "madvise", "brk", "load"), fc.nat(5));

test("the most frequent comes first, and names decide between equals", () => {
  const sorted = sortedCounts([
    ["mmap", 2],
    ["brk", 3],
    ["load", 2],
    ["dup", 7],
  ]);
  expect(Object.keys(sorted)).toEqual(["dup", "brk", "load", "mmap"]);
});

test("what was counted in parts comes to what it would have come to at once", () => {
  fc.assert(
    fc.property(fc.array(counts), (parts) => {
      const sum = addCounts(parts);
      for (const name of ["mmap", "madvise", "brk", "load"]) {
        const expected = parts.reduce((total, part) => total + (part[name] ?? 0), 0);
        expect(sum[name] ?? 0).toBe(expected);
      }
      expect(JSON.stringify(addCounts([...parts].reverse()))).toBe(JSON.stringify(sum));
    }),
  );
});
