import { expect, test } from "vitest";
import { kernelVersion } from "./kernelVersion.ts";

test.each([
  ["5.10.0-32-amd64", "#1 SMP Debian 5.10.223-1 (2024-08-10)", "5.10.223"],
  ["6.12.107+deb13-amd64", "#1 SMP PREEMPT_DYNAMIC Debian 6.12.107-1 (2026-06-30)", "6.12.107"],
  ["6.18.44-fc-v595", "#1 SMP PREEMPT_DYNAMIC @0", "6.18.44"],
  ["6.8.0-45-generic", "#45-Ubuntu SMP PREEMPT_DYNAMIC Fri Aug 30", "6.8.0"],
  ["7.0-rc3", "#1 SMP", "7.0"],
])("%s %s is %s", (release, version, expected) => {
  expect(kernelVersion(release, version)).toBe(expected);
});

test("what begins with no version has none", () => {
  expect(kernelVersion("gvisor", "#1")).toBeUndefined();
});
