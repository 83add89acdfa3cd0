import type { Settings } from "@kadvise/releases";
import { unheldBars } from "./bars.ts";
import type { Finding } from "./findingFile.ts";
import type { TallyReport } from "./tally.ts";

/**
 * Why a campaign stopped: it did all its steps, its time was up, it found as many differences as it
 * was to find, somebody interrupted it, the target was lost.
 */
export type CampaignEnd = "complete" | "time" | "findings" | "interrupted" | "lost";

/** A difference, and where its scenario was written. */
export interface WrittenFinding extends Finding {
  readonly file: string;
}

/** Which campaign this is: what all parts of one have in common, but for `part`. */
export interface CampaignIdentity {
  readonly schemaVersion: 1;
  /** `host`, `qemu:6.12`. */
  readonly target: string;
  /** The kernel that was asked, and the one that the model is. */
  readonly kernel: string;
  readonly model: string;
  /** uname -r and -v. */
  readonly release: string;
  readonly version: string;
  readonly settings: Partial<Settings>;
  readonly seed: number;
  /** Families of operations that were drawn; all if absent. */
  readonly only?: readonly string[];
  /** Which shard it is, counted from 1; after a merge `parts` says which ones are in it. */
  readonly shard?: { readonly of: number; readonly parts: readonly number[] };
}

/** What a campaign came to: plain and JSON-safe. */
export interface CampaignReport extends CampaignIdentity, TallyReport {
  readonly ended: CampaignEnd;
  /** How long it ran; of merged shards the sum. */
  readonly seconds: number;
  /** What a campaign of 10,000 steps and more must hold, and this one does not. */
  readonly unheld: readonly string[];
  readonly differences: readonly WrittenFinding[];
}

/** The parts of a report that come of others. */
export function campaignReport(
  report: Omit<CampaignReport, "unheld" | "schemaVersion">,
): CampaignReport {
  return { schemaVersion: 1, ...report, unheld: unheldBars(report) };
}

/** Whether nothing was found, and all was held that must be. */
export function isFine({ differences, unheld }: CampaignReport): boolean {
  return differences.length === 0 && unheld.length === 0;
}
