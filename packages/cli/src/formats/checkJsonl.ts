import type { CheckReport } from "@kadvise/conformance";

/** One object a line: each finding, then each log, then the sum. `type` tells them apart. */
export function checkJsonl(report: CheckReport): string {
  const { findings, logs, ...sum } = report;
  return [
    ...findings.map((finding) => ({ type: "finding", ...finding })),
    ...logs.map((log) => ({ type: "log", ...log })),
    { type: "report", ...sum },
  ]
    .map((line) => JSON.stringify(line))
    .join("\n");
}
