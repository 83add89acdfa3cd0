import { Checker, type ReportedFinding } from "@kadvise/conformance";
import { clip } from "../clip.ts";
import type { DemoLog } from "../demoLog.ts";
import { bold, dim, green, red, yellow } from "../paint.ts";
import { out } from "../streams.ts";

const SHOWN: ReadonlySet<string> = new Set(["pidfd_open", "process_madvise"]);
const WIDTH = 110;

/** Judges a log that strace recorded on a real kernel, line by line. */
export function tellVerdict(log: DemoLog): void {
  const checker = new Checker({ kernel: log.kernel, settings: log.settings, all: true });
  const check = checker.log(log.name);
  check.push(log.content);
  check.end();
  const report = checker.finish();
  out("");
  out(bold(`${log.name}: a log that strace recorded on Linux ${log.kernel}, judged line by line`));
  const lines = log.content.split("\n");
  for (const finding of report.findings) {
    if (SHOWN.has(finding.syscall)) tellFinding(finding, lines[finding.line - 1] ?? "");
  }
  out(
    `  all ${report.inScope} results of the log: ${report.exact} exact, ${report.constrained} constrained, ` +
      `${report.undetermined} undetermined, ${report.deviations} deviations`,
  );
}

/** The line as it was recorded, and below a refusal the rule that spoke. */
function tellFinding({ line, verdict, reason, observed }: ReportedFinding, text: string): void {
  const colour = verdict === "exact" ? green : verdict === "deviation" ? red : yellow;
  const call = text.replace(/^\d+ +/, "");
  out(`  ${String(line).padStart(4)} ${colour(verdict.padEnd(12))} ${clip(call, WIDTH)}`);
  if (!observed.startsWith("-1")) return;
  out(`       ${" ".repeat(12)}   ${reason.text} ${dim(`[${reason.id}]`)}`);
}
