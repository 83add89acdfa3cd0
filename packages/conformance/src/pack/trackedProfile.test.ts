import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { agrees, trackProfile } from "./trackedProfile.ts";

test("what was read is remembered, and what was found there", () => {
  const { profile: watched, reads } = trackProfile(profile("6.12"));
  expect(watched.mm.guards).toBe("none");
  expect(watched.settings.swap).toBe(true);
  expect([...reads]).toEqual([
    ["mm.guards", "none"],
    ["settings.swap", true],
  ]);
});

test("a watched profile is the profile", () => {
  const kernel = profile("6.18.44");
  expect(JSON.stringify(trackProfile(kernel).profile)).toBe(JSON.stringify(kernel));
});

test("kernels agree that have all that was read, and differ in nothing else than the rest", () => {
  const { profile: watched, reads } = trackProfile(profile("6.12"));
  expect(agrees(profile("5.10.0"), reads)).toBe(true);
  expect(watched.processMadvise.remoteAdvice).toContain("MADV_COLLAPSE");
  expect(agrees(profile("6.1"), reads)).toBe(true);
  expect(agrees(profile("5.15"), reads)).toBe(false);
  expect(watched.mm.guards).toBe("none");
  expect(agrees(profile("6.11"), reads)).toBe(true);
  expect(agrees(profile("6.13"), reads)).toBe(false);
});

test("what is read of the whole profile counts too", () => {
  const { profile: watched, reads } = trackProfile(profile("6.12"));
  expect(watched.version).toBe(profile("6.12").version);
  expect(agrees(profile("6.11"), reads)).toBe(false);
});
