import type { AdviceLabel, FeaturePatch } from "./features.ts";

/** One dated change of behaviour. */
export interface Change {
  /** Stable id: what `+id` and `-id` name, and what `kadvise diff` prints. */
  readonly id: string;
  /** What changed, in one line. */
  readonly subject: string;
  /**
   * The first mainline release that has it, as `X.Y`; an `X.Y.Z` where no more is known than the
   * first point release that was seen with it.
   */
  readonly mainline: string;
  /**
   * The last release that was seen without it, where releases lie between this one and
   * {@link mainline}: nobody knows whether those have it. An `X.Y` stands for the whole line.
   */
  readonly lastWithout?: string;
  /**
   * Older lines that got it, with the first point release that has it; where only a bracket is
   * known, the last that was seen without it and the first that was seen with it.
   */
  readonly stable?: {
    readonly [line: string]: number | readonly [lastWithout: number, firstWith: number];
  };
  /** Where the fact comes from: commit, file and function, or the kernels that were asked. */
  readonly source: string;
  /**
   * What the model lacks of it, where it does not carry it out: the change turns no switch, and its
   * profiles answer alike.
   */
  readonly notModelled?: string;
  /** The switches that it turns. */
  readonly set?: FeaturePatch;
  /** Advice that madvise learns. */
  readonly addsAdvice?: readonly AdviceLabel[];
  /** Advice that process_madvise may give to others from here on, in addition. */
  readonly addsRemoteAdvice?: readonly AdviceLabel[];
  /** Calls that the kernel learns. */
  readonly addsCalls?: readonly string[];
}
