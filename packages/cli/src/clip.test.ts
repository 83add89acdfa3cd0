import fc from "fast-check";
import { expect, test } from "vitest";
import { clip } from "./clip.ts";

const vector = (n: number): string =>
  `process_madvise(3, [${Array.from({ length: n }, (_, i) => `{iov_base=${i}, iov_len=1}`).join(", ")}], ${n}, MADV_COLD, 0) = ${n}`;

test("a line that fits stays as it is", () => {
  expect(clip(vector(1), 80)).toBe(vector(1));
});

test("whole elements are left out of the middle, and the result still shows", () => {
  expect(clip(vector(9), 90)).toBe(
    "process_madvise(3, [{iov_base=0, iov_len=1}, ...], 9, MADV_COLD, 0) = 9",
  );
});

test("a line without a vector ends in dots", () => {
  expect(clip("x".repeat(50), 20)).toBe(`${"x".repeat(17)}...`);
});

test("however narrow, the call, its first range and its result are there", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 40 }), fc.integer({ min: 1, max: 200 }), (n, width) => {
      const line = clip(vector(n), width);
      expect(line.startsWith("process_madvise(3, [{iov_base=0, iov_len=1}")).toBe(true);
      expect(line.endsWith(`], ${n}, MADV_COLD, 0) = ${n}`)).toBe(true);
      const most = Math.max(
        width,
        "process_madvise(3, [{iov_base=0, iov_len=1}, ...], 40, MADV_COLD, 0) = 40".length,
      );
      expect(line.length).toBeLessThanOrEqual(most);
    }),
  );
});
