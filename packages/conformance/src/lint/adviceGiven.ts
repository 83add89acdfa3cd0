import { integerOf, type CallEvent, type Value } from "@kadvise/strace";
import { constant } from "../notation/constants.ts";

/** What a call of madvise or process_madvise asks for, as far as the log shows it. */
export interface AdviceGiven {
  readonly advice: number;
  readonly pidfd?: number;
  readonly vlen?: number;
  /** The ranges, where the log shows all of them. */
  readonly ranges?: readonly Range[];
}

export interface Range {
  readonly base: bigint;
  readonly length: bigint;
}

/** The advice of a call; undefined for another call, and for one whose advice is not shown. */
export function adviceGiven({ name, args }: CallEvent): AdviceGiven | undefined {
  if (name !== "madvise" && name !== "process_madvise") return undefined;
  const isOwn = name === "madvise";
  const advice = numberOf(args[isOwn ? 2 : 3]?.value);
  if (advice === undefined) return undefined;
  // The register's 32 bits.
  const known = { advice: Number(BigInt.asIntN(32, advice)) };
  if (isOwn) return known;
  const [pidfd, vlen] = [numberOf(args[0]?.value), numberOf(args[2]?.value)];
  const ranges = rangesOf(args[1]?.value);
  return {
    ...known,
    ...(pidfd === undefined ? {} : { pidfd: Number(BigInt.asIntN(32, pidfd)) }),
    ...(vlen === undefined ? {} : { vlen: Number(vlen) }),
    ...(ranges === undefined ? {} : { ranges }),
  };
}

/** The number that an argument stands for. */
export function numberOf(value: Value | undefined): bigint | undefined {
  const number = value === undefined ? undefined : integerOf(value, constant);
  return number === undefined ? undefined : BigInt(number);
}

function rangesOf(value: Value | undefined): readonly Range[] | undefined {
  if (value?.kind !== "array" || value.cut) return undefined;
  const ranges = value.items.map(rangeOf);
  return ranges.includes(undefined) ? undefined : (ranges as readonly Range[]);
}

function rangeOf(value: Value): Range | undefined {
  if (value.kind !== "struct") return undefined;
  const field = (name: string): bigint | undefined =>
    numberOf(value.fields.find((one) => one.name === name)?.value);
  const [base, length] = [field("iov_base"), field("iov_len")];
  return base === undefined || length === undefined ? undefined : { base, length };
}
