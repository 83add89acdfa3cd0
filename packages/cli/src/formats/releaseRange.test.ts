import { expect, test } from "vitest";
import { releaseRange } from "./releaseRange.ts";

test.each([
  ["6.12", "6.12", "6.12"],
  ["5.10.24", "5.10.24", "5.10.24"],
  ["seed", "seed", "seed"],
  ["5.8.0", "7.3", "5.8+"],
  ["5.11.7", "7.3", "5.11.7+"],
  ["5.10.0", "5.10.23", "5.10 to 5.10.23"],
  ["5.10.24", "5.10", "5.10.24 to 5.10.x"],
  ["5.10.0", "5.14", "5.10 to 5.14.x"],
  ["5.8.0", "5.8", "5.8.x"],
])("%s to %s is written %s", (from, to, text) => {
  expect(releaseRange(from, to)).toBe(text);
});
