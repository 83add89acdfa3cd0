import { expect, test } from "vitest";
import { liveLines, sum, testLine } from "./reports.mjs";

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

test("live tests are counted by themselves, and each that was skipped says why", () => {
  const why = ["boots 5.10: no emulator", "boots 7.3: no emulator"];
  const lines = liveLines([
    { package: "pidfd", count: { passed: 4, failed: 1, skipped: 0 } },
    { package: "conformance", count: { passed: 2, failed: 0, skipped: 2, why } },
  ]);
  expect(lines).toEqual([
    "live: 7 ran (1 failed), 2 skipped",
    "  skipped, conformance: boots 5.10: no emulator",
    "  skipped, conformance: boots 7.3: no emulator",
  ]);
});
