import type { CheckReport, LogReport, ReportedFinding, ReportedLint } from "@kadvise/conformance";
import { findingsOf, findingText } from "./findingText.ts";

/**
 * The Kernel Test Anything Protocol, version 1: a test for each log, and below it one for each form
 * of a call. A form of which nothing could be decided is skipped.
 *
 * Linux: Documentation/dev-tools/ktap.rst
 */
export function checkKtap({ logs, findings, kernel, lint = [] }: CheckReport): string {
  const lines = ["KTAP version 1", `1..${logs.length}`, `# judged by ${kernel}`];
  for (const [i, log] of logs.entries()) {
    const own = lint.filter(({ file }) => file === log.file).map(lintLine);
    lines.push(...[...logLines(log, findings), ...own].map((line) => `  ${line}`));
    const isOk = log.deviations === 0;
    lines.push(`${isOk ? "ok" : "not ok"} ${i + 1} ${nameOf(log.file)}`);
  }
  const failed = logs.filter(({ deviations }) => deviations > 0).length;
  lines.push(
    `# Totals: pass:${logs.length - failed} fail:${failed} xfail:0 xpass:0 skip:0 error:0`,
  );
  return lines.join("\n");
}

function lintLine({ line, rule, text }: ReportedLint): string {
  return `# lint: line ${line}: ${text} [${rule}]`;
}

function logLines(
  { file, forms, unread }: LogReport,
  findings: readonly ReportedFinding[],
): readonly string[] {
  const lines = ["KTAP version 1", `1..${forms.length}`];
  if (unread > 0) lines.push(`# ${unread} lines could not be read`);
  for (const [i, { form, deviations, undetermined, inScope }] of forms.entries()) {
    const isSkipped = deviations === 0 && undetermined === inScope;
    if (deviations > 0)
      for (const finding of findingsOf(findings, file, form))
        lines.push(`# line ${finding.line}: ${findingText(finding)}`);
    const state = deviations > 0 ? "not ok" : "ok";
    lines.push(`${state} ${i + 1} ${nameOf(form)}${isSkipped ? " # SKIP undetermined" : ""}`);
  }
  return lines;
}

/** A description stands up to the end of the line or a `#`. */
function nameOf(text: string): string {
  return text.replaceAll("#", "%23").replace(/\s+/g, " ");
}
