import { CHANGES } from "@kadvise/releases";
import { expect, test } from "vitest";
import { changeDate } from "./changeDate.ts";

test.each([
  ["madv-collapse", "6.1"],
  ["process-madvise-read-and-nice", "5.12; 5.10.24, 5.11.7"],
  ["collapse-empty", "between 7.1.13 and 7.2.12"],
  ["guard-flag", "6.19; between 6.18.35 and 6.18.44"],
])("%s came in %s", (id, date) => {
  expect(changeDate(CHANGES.find((one) => one.id === id)!)).toBe(date);
});
