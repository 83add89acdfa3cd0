import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const WORDS = ["landlock", "mseal", "pidfd-self", "pidfd-thread"];

test.each([
  ["landlock", "landlock"],
  ["landlok", "landlock"],
  ["landllock", "landlock"],
  ["lnadlock", "landlock"],
  ["msael", "mseal"],
  ["pidfd-selfs", "pidfd-self"],
  ["pidfd-thred", "pidfd-thread"],
])("%s is a slip for %s", (word, meant) => {
  expect(nearest(word, WORDS)).toBe(meant);
});

test.each(["", "yama", "completely-different", "lock"])("%j is no slip for any", (word) => {
  expect(nearest(word, WORDS)).toBeUndefined();
});

test("of two that are as near the first is taken", () => {
  expect(nearest("ab", ["ac", "ad"])).toBe("ac");
});

test("nobody is near where nobody is", () => {
  expect(nearest("mseal", [])).toBeUndefined();
});
