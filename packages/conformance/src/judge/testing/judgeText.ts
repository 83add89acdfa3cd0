import type { Settings } from "@kadvise/releases";
import type { AssumptionName } from "../assumptions.ts";
import { Checker } from "../check.ts";
import type { CheckReport, ReportedFinding } from "../report.ts";

/** How a text is judged. */
export interface TextOptions {
  readonly kernel?: string;
  readonly settings?: Partial<Settings>;
  readonly assumptionsOff?: readonly AssumptionName[];
}

/** Judges the text of one log, and reports every result. */
export function judgeText(text: string, options: TextOptions = {}): CheckReport {
  const checker = new Checker({
    kernel: options.kernel ?? "6.12.107",
    all: true,
    maxFindings: Number.POSITIVE_INFINITY,
    ...(options.settings === undefined ? {} : { settings: options.settings }),
    ...(options.assumptionsOff === undefined ? {} : { assumptionsOff: options.assumptionsOff }),
  });
  const log = checker.log("log");
  log.push(text);
  log.end();
  return checker.finish();
}

/** The findings of a log, as `line call verdict`, the lines without the log's own first ones. */
export function verdicts(text: string, options: TextOptions = {}): readonly string[] {
  return judgeText(text, options).findings.map(
    ({ line, syscall, verdict }) => `${line} ${syscall} ${verdict}`,
  );
}

/** The finding of a line. */
export function findingAt(report: CheckReport, line: number): ReportedFinding {
  const finding = report.findings.find((candidate) => candidate.line === line);
  if (finding === undefined) throw new RangeError(`line ${line} has no finding`);
  return finding;
}

/** Lines as a log; the first one executes the program, so that nothing of it is known. */
export function log(...lines: readonly string[]): string {
  return `${['1 execve("./program", ["./program"], []) = 0', ...lines].join("\n")}\n`;
}
