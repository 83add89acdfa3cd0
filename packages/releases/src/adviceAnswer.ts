import { ADVICE_TABLE } from "./adviceTable.generated.ts";
import type { AdviceLabel } from "./features.ts";
import { resolveVersion } from "./name.ts";
import { compareVersions, parseVersion, type Version } from "./version.ts";

/** One piece of advice, given in one way. */
export interface AdviceTableRow {
  readonly advice: AdviceLabel;
  /** The number of the generic ABI. */
  readonly number: number;
  /**
   * `madvise`: to oneself by madvise(2); `self` and `remote`: to oneself and to another process by
   * process_madvise(2).
   */
  readonly call: "madvise" | "self" | "remote";
  /** The entries by which it is so. */
  readonly architectures: readonly ("x86-64" | "i386" | "arm64")[];
  /** Oldest first; every release from 5.8 on, then the seed. */
  readonly kernels: readonly AdviceTableEntry[];
}

/** What neighbouring kernels say. */
export interface AdviceTableEntry {
  /** `5.10.24`, `6.13.0`, `seed`. */
  readonly from: string;
  /** The last of them; `6.12` is the newest point release of that line. */
  readonly to: string;
  /** `ok`, the name of an error, or `?` where it is open whether the kernel has a change. */
  readonly answer: string;
  /** Of a refusal: the id of its reason. */
  readonly reason?: string;
  /** Of a success: the memory that takes it, where private anonymous memory does not. */
  readonly area?: string;
  /** Of a success: the capabilities that it takes towards a process of the same user. */
  readonly needs?: readonly string[];
  /** Of a success: settings of the profile without which the answer is this error. */
  readonly without?: { readonly [setting: string]: string };
  /** For `?`: what it may be, and the changes that are open. */
  readonly open?: { readonly answers: readonly string[]; readonly changes: readonly string[] };
  /**
   * Whether none, some or all of them are like a real kernel that was asked: of x86-64, and of
   * i386's entry on it. arm64 was not checked on a real kernel.
   */
  readonly checked: "none" | "some" | "all";
}

/**
 * What a release says of a piece of advice, in memory that is fit for it, with the usual settings.
 *
 * `release` is `seed`, `X.Y` (the newest point release of the line) or `X.Y.Z`.
 *
 * @throws RangeError for a release or advice that the data does not have
 * @example
 * adviceAnswer("5.15", "MADV_WILLNEED", "remote").answer; // "ok"
 * adviceAnswer("5.14", "MADV_WILLNEED", "remote").answer; // "EINVAL"
 */
export function adviceAnswer(
  release: string,
  advice: AdviceLabel,
  call: AdviceTableRow["call"],
): AdviceTableEntry {
  const row = ADVICE_TABLE.find((one) => one.advice === advice && one.call === call);
  if (row === undefined) throw new RangeError(`the table has no advice "${advice}" by ${call}`);
  const found = row.kernels.find((entry) =>
    release === "seed" ? entry.from === "seed" : isWithin(resolveVersion(release), entry),
  );
  if (found === undefined) throw new RangeError(`the table has no release "${release}"`);
  return found;
}

function isWithin(version: Version, { from, to }: AdviceTableEntry): boolean {
  const [first, last] = [parseVersion(from), parseVersion(to)];
  if (first === undefined || last === undefined) return false;
  const line = last.point === undefined ? Number.POSITIVE_INFINITY : last.point;
  return (
    compareVersions(version, { ...first, point: first.point ?? 0 }) >= 0 &&
    compareVersions(version, { ...last, point: line }) <= 0
  );
}
