import { profile as resolveProfile, type Profile, type Settings } from "@kadvise/releases";
import type { Policy } from "@kadvise/security";
import { LogReader, type LogEvent } from "@kadvise/strace";
import { LogLinter } from "../lint/lint.ts";
import type { LogFacts } from "../record/logFacts.ts";
import { Assumptions, type AssumptionName } from "./assumptions.ts";
import { Judge } from "./judge.ts";
import { ReportBuilder, type CheckReport } from "./report.ts";

/** How logs are judged. */
export interface CheckOptions {
  readonly kernel: string;
  readonly settings?: Partial<Settings>;
  readonly assumptionsOff?: readonly AssumptionName[];
  readonly policies?: () => readonly Policy[];
  readonly maxFindings?: number;
  /** Report every judged result, not only deviations. */
  readonly all?: boolean;
  /** Look for calls that are suspicious whatever Linux answers. */
  readonly lint?: boolean;
}

/**
 * Settings that a judge takes as usual unless told: they are limits, or do not change any answer.
 */
export const TAKEN_AS_USUAL: Partial<Settings> = {
  pageShift: 12,
  userBits: 47,
  maxMapCount: 65530,
  pidMax: 4_194_304,
  commitPages: Number.POSITIVE_INFINITY,
  commitLimitPages: Number.POSITIVE_INFINITY,
  committedPages: 0,
  adminReservePages: 2048,
  userReservePages: 32_768,
  overcommit: 0,
  lsmMmapMinAddr: 65536,
  softDirty: false,
  adviseSyscalls: true,
  multiGenLru: false,
  suidDumpable: 0,
  ptraceScope: 0,
  thpEnabled: "madvise",
  swap: true,
};

/** Whether nobody said if the kernel has Yama, and with which scope. */
export function isYamaOpen({
  settings,
  policies,
}: Pick<CheckOptions, "settings" | "policies">): boolean {
  return settings?.ptraceScope === undefined && policies === undefined;
}

/** Judges logs one after the other, as streams of text. */
export class Checker {
  readonly profile: Profile;
  private readonly options: CheckOptions;
  private readonly report: ReportBuilder;

  constructor(options: CheckOptions) {
    this.options = options;
    this.profile = resolveProfile(options.kernel, {
      settings: { ...TAKEN_AS_USUAL, ...options.settings },
    });
    this.report = new ReportBuilder({
      ...(options.maxFindings === undefined ? {} : { maxFindings: options.maxFindings }),
      ...(options.all === undefined ? {} : { all: options.all }),
      ...(options.lint === undefined ? {} : { lint: options.lint }),
    });
  }

  /**
   * Begins a log; feed it text in pieces of any size. `facts` is what was kept beside it when it was
   * recorded.
   */
  log(file: string, facts?: LogFacts): LogCheck {
    const builder = this.report.log(file);
    const judge = new Judge(
      {
        profile: this.profile,
        assumptionsOff: this.options.assumptionsOff ?? [],
        isYamaOpen: isYamaOpen(this.options),
        ...(this.options.policies === undefined ? {} : { policies: this.options.policies }),
        ...(facts?.programs === undefined ? {} : { programs: facts.programs }),
      },
      builder,
      facts?.execs,
    );
    const reader = new LogReader();
    const linter = this.options.lint === true ? new LogLinter() : undefined;
    const take = (events: readonly LogEvent[]): void => {
      for (const finding of linter?.push(events) ?? []) this.report.keepLint(file, finding);
      judge.push(events);
    };
    return {
      push: (text) => {
        // Bit by bit: what is read and not yet judged takes twenty times the room of its text.
        for (let from = 0; from < text.length; from += PIECE)
          take(reader.push(text.slice(from, from + PIECE)));
      },
      end: () => {
        take(reader.end());
        judge.end();
        builder.finish();
      },
    };
  }

  finish(): CheckReport {
    const assumptions = new Assumptions(this.options.assumptionsOff ?? []).texts;
    return this.report.finish(this.profile.name, this.profile.asked, assumptions);
  }
}

/** So many characters are read before they are judged. */
const PIECE = 8192;

/** One log under judgement. */
export interface LogCheck {
  push(text: string): void;
  end(): void;
}
