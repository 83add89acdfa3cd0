import type { Finding } from "./finding.ts";
import { meansOf, type Means } from "./means.ts";
import type { Verdict } from "./verdict.ts";

/** How often each verdict was given. */
export interface Counts {
  inScope: number;
  exact: number;
  constrained: number;
  undetermined: number;
  deviations: number;
}

/** One log's part of a report. */
export interface LogReport extends Counts {
  readonly file: string;
  calls: number;
  unread: number;
  readonly forms: readonly ({ readonly form: string } & Counts)[];
}

/** A finding with its file, as JSON has it. */
export interface ReportedFinding extends Omit<Finding, "form" | "needs"> {
  readonly file: string;
  readonly form: string;
  readonly needs: readonly string[];
}

/** The whole report: what `--format json` prints. */
export interface CheckReport extends Counts {
  readonly schemaVersion: 1;
  readonly kernel: string;
  readonly kernelAsked: boolean;
  readonly assumptions: readonly string[];
  calls: number;
  unread: number;
  readonly outOfScope: { readonly [name: string]: number };
  readonly undeterminedNeeds: { readonly [fact: string]: number };
  readonly logs: readonly LogReport[];
  /** The mean over logs, each form of a call counting twenty times in a log at most. */
  readonly means?: Means;
  readonly findings: readonly ReportedFinding[];
  readonly findingsOmitted: number;
  /** Calls that are suspicious whatever Linux answers; there where a lint was asked for. */
  readonly lint?: readonly ReportedLint[];
  readonly lintOmitted?: number;
}

/** A finding of the lint with its file, as JSON has it. */
export interface ReportedLint {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly text: string;
}

/** Gathers what a judge tells about one or several logs; bounded, however long the logs are. */
export class ReportBuilder {
  private readonly logs: LogReport[] = [];
  private readonly outOfScope: Map<string, number> = new Map();
  private readonly needs: Map<string, number> = new Map();
  private readonly findings: ReportedFinding[] = [];
  private readonly most: number;
  private readonly all: boolean;
  private omitted = 0;
  private readonly lint: ReportedLint[] | undefined;
  private lintOmitted = 0;

  constructor(
    options: {
      readonly maxFindings?: number;
      readonly all?: boolean;
      readonly lint?: boolean;
    } = {},
  ) {
    this.lint = options.lint === true ? [] : undefined;
    this.most = options.maxFindings ?? 1000;
    this.all = options.all ?? false;
  }

  /** A listener for the next log. */
  log(file: string): LogBuilder {
    return new LogBuilder(file, this);
  }

  /** Takes a finished log. */
  add(report: LogReport): void {
    this.logs.push(report);
  }

  keep(file: string, finding: Finding): void {
    for (const need of finding.needs) this.needs.set(need, (this.needs.get(need) ?? 0) + 1);
    const wanted = this.all || finding.verdict === "deviation" || finding.verdict === "unread";
    if (!wanted) return;
    if (this.findings.length >= this.most) this.omitted++;
    else this.findings.push(reported(file, finding));
  }

  keepLint(file: string, { line, rule, text }: Omit<ReportedLint, "file">): void {
    if (this.lint === undefined) return;
    if (this.lint.length >= this.most) this.lintOmitted++;
    else this.lint.push({ file, line, rule, text });
  }

  count(name: string): void {
    if (this.outOfScope.size < MOST_NAMES || this.outOfScope.has(name)) {
      this.outOfScope.set(name, (this.outOfScope.get(name) ?? 0) + 1);
    }
  }

  finish(kernel: string, kernelAsked: boolean, assumptions: readonly string[]): CheckReport {
    const sum = (key: keyof Counts | "calls" | "unread"): number =>
      this.logs.reduce((n, log) => n + log[key], 0);
    const means = meansOf(this.logs);
    return {
      schemaVersion: 1,
      kernel,
      kernelAsked,
      assumptions,
      calls: sum("calls"),
      inScope: sum("inScope"),
      exact: sum("exact"),
      constrained: sum("constrained"),
      undetermined: sum("undetermined"),
      deviations: sum("deviations"),
      unread: sum("unread"),
      outOfScope: sorted(this.outOfScope),
      undeterminedNeeds: sorted(this.needs),
      logs: this.logs,
      ...(means === undefined ? {} : { means }),
      findings: this.findings,
      findingsOmitted: this.omitted,
      ...(this.lint === undefined ? {} : { lint: this.lint, lintOmitted: this.lintOmitted }),
    };
  }
}

/** A finding as it is kept: plain data, without the log that it came from. */
function reported(file: string, finding: Finding): ReportedFinding {
  const { line, entryLine, pid, syscall, observed, allowed, verdict, reason, form, needs } =
    finding;
  return {
    file,
    line,
    entryLine,
    pid,
    syscall,
    observed,
    allowed,
    verdict,
    reason,
    form,
    needs,
  };
}

/** Names of calls that are counted one by one; a log of junk may have any number. */
const MOST_NAMES = 1000;
/** Forms of one log that are counted one by one. */
const MOST_FORMS = 5000;

/** Counts one log. */
export class LogBuilder {
  private readonly file: string;
  private readonly report: ReportBuilder;
  private readonly counts: Counts = noCounts();
  private readonly forms: Map<string, Counts> = new Map();
  private calls = 0;
  private unreadLines = 0;

  constructor(file: string, report: ReportBuilder) {
    this.file = file;
    this.report = report;
  }

  call(): void {
    this.calls++;
  }

  passedOver(name: string): void {
    this.report.count(name);
  }

  judged(finding: Finding): void {
    add(this.counts, finding.verdict as Verdict);
    const known = this.forms.get(finding.form);
    if (known !== undefined) add(known, finding.verdict as Verdict);
    else if (this.forms.size < MOST_FORMS) {
      const counts = noCounts();
      add(counts, finding.verdict as Verdict);
      this.forms.set(finding.form, counts);
    }
    this.report.keep(this.file, finding);
  }

  unread(finding: Finding): void {
    this.unreadLines++;
    this.report.keep(this.file, finding);
  }

  finish(): void {
    this.report.add({
      file: this.file,
      calls: this.calls,
      unread: this.unreadLines,
      ...this.counts,
      forms: [...this.forms].map(([form, counts]) => ({ form, ...counts })),
    });
  }
}

function noCounts(): Counts {
  return { inScope: 0, exact: 0, constrained: 0, undetermined: 0, deviations: 0 };
}

function add(counts: Counts, verdict: Verdict): void {
  counts.inScope++;
  if (verdict === "deviation") counts.deviations++;
  else counts[verdict]++;
}

function sorted(map: ReadonlyMap<string, number>): { readonly [name: string]: number } {
  return Object.fromEntries([...map].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}
