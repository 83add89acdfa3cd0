import type { CheckReport, ReportedFinding, ReportedLint } from "@kadvise/conformance";
import { findingText } from "./findingText.ts";

/** Workflow commands: GitHub shows each finding at its line, and a summary. */
export function checkGithub(report: CheckReport): string {
  const { findings, findingsOmitted, inScope, deviations, undetermined, unread, kernel } = report;
  const lines = findings.map(command);
  if (findingsOmitted > 0) lines.push(`::warning::${findingsOmitted} more findings`);
  lines.push(...(report.lint ?? []).map(lintCommand));
  const sum = `${inScope} results judged by ${kernel}: ${deviations} deviations, ${undetermined} undetermined, ${unread} unread`;
  lines.push(`::notice title=kadvise check::${data(sum)}`);
  return lines.join("\n");
}

function command(finding: ReportedFinding): string {
  const { file, line, verdict, syscall } = finding;
  const level = verdict === "deviation" ? "error" : verdict === "unread" ? "warning" : "notice";
  const title = verdict === "unread" ? "unread line" : `${verdict}: ${syscall}`;
  const place = `file=${property(file)},line=${line},title=${property(title)}`;
  return `::${level} ${place}::${data(findingText(finding))}`;
}

function lintCommand({ file, line, rule, text }: ReportedLint): string {
  const title = property(`lint: ${rule}`);
  return `::warning file=${property(file)},line=${line},title=${title}::${data(text)}`;
}

/** What would end a command, or begin another. */
function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
