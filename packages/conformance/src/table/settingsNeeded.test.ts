import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { settingsNeeded } from "./settingsNeeded.ts";

// Linux: mm/madvise.c madvise_behavior_valid lists them under their configurations.
test.each([
  ["MADV_COLD", []],
  ["MADV_MERGEABLE", ["ksm"]],
  ["MADV_HUGEPAGE", ["thp"]],
  ["MADV_COLLAPSE", ["thp"]],
  ["MADV_HWPOISON", ["memoryFailure"]],
  ["MADV_GUARD_INSTALL", []],
] as const)("%s needs %j, and the call itself needs adviseSyscalls", (advice, own) => {
  const question = { advice, call: "self", abi: "x86-64" } as const;
  const found = settingsNeeded(profile("7.3"), question);
  expect([...found].sort()).toEqual(["adviseSyscalls", ...own]);
});

test("advice that is refused anyway needs nothing", () => {
  const question = { advice: "MADV_COLLAPSE", call: "self", abi: "x86-64" } as const;
  expect(settingsNeeded(profile("5.10"), question)).toEqual([]);
});
