import { expect, test } from "vitest";
import { fillKernel } from "./fillKernel.ts";

test("so many pages are resident, in one area", () => {
  const kernel = fillKernel("pages", 3000);
  const app = kernel.find(kernel.pids.at(-1) ?? 0);
  expect(app?.task.space.areas.count).toBe(1);
  const resident = app?.mincore(0x1000_0000_0000, 3000 * 4096);
  expect(resident?.ok === true && resident.value.every((byte) => byte === 1)).toBe(true);
});

test("so many areas are there, and no page", () => {
  const kernel = fillKernel("areas", 500);
  const app = kernel.find(kernel.pids.at(-1) ?? 0);
  expect(app?.task.space.areas.count).toBe(500);
  expect(kernel.machine.memory.frames.inUse).toBe(0);
});
