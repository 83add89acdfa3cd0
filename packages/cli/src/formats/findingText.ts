import type { ReportedFinding } from "@kadvise/conformance";

/** What is wrong with a result, in one sentence without its place. */
export function findingText({
  syscall,
  observed,
  allowed,
  verdict,
  reason,
  needs,
}: ReportedFinding): string {
  if (verdict === "unread") return `unread: ${reason.text}`;
  const why = reason.id === "judge/success" ? "" : `: ${reason.text} [${reason.id}]`;
  if (verdict === "deviation")
    return `${syscall} = ${observed}; Linux: ${allowed.join(" or ")}${why}`;
  const lacks = needs.length === 0 ? "" : ` (needs ${needs.join(", ")})`;
  return `${verdict}: ${syscall} = ${observed}${why}${lacks}`;
}

/** The findings of one log, of the call of one form. */
export function findingsOf(
  findings: readonly ReportedFinding[],
  file: string,
  form: string,
): readonly ReportedFinding[] {
  return findings.filter((finding) => finding.file === file && finding.form === form);
}
