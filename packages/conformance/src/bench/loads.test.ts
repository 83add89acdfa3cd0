import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { LOADS } from "./loads.ts";
import { QUICK } from "./testing/quickLoads.ts";
import { runOnKernel, runOnModel } from "./measure.ts";

const { facts } = readRecording("6.12");
const withSwap = { settings: { ...facts.settings, swap: true }, assume: "all" } as const;

describe.each(QUICK)("$id", ({ program, unit, units, least }) => {
  test("every operation goes well on the model, and those that count take time", () => {
    const { nanoseconds, values } = runOnModel(facts, profile("6.12", withSwap), program);
    for (const value of values) expect(value).toBeGreaterThanOrEqual(0n);
    expect(nanoseconds).toBeGreaterThan(0);
    expect(unit).not.toBe("");
    expect(units * least).toBeGreaterThan(0);
  });
});

test("what does not come to its end is no figure", async () => {
  const [{ program }] = LOADS;
  const lost = { end: "crashed", operations: [], pids: [] } as const;
  const target = { name: "a kernel", run: () => Promise.resolve([lost]) };
  await expect(
    runOnKernel(
      { ...target, describe: () => Promise.reject(new Error()), close: () => Promise.resolve() },
      program,
    ),
  ).rejects.toThrow(/did not come to the end/);
});
