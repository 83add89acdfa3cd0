import { adviceName, type Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "@kadvise/mm-core";
import type { CheckReport } from "@kadvise/ports";
import type { Outcome, Task } from "@kadvise/syscalls";
import {
  rangeVerdict,
  type PageTally,
  type RangeBefore,
  type RangeProgress,
  type RangeVerdict,
} from "./rangeVerdict.ts";

/** The first check that is made of each range. Linux: mm/madvise.c madvise_behavior_valid */
const FIRST_OF_A_RANGE = "madvise/unknown-advice";
/** Advice of which the model counts the pages. */
const COUNTED: ReadonlySet<string> = new Set(["MADV_COLD", "MADV_PAGEOUT", "MADV_FREE"]);

/** A check, and which of the ranges that were tried it was about. */
export interface WatchedCheck extends CheckReport {
  readonly tried?: number;
}

/**
 * Watches one madvise or process_madvise while it runs: which checks were made for which range, and
 * what was done with its pages.
 */
export class RangeWatch {
  readonly checks: WatchedCheck[] = [];
  /** How many ranges were tried. */
  tried = 0;
  private readonly task: Task;
  private readonly tallies: PageTally[] = [];

  constructor(task: Task) {
    this.task = task;
  }

  /** Runs an action and keeps what it checks. */
  run<T>(action: () => T): T {
    const { checks } = this.task.machine.ports;
    const { tally } = this.task.machine.memory;
    const outer = checks.listener;
    tally.clear();
    checks.listener = (check) => {
      if (check.id === FIRST_OF_A_RANGE) {
        if (this.tried > 0) this.closeTally();
        this.tried++;
      }
      this.checks.push(this.tried === 0 ? check : { ...check, tried: this.tried - 1 });
    };
    try {
      return action();
    } finally {
      checks.listener = outer;
      if (this.tried > 0) this.closeTally();
    }
  }

  /** What became of each range. */
  verdicts(
    ranges: readonly RangeBefore[],
    { outcome, advice, mm }: { outcome: Outcome; advice: number; mm: AddressSpace | undefined },
  ): RangeVerdict[] {
    const { machine } = this.task;
    const stopped: Refusal | undefined = outcome.ok ? outcome.stopped : outcome;
    const sealsFirst = machine.memory.features.seals === "whole-range";
    const isCounted = COUNTED.has(adviceName(advice) ?? "") && mm?.touchedUnseen === false;
    const tried = this.triedOf(ranges);
    const skips = outcome.ok && this.tried === 0;
    return ranges.map((before) => {
      const n = tried.indexOf(before.index);
      const progress: RangeProgress = {
        outcome: n >= 0 ? "tried" : skips && before.counted > 0 ? "skipped" : "not-reached",
        refusal: n >= 0 && n === tried.length - 1 ? stopped : undefined,
        tally: isCounted && n >= 0 ? this.tallies[n] : undefined,
        sealsFirst,
      };
      return rangeVerdict(before, progress, machine.memory.pageBytes);
    });
  }

  /** The numbers, in the vector, of the ranges that were tried: empty ones are passed over. */
  triedOf(ranges: readonly RangeBefore[]): readonly number[] {
    const { zeroLengthSegments } = this.task.machine.profile.processMadvise;
    return ranges
      .filter(({ counted, index }) => {
        return counted > 0 || index === 0 || zeroLengthSegments !== "leading";
      })
      .slice(0, this.tried)
      .map(({ index }) => index);
  }

  private closeTally(): void {
    const { tally } = this.task.machine.memory;
    this.tallies.push(tally.read());
    tally.clear();
  }
}
