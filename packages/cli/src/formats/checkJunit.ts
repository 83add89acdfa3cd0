import type { CheckReport, LogReport, ReportedFinding } from "@kadvise/conformance";
import { findingsOf, findingText } from "./findingText.ts";

/** JUnit's XML as CI systems read it: a suite for each log, a case for each form of a call. */
export function checkJunit({ logs, findings, inScope, deviations, kernel }: CheckReport): string {
  const tests = logs.reduce((sum, { forms }) => sum + forms.length, 0);
  const failures = logs.reduce((sum, log) => sum + failed(log), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="kadvise check" tests="${tests}" failures="${failures}" errors="0">`,
    ...logs.flatMap((log) => suite(log, findings, kernel)),
    `<!-- ${inScope} results, ${deviations} deviations -->`,
    "</testsuites>",
  ].join("\n");
}

function failed({ forms }: LogReport): number {
  return forms.filter(({ deviations }) => deviations > 0).length;
}

function isSkipped({ deviations, undetermined, inScope }: LogReport["forms"][number]): boolean {
  return deviations === 0 && undetermined === inScope;
}

function suite(log: LogReport, findings: readonly ReportedFinding[], kernel: string): string[] {
  const { file, forms } = log;
  const skipped = forms.filter(isSkipped).length;
  return [
    `  <testsuite name="${escaped(file)}" tests="${forms.length}" failures="${failed(log)}" errors="0" skipped="${skipped}">`,
    `    <properties><property name="kernel" value="${escaped(kernel)}"/></properties>`,
    ...forms.flatMap((counts) => testcase(counts, file, findings)),
    "  </testsuite>",
  ];
}

function testcase(
  counts: LogReport["forms"][number],
  file: string,
  findings: readonly ReportedFinding[],
): string[] {
  const { form, deviations, inScope } = counts;
  const open = `    <testcase classname="${escaped(file)}" name="${escaped(form)}"`;
  if (isSkipped(counts))
    return [`${open}>`, '      <skipped message="undetermined"/>', "    </testcase>"];
  if (deviations === 0) return [`${open}/>`];
  const told = findingsOf(findings, file, form).map(
    (finding) => `${file}:${finding.line}: ${findingText(finding)}`,
  );
  return [
    `${open}>`,
    `      <failure message="${deviations} of ${inScope} results deviate">${escaped(told.join("\n"))}</failure>`,
    "    </testcase>",
  ];
}

const ENTITIES: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** XML has no place for most control characters, escaped or not. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, "\ufffd")
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
