import { Unknown } from "@kadvise/ports";
import type { Range } from "@kadvise/syscalls";
import { adviceName } from "@kadvise/uapi";
import { adviceOf } from "./askedRanges.ts";
import type { CallAtHand } from "./callAtHand.ts";
import { partsWithin } from "./rangeVerdict.ts";
import { targetOf } from "./targetOf.ts";

/** The ranges of a vector without what refuses the advice. */
export interface SoundRanges {
  readonly ranges: readonly Range[];
  /** What is left out, in words. */
  readonly leftOut: string;
}

/** So many stretches are tried one by one. */
const MOST_STRETCHES = 2048;
/** So many stretches are named. */
const MOST_NAMED = 3;

/**
 * What of a vector may be advised: every area's part is tried on its own, with the caller as it
 * would have to be. Undefined where nothing is to be left out, or nothing remains.
 */
export function soundRanges(at: CallAtHand): SoundRanges | undefined {
  const { task, args } = at;
  const mm = targetOf(task, args[0])?.mm;
  if (mm === undefined) return undefined;
  const { pageBytes } = task.machine.memory;
  const advice = adviceOf(args[3]);
  const ranges: { base: number; length: number }[] = [];
  let tried = 0;
  const left: string[] = [];
  for (const { base, length } of args[1] as readonly Range[]) {
    const start = BigInt.asUintN(64, BigInt(base));
    const end = start + BigInt.asUintN(64, BigInt(length));
    if (start % BigInt(pageBytes) !== 0n || end > 2n ** 63n) {
      left.push(`0x${start.toString(16)}`);
      continue;
    }
    const first = Number(start / BigInt(pageBytes));
    const last = Math.ceil(Number(end) / pageBytes);
    for (const part of partsWithin(mm, first, last)) {
      if (++tried > MOST_STRETCHES) return undefined;
      const from = part.start * pageBytes;
      const to = Math.min(part.end * pageBytes, Number(end));
      const isSound = part.area !== undefined && isAdvisable(at, from, to - from, advice);
      const last = ranges.at(-1);
      if (!isSound) left.push(`0x${from.toString(16)}-0x${to.toString(16)}`);
      else if (last !== undefined && last.base + last.length === from) last.length += to - from;
      else ranges.push({ base: from, length: to - from });
    }
  }
  if (left.length === 0 || ranges.length === 0 || ranges.length > 1024) return undefined;
  const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : "";
  return { ranges, leftOut: `${left.slice(0, MOST_NAMED).join(", ")}${more}` };
}

function isAdvisable({ task, args }: CallAtHand, base: number, length: number, advice: number) {
  const mm = targetOf(task, args[0])?.mm;
  if (mm === undefined || adviceName(advice) === undefined) return false;
  const { journal } = task.machine.ports;
  const { pageBytes } = task.machine.memory;
  try {
    return journal.attempt(
      () =>
        mm.advise(base / pageBytes, Math.ceil(length / pageBytes), advice, task.actor).ok === true,
    );
  } catch (error) {
    if (error instanceof Unknown) return false;
    throw error;
  }
}
