import type { CampaignReport } from "../fuzz/campaignReport.ts";
import { addCounts } from "../fuzz/counts.ts";
import type { SeenOnKernel } from "./coverage.ts";

/** What campaigns saw on one kernel, as it is kept. */
export interface RecordedCampaign extends SeenOnKernel {
  readonly kernel: string;
  readonly runs: readonly Pick<
    CampaignReport,
    "target" | "release" | "version" | "seed" | "steps"
  >[];
}

/**
 * What is kept of campaigns' reports, kernel by kernel.
 *
 * @throws RangeError for a campaign that found differences, or was held against another kernel
 */
export function recordCampaigns(reports: readonly CampaignReport[]): readonly RecordedCampaign[] {
  for (const { target, kernel, model, differences } of reports) {
    const found = differences.length;
    if (found > 0) throw new RangeError(`the campaign on ${target} found ${found} differences`);
    if (kernel !== model) throw new RangeError(`${kernel} was held against the model of ${model}`);
  }
  return [...new Set(reports.map(({ kernel }) => kernel))].map((kernel) => {
    const own = reports.filter((report) => report.kernel === kernel);
    return {
      ...{ kernel, model: kernel },
      runs: own.map(({ target, release, version, seed, steps }) => ({
        ...{ target, release, version, seed, steps },
      })),
      reasons: [...new Set(own.flatMap(({ reasons }) => reasons))].sort(),
      cells: addCounts(own.map(({ cells }) => cells)),
      errors: addCounts(own.map(({ errors }) => errors)),
    };
  });
}
