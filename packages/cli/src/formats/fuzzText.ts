import { coverageOf, type CampaignEnd, type CampaignReport } from "@kadvise/conformance/fuzz";
import { coverageText } from "./coverageText.ts";

/** A campaign's report for people. */
export function fuzzText(
  report: CampaignReport,
  options: { readonly coverage?: boolean } = {},
): string {
  const { steps, programs, succeeded, compared, equal, differences, ended, shard } = report;
  const allowed = Object.entries(report.merelyAllowed);
  const part = shard === undefined ? "" : `, shard ${shard.parts.join("+")}/${shard.of}`;
  return [
    `${report.target}: Linux ${report.kernel}, held against the model of ${report.model}, seed ${report.seed}${part}`,
    `${count(steps)} steps in ${count(programs)} scenarios, ${percent(succeeded, steps)} succeeded`,
    `${count(compared)} answers compared, ${percent(equal, compared)} equal to the usual one of the model`,
    ...(allowed.length === 0
      ? []
      : [`merely allowed: ${allowed.map(([id, n]) => `${id} ${count(n)}`).join(", ")}`]),
    `calls: ${shares(report.calls, steps)}`,
    `errors: ${shares(report.errors, steps)}`,
    `reasons seen: ${report.reasons.length === 0 ? "none" : report.reasons.join(", ")}`,
    ...coverageText(coverageOf([report]), options.coverage === true),
    ...(ended === "complete" ? [] : [`ended early: ${ENDS[ended]}`]),
    ...report.unheld.map((line) => `not held: ${line}`),
    `differences: ${differences.length}`,
    ...differences.flatMap(({ file, line, model, kernel, maps, foundAt, recurs }) => [
      line === 0 ? `  ${file}` : `  ${file}, step ${line}`,
      `    found after ${count(foundAt)} steps`,
      `    model   ${model}`,
      `    kernel  ${kernel}`,
      ...maps.map((text) => `    ${text}`),
      ...(recurs === false ? ["    it did not show again"] : []),
    ]),
  ].join("\n");
}

const ENDS: { readonly [end in CampaignEnd]: string } = {
  complete: "all steps were done",
  time: "its time was up",
  findings: "enough differences were found",
  interrupted: "it was interrupted",
  lost: "the target was lost",
};

function count(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Cut, not rounded: 100 % are all. */
function percent(part: number, whole: number): string {
  return whole === 0 ? "0 %" : `${(Math.floor((1000 * part) / whole) / 10).toFixed(1)} %`;
}

function shares(counts: { readonly [name: string]: number }, whole: number): string {
  const entries = Object.entries(counts);
  return entries.length === 0
    ? "none"
    : entries.map(([name, n]) => `${name} ${percent(n, whole)}`).join(", ");
}
