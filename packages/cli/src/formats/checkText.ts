import type { CheckReport, ReportedFinding } from "@kadvise/conformance";
import { bold, dim, green, red, yellow } from "../paint.ts";
import { out } from "../streams.ts";

/** Prints a report for people: findings first, then a line a log, then the sum. */
export function checkText(report: CheckReport, all: boolean): void {
  if (report.logs.length === 0) return;
  out(
    bold(`kernel ${report.kernel}`) +
      (report.kernelAsked ? "" : dim(" (not checked on a real kernel)")),
  );
  for (const text of report.assumptions) out(dim(`  assuming ${text}`));
  for (const finding of report.findings) out(findingLine(finding));
  for (const { file, line, rule, text } of report.lint ?? [])
    out(`${file}:${line}: ${yellow("lint")}: ${text} [${rule}]`);
  if (report.findingsOmitted > 0)
    out(`… and ${report.findingsOmitted} more findings (--max-findings)`);
  if ((report.lintOmitted ?? 0) > 0)
    out(`… and ${report.lintOmitted} more findings of the lint (--max-findings)`);
  for (const log of report.logs) {
    const unread = log.unread === 0 ? "" : `, ${log.unread} unread`;
    out(
      `${log.file}: ${log.inScope} results: ${log.exact} exact, ${log.constrained} constrained, ` +
        `${log.undetermined} undetermined, ${deviations(log.deviations)}${unread}`,
    );
  }
  if (report.undetermined > 0 && !all) {
    const needs = Object.entries(report.undeterminedNeeds).slice(0, 5);
    out(dim(`undetermined for lack of: ${needs.map(([fact, n]) => `${fact} (${n})`).join(", ")}`));
  }
  if (report.logs.length > 1) {
    out(
      bold(
        `${report.logs.length} logs, ${report.inScope} results: ${report.exact} exact, ${report.constrained} constrained, ` +
          `${report.undetermined} undetermined, ${deviations(report.deviations)}`,
      ),
    );
    const { means } = report;
    if (means !== undefined)
      out(
        `a log in the mean, each form of a call counted 20 times at most: ${percent(means.decided)} decided, ${percent(means.exact)} exact`,
      );
  }
}

/** Cut, not rounded: 100 % are all. */
function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

function deviations(n: number): string {
  const text = `${n} deviation${n === 1 ? "" : "s"}`;
  return n > 0 ? red(text) : green(text);
}

/** `log:line: madvise -> got -1 EINVAL, allowed 0: reason (id)`. */
export function findingLine(finding: ReportedFinding): string {
  const { file, line, syscall, observed, allowed, verdict, reason } = finding;
  const place = `${file}:${line}`;
  if (verdict === "unread") return `${place}: ${yellow("unread")}: ${reason.text}`;
  if (verdict === "deviation") {
    const because = reason.id === "judge/success" ? reason.text : `${reason.text} [${reason.id}]`;
    return `${place}: ${red("deviation")}: ${syscall} = ${observed}; Linux: ${allowed.join(" or ")}: ${because}`;
  }
  const why = reason.id === "judge/success" ? "" : `: ${reason.text} [${reason.id}]`;
  const needs = finding.needs.length === 0 ? "" : dim(` (needs ${finding.needs.join(", ")})`);
  return `${place}: ${verdict}: ${syscall} = ${observed}${why}${needs}`;
}
