import { expect, test } from "vitest";
import { settingProblem } from "./settingProblem.ts";
import { SETTING_ALTERNATIVES, USUAL_SETTINGS, type Settings } from "./settings.ts";

const KEYS = Object.keys(USUAL_SETTINGS) as (keyof Settings)[];

test("every usual value is one that a setting can have", () => {
  for (const key of KEYS)
    expect([key, settingProblem(key, USUAL_SETTINGS[key])]).toEqual([key, undefined]);
});

test("so is every alternative that a judge tries", () => {
  for (const key of KEYS)
    for (const value of SETTING_ALTERNATIVES[key] ?? [])
      expect([key, value, settingProblem(key, value)]).toEqual([key, value, undefined]);
});

test("no setting is a word that it does not know", () => {
  for (const key of KEYS) expect(settingProblem(key, "banana")).toMatch(/^expected /);
});

test.each([
  ["pageShift", 13, "expected 12 (4 KiB), 14 (16 KiB) or 16 (64 KiB)"],
  ["thpEnabled", "inherit", "expected always, madvise or never"],
  ["ptraceScope", 4, "expected null, 0, 1, 2 or 3"],
  ["swap", 1, "expected true or false"],
  ["maxMapCount", -1, "expected a whole number"],
  ["maxMapCount", 0.5, "expected a whole number"],
  ["mmapMinAddr", Number.NaN, "expected a whole number"],
] as const)("%s = %s: %s", (key, value, problem) => {
  expect(settingProblem(key, value)).toBe(problem);
});

test.each([
  ["pageShift", 16],
  ["userBits", 56],
  ["ptraceScope", null],
  ["maxMapCount", 0],
  ["mmapMinAddr", 32768],
] as const)("%s = %s is fine", (key, value) => {
  expect(settingProblem(key, value)).toBeUndefined();
});
