import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { liveHost } from "../target/testing/liveHost.ts";
import { runOnKernel, runOnModel } from "./measure.ts";
import { QUICK } from "./testing/quickLoads.ts";

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
