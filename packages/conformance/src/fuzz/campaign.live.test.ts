import { profile, type Profile } from "@kadvise/releases";
import { expect, test } from "vitest";
import { openTarget } from "../target/openTarget.ts";
import type { TargetFacts } from "../target/target.ts";
import { live } from "../target/testing/liveHost.ts";
import { Campaign } from "./campaign.ts";
import { findingFile } from "./findingFile.ts";

/** This machine's kernel, an old one and a new one; a busy machine does fewer steps in its time. */
const TARGETS = [
  { name: "host", steps: 5000, seconds: 15 },
  { name: "qemu:5.10", steps: 2000, seconds: 15 },
  { name: "qemu:7.3", steps: 2000, seconds: 15 },
];

function modelOf({ kernel, settings }: TargetFacts): Profile | undefined {
  try {
    return profile(kernel, { settings, assume: "all" });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

test.for(TARGETS)(
  "generated scenarios end on $name as the model says",
  async ({ name, steps, seconds }, { skip }) => {
    const opened = await live(() => openTarget(name));
    if ("why" in opened) return skip(opened.why);
    const { target, facts } = opened;
    try {
      const model = modelOf(facts);
      if (model === undefined) return skip(`there is no model of Linux ${facts.kernel}`);
      const end = Date.now() + seconds * 1000;
      const files: string[] = [];
      const report = await new Campaign({
        ...{ target, facts, profile: model, seed: 20_261_123, steps, mostFindings: 3 },
        isTime: () => Date.now() >= end,
        onFinding: (finding) => files.push(findingFile(finding, facts)),
      }).run();
      expect(files.join("\n")).toBe("");
      expect(report.steps).toBeGreaterThan(0);
      expect(report.equal / report.compared).toBeGreaterThan(0.99);
    } finally {
      await target.close();
    }
  },
);
