import { expect, test } from "vitest";
import { sum, testLine } from "./reports.mjs";

test("the line names what passed, failed and was skipped, over all runs", () => {
  const total = sum([
    { passed: 3, failed: 0, skipped: 1 },
    { passed: 40, failed: 2, skipped: 0 },
  ]);
  expect(testLine(total)).toBe("tests: 43 passed, 2 failed, 1 skipped");
});

test("no runs are no tests", () => {
  expect(testLine(sum([]))).toBe("tests: 0 passed, 0 failed, 0 skipped");
});
