import type { CampaignReport } from "../fuzz/campaignReport.ts";
import { addCounts } from "../fuzz/counts.ts";
import type { SeenOnKernel } from "./coverage.ts";

/** What campaigns saw on one kernel, as it is kept. */
export interface RecordedCampaign extends SeenOnKernel {
  readonly kernel: string;
  readonly runs: readonly RecordedRun[];
}

/** One campaign of them. */
export interface RecordedRun extends Pick<
  CampaignReport,
  "target" | "release" | "version" | "seed" | "steps"
> {
  /** How many differences it found: what was seen is what was equal. */
  readonly differences: number;
}

/**
 * What is kept of campaigns' reports, kernel by kernel.
 *
 * @throws RangeError for a campaign that was held against another kernel than it ran on
 */
export function recordCampaigns(reports: readonly CampaignReport[]): readonly RecordedCampaign[] {
  for (const { kernel, model } of reports) {
    if (kernel !== model) throw new RangeError(`${kernel} was held against the model of ${model}`);
  }
  return [...new Set(reports.map(({ kernel }) => kernel))].map((kernel) => {
    const own = reports.filter((report) => report.kernel === kernel);
    return {
      ...{ kernel, model: kernel },
      runs: own.map(({ target, release, version, seed, steps, differences }) => ({
        ...{ target, release, version, seed, steps, differences: differences.length },
      })),
      reasons: [...new Set(own.flatMap(({ reasons }) => reasons))].sort(),
      cells: addCounts(own.map(({ cells }) => cells)),
      errors: addCounts(own.map(({ errors }) => errors)),
    };
  });
}
