import { expect, test } from "vitest";
import { campaignReport, type CampaignReport } from "../fuzz/campaignReport.ts";
import { recordCampaigns } from "./recordedCampaign.ts";

function report(kernel: string, change: Partial<CampaignReport> = {}): CampaignReport {
  return campaignReport({
    ...{ target: "host", kernel, model: kernel, release: "r", version: "v", settings: {} },
    ...{ seed: 5, ended: "complete", seconds: 1 },
    ...{ programs: 1, steps: 100, succeeded: 90, compared: 100, equal: 100, merelyAllowed: {} },
    ...{ calls: {}, errors: { "madvise EINVAL": 2 }, reasons: ["madvise/hole"], differences: [] },
    cells: { "MADV_COLD own hole ENOMEM": 1 },
    ...change,
  });
}

test("campaigns on one kernel are kept as one, each run with its seed", () => {
  const kept = recordCampaigns([
    report("6.12.1"),
    report("5.10.1"),
    report("6.12.1", { seed: 6, reasons: ["madvise/locked"], target: "qemu:6.12" }),
  ]);
  expect(kept).toMatchObject([
    {
      kernel: "6.12.1",
      runs: [
        { target: "host", seed: 5, steps: 100 },
        { target: "qemu:6.12", seed: 6 },
      ],
      reasons: ["madvise/hole", "madvise/locked"],
      cells: { "MADV_COLD own hole ENOMEM": 2 },
      errors: { "madvise EINVAL": 4 },
    },
    { kernel: "5.10.1", runs: [{ seed: 5 }] },
  ]);
});

test("how many differences a campaign found is kept with it", () => {
  const difference = {
    scenario: "",
    file: "f",
    compared: { mapsEvery: 1, smaps: "all" as const },
    line: 1,
    model: "",
    kernel: "",
    maps: [],
    seed: 5,
    foundAt: 9,
  };
  const [kept] = recordCampaigns([report("6.12.1", { differences: [difference] })]);
  expect(kept.runs).toMatchObject([{ differences: 1 }]);
});

test("a campaign that was held against another kernel shows nothing that Linux does", () => {
  expect(() => recordCampaigns([report("6.12.1", { model: "5.10.1" })])).toThrow(RangeError);
});
