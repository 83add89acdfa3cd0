import type { Outcome } from "@kadvise/syscalls";
import type { RangeVerdict } from "./rangeVerdict.ts";

/** Where a caller goes on after a call that did not do all. */
export interface Resume {
  /** The element of the vector that was passed, and the bytes to leave out at its beginning. */
  readonly element: number;
  readonly offset: number;
  readonly address?: string;
  /** Bytes that the call counts, and bytes of mapped memory that it advised and does not count. */
  readonly countedBytes: number;
  readonly uncountedBytes: number;
  readonly text: string;
}

/** Where to go on; undefined where everything that was asked for was done. */
export function resumeAfter(ranges: readonly RangeVerdict[], outcome: Outcome): Resume | undefined {
  const counted = outcome.ok ? outcome.value : 0;
  const stopped = ranges.find(({ by }) => by !== undefined);
  if (stopped !== undefined) return resumeBehind(stopped, ranges, counted);
  if (!outcome.ok) return undefined;
  const cut = ranges.find(({ length, counted: bytes }) => bytes < length);
  if (cut === undefined) return undefined;
  return {
    element: cut.index,
    offset: cut.counted,
    address: `0x${(BigInt(cut.base) + BigInt(cut.counted)).toString(16)}`,
    countedBytes: counted,
    uncountedBytes: 0,
    text: "one call handles at most MAX_RW_COUNT bytes: pass the rest in another",
  };
}

function resumeBehind(
  stopped: RangeVerdict,
  ranges: readonly RangeVerdict[],
  countedBytes: number,
): Resume {
  const pageBytes = pageBytesOf(stopped);
  const before = ranges
    .filter(({ index, outcome }) => index < stopped.index && outcome === "done")
    .reduce((sum, { counted }) => sum + counted, 0);
  const advised = stopped.parts
    .filter(({ outcome }) => outcome === "advised")
    .reduce((sum, { pages }) => sum + pages * pageBytes, 0);
  const uncountedBytes = before + advised - countedBytes;
  const refused = stopped.parts.find(({ outcome }) => outcome === "refused");
  const isHole = stopped.by?.id === "madvise/hole";
  const base = BigInt(stopped.base);
  const offset = refused === undefined ? 0 : Number(BigInt(refused.end) - base);
  const common = { countedBytes, uncountedBytes };
  if (isHole) {
    return {
      ...{ element: stopped.index + 1, offset: 0, ...common },
      text: `a hole stops nothing: everything mapped in element ${stopped.index} was advised`,
    };
  }
  if (refused === undefined || offset >= stopped.length) {
    return {
      ...{ element: stopped.index + 1, offset: 0, ...common },
      text: `leave ${refused === undefined ? "out" : "the end of"} element ${stopped.index}${refused === undefined ? "" : " out"}`,
    };
  }
  return {
    ...{ element: stopped.index, offset, address: refused.end, ...common },
    text: `leave ${refused.start}-${refused.end} out`,
  };
}

function pageBytesOf({ parts }: RangeVerdict): number {
  const [first] = parts;
  if (first === undefined || first.pages === 0) return 0;
  return Number(BigInt(first.end) - BigInt(first.start)) / first.pages;
}
