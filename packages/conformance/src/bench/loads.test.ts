import { profile } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { liveHost } from "../target/testing/liveHost.ts";
import { LOADS } from "./loads.ts";
import { runOnKernel, runOnModel } from "./measure.ts";

const { facts } = readRecording("6.12");
const withSwap = { settings: { ...facts.settings, swap: true }, assume: "all" } as const;
/** The ones that take a while are tried by the command alone. */
const QUICK = LOADS.filter(({ id }) => !id.includes("65000") && id !== "split-unmap");

describe.each(QUICK)("$id", ({ program, unit, units, least }) => {
  test("every operation goes well on the model, and those that count take time", () => {
    const { nanoseconds, values } = runOnModel(facts, profile("6.12", withSwap), program);
    for (const value of values) expect(value).toBeGreaterThanOrEqual(0n);
    expect(nanoseconds).toBeGreaterThan(0);
    expect(unit).not.toBe("");
    expect(units * least).toBeGreaterThan(0);
  });
});

test("a kernel does of every load what the model does", async ({ skip }) => {
  const host = await liveHost();
  if ("why" in host) return skip(host.why);
  const { target } = host;
  try {
    const kernel = profile(host.facts.kernel, { settings: host.facts.settings, assume: "all" });
    for (const { id, program } of QUICK) {
      const real = await runOnKernel(target, program);
      const modelled = runOnModel(host.facts, kernel, program);
      expect([id, real.nanoseconds > 0]).toEqual([id, true]);
      expect(real.values.map((value) => value < 0n)).toEqual(
        modelled.values.map((value) => value < 0n),
      );
    }
  } finally {
    await target.close();
  }
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
