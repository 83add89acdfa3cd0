import { campaignReport, type CampaignEnd, type CampaignReport } from "./campaignReport.ts";
import { addCounts } from "./counts.ts";

/** A report, and where it comes from, for messages. */
export interface ReportPart {
  readonly from: string;
  readonly report: CampaignReport;
}

/** Reports that are not parts of one campaign, and why, in one line. */
export class MergeRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MergeRefused";
  }
}

/**
 * Adds up the reports of a campaign's shards: one report, as if one run had done it all.
 *
 * @throws MergeRefused for reports of different campaigns, and for a shard that is given twice
 */
export function mergeReports(parts: readonly ReportPart[]): CampaignReport {
  const [first] = parts;
  if (first === undefined) throw new MergeRefused("there is nothing to merge");
  for (const other of parts.slice(1)) requireSame(first, other);
  if (parts.length === 1) return first.report;
  requireOnce(parts);
  const ordered = [...parts].sort((a, b) => firstPart(a) - firstPart(b));
  const reports = ordered.map(({ report }) => report);
  const sum = (of: (report: CampaignReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const numbers = reports.flatMap(({ shard }) => shard?.parts ?? []);
  const of = first.report.shard?.of ?? 1;
  const { target, kernel, model, release, version, settings, seed, only } = first.report;
  return campaignReport({
    ...{ target, kernel, model, release, version, settings, seed },
    ...(only === undefined ? {} : { only }),
    ...(numbers.length === of ? {} : { shard: { of, parts: numbers } }),
    ended: endOf(reports),
    seconds: Math.round(100 * sum(({ seconds }) => seconds)) / 100,
    programs: sum(({ programs }) => programs),
    steps: sum(({ steps }) => steps),
    succeeded: sum(({ succeeded }) => succeeded),
    compared: sum(({ compared }) => compared),
    equal: sum(({ equal }) => equal),
    merelyAllowed: addCounts(reports.map(({ merelyAllowed }) => merelyAllowed)),
    calls: addCounts(reports.map(({ calls }) => calls)),
    errors: addCounts(reports.map(({ errors }) => errors)),
    reasons: [...new Set(reports.flatMap(({ reasons }) => reasons))].sort(),
    cells: addCounts(reports.map(({ cells }) => cells)),
    differences: reports.flatMap(({ differences }) => differences),
  });
}

/** What all parts of a campaign have in common, with the words for it. */
const COMMON: readonly (readonly [string, (report: CampaignReport) => unknown])[] = [
  ["schema", ({ schemaVersion }) => schemaVersion],
  ["target", ({ target }) => target],
  ["kernel", ({ kernel, release, version }) => `${kernel} (${release}, ${version})`],
  ["model", ({ model }) => model],
  ["seed", ({ seed }) => seed],
  ["families", ({ only }) => only?.join(",") ?? "all"],
  ["number of shards", ({ shard }) => shard?.of ?? 1],
];

function requireSame(one: ReportPart, other: ReportPart): void {
  for (const [name, of] of COMMON) {
    const [a, b] = [of(one.report), of(other.report)];
    if (a !== b) {
      const values = `${String(a)} in ${one.from}, ${String(b)} in ${other.from}`;
      throw new MergeRefused(`parts of one campaign have the same ${name}: ${values}`);
    }
  }
  const [mine, theirs] = [one, other].map(({ report }) => report.settings as Settings);
  for (const name of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    if (OF_THE_BOOT.has(name) || mine[name] === theirs[name]) continue;
    const values = `${String(mine[name])} in ${one.from}, ${String(theirs[name])} in ${other.from}`;
    throw new MergeRefused(`parts of one campaign have the same settings: ${name} ${values}`);
  }
}

/** How much memory a machine has differs by some pages from boot to boot, and what it promised. */
const OF_THE_BOOT: ReadonlySet<string> = new Set([
  ...["commitPages", "commitLimitPages", "committedPages", "userReservePages"],
]);

interface Settings {
  readonly [name: string]: unknown;
}

function requireOnce(parts: readonly ReportPart[]): void {
  const seen = new Map<number, string>();
  for (const { from, report } of parts) {
    for (const part of report.shard?.parts ?? [1]) {
      const before = seen.get(part);
      const what = report.shard === undefined ? "the whole" : `shard ${part}/${report.shard.of}`;
      if (before !== undefined) throw new MergeRefused(`${what} is in ${before} and in ${from}`);
      seen.set(part, from);
    }
  }
}

function firstPart({ report }: ReportPart): number {
  return report.shard?.parts[0] ?? 1;
}

/** What stopped the whole: the worst that stopped a part. */
function endOf(reports: readonly CampaignReport[]): CampaignEnd {
  const order: readonly CampaignEnd[] = ["lost", "interrupted", "findings", "time", "complete"];
  return order.find((end) => reports.some(({ ended }) => ended === end)) ?? "complete";
}
