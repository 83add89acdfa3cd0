import { profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { liveHost } from "../target/testing/liveHost.ts";
import { Campaign } from "./campaign.ts";
import { findingFile } from "./findingFile.ts";

test("generated scenarios end on this machine as the model says", async ({ skip }) => {
  const host = await liveHost();
  if ("why" in host) return skip(host.why);
  const { target, facts } = host;
  try {
    let kernel;
    try {
      kernel = profile(facts.kernel, { settings: facts.settings, assume: "all" });
    } catch (error) {
      if (error instanceof RangeError) return skip(`the model has no such kernel: ${facts.kernel}`);
      throw error;
    }
    const files: string[] = [];
    const report = await new Campaign({
      ...{ target, facts, profile: kernel, seed: 20_261_123, steps: 5000, mostFindings: 3 },
      onFinding: (finding) => files.push(findingFile(finding, facts)),
    }).run();
    expect(files.join("\n")).toBe("");
    expect(report.steps).toBeGreaterThanOrEqual(5000);
  } finally {
    await target.close();
  }
});
