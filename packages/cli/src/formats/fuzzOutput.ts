import {
  coverageOf,
  type CampaignIdentity,
  type CampaignReport,
  type WrittenFinding,
} from "@kadvise/conformance/fuzz";
import { out } from "../streams.ts";
import { fuzzText } from "./fuzzText.ts";

/** Where campaigns tell what they come to: one event after the other. */
export interface FuzzOutput {
  start(identity: CampaignIdentity, steps: number): void;
  progress(target: string, report: { readonly steps: number; readonly findings: number }): void;
  finding(target: string, finding: WrittenFinding): void;
  cannotRun(target: string, why: string): void;
  report(report: CampaignReport): void;
  /** All targets are done, or the user wants no more. */
  end(): void;
}

/** How it is printed. */
export interface FuzzOutputOptions {
  /** Whether there is more than one target. */
  readonly several: boolean;
  /** Whether all that was and was not seen is listed. */
  readonly coverage: boolean;
}

/** Text for people; one JSON value at the end; an event a line. */
export function fuzzOutput(
  format: "text" | "json" | "jsonl",
  options: FuzzOutputOptions,
): FuzzOutput {
  switch (format) {
    case "text":
      return new TextOutput(options);
    case "json":
      return new JsonOutput(options);
    case "jsonl":
      return new LineOutput();
  }
}

class Quiet {
  start(): void {}
  progress(): void {}
  finding(): void {}
  cannotRun(_target: string, _why: string): void {}
  end(): void {}
}

class TextOutput extends Quiet implements FuzzOutput {
  private readonly options: FuzzOutputOptions;
  private printed = 0;

  constructor(options: FuzzOutputOptions) {
    super();
    this.options = options;
  }

  report(report: CampaignReport): void {
    if (this.printed++ > 0) out("");
    out(fuzzText(report, this.options));
  }
}

/** A report; of several targets an array of them, in which a target that cannot run says why. */
class JsonOutput extends Quiet implements FuzzOutput {
  private readonly several: boolean;
  private readonly reports: unknown[] = [];
  private isEnded = false;

  constructor({ several }: FuzzOutputOptions) {
    super();
    this.several = several;
  }

  override cannotRun(target: string, cannotRun: string): void {
    if (this.several) this.reports.push({ schemaVersion: 1, target, cannotRun });
  }

  report(report: CampaignReport): void {
    this.reports.push(withCoverage(report));
  }

  override end(): void {
    if (this.isEnded) return;
    this.isEnded = true;
    const { several, reports } = this;
    if (several) out(JSON.stringify(reports, null, 2));
    else if (reports.length > 0) out(JSON.stringify(reports[0], null, 2));
  }
}

/** So often progress is told at most. */
const PROGRESS_MS = 1000;

class LineOutput implements FuzzOutput {
  private toldAt = Date.now();

  start(identity: CampaignIdentity, steps: number): void {
    line("start", { ...identity, stepsWanted: steps });
  }

  progress(target: string, report: { readonly steps: number; readonly findings: number }): void {
    const now = Date.now();
    if (now - this.toldAt < PROGRESS_MS) return;
    this.toldAt = now;
    line("progress", { target, ...report });
  }

  finding(target: string, finding: WrittenFinding): void {
    line("finding", { target, ...finding });
  }

  cannotRun(target: string, cannotRun: string): void {
    line("cannot-run", { target, cannotRun });
  }

  report(report: CampaignReport): void {
    line("report", withCoverage(report));
  }

  end(): void {}
}

function withCoverage(report: CampaignReport): object {
  return { ...report, coverage: coverageOf([report]) };
}

function line(event: string, what: object): void {
  out(JSON.stringify({ event, schemaVersion: 1, ...what }));
}
