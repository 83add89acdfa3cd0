import type { AddressSpace } from "@kadvise/mm-core";
import { Unknown } from "@kadvise/ports";
import type { Task } from "@kadvise/syscalls";
import { MADV, maxRwCount, UIO_MAXIOV } from "@kadvise/uapi";
import type { PlannedCall } from "./callerProgram.ts";
import type { ProcessFacts } from "./processFacts.ts";

/** What of a target is to be advised. */
export type Choice =
  | { readonly kind: "all" | "anon" | "heap" }
  | { readonly kind: "ranges"; readonly ranges: readonly LiveRange[] };

/** A range of the target. */
export interface LiveRange {
  readonly base: number;
  readonly length: number;
}

/** A line of maps that should be left out, and why. */
export interface LeftOut {
  readonly line: string;
  readonly base: number;
  readonly length: number;
  readonly why: string;
  /** The reason with which Linux would answer; absent where the advice would do nothing. */
  readonly id?: string;
}

/** The calls to make, and what was left out before. */
export interface Plan {
  readonly calls: readonly PlannedCall[];
  readonly leftOut: readonly LeftOut[];
}

/** A line of maps beyond the user half: Linux prints it and lets nobody name it. */
const VSYSCALL = /^(ffffffffff[0-9a-f]+)-([0-9a-f]+) .*\[vsyscall\]$/m;

/** What becomes of an area if it is advised alone. */
export type AreaProbe = (
  base: number,
  length: number,
) => Omit<LeftOut, "line" | "base" | "length"> | undefined;

/**
 * Plans the calls: the areas that were chosen, without those that refuse the advice, in vectors of
 * at most 1024 ranges and MAX_RW_COUNT bytes. Ranges that were named are taken as they are.
 */
export function planCalls(
  target: ProcessFacts,
  choice: Choice,
  advice: number,
  probe: AreaProbe,
  pageBytes: number,
): Plan {
  const most = maxRwCount(Math.log2(pageBytes));
  if (choice.kind === "ranges") return { calls: chunked(choice.ranges, advice, most), leftOut: [] };
  const leftOut: LeftOut[] = [];
  const ranges: LiveRange[] = [];
  for (const area of target.areas ?? []) {
    if (!isChosen(area.name, area.permissions, choice.kind)) continue;
    const { start: base, end } = area;
    const length = end - base;
    const refused = probe(base, length);
    const line = `${base.toString(16)}-${end.toString(16)} ${area.permissions} ${area.name}`.trim();
    if (refused === undefined) ranges.push({ base, length });
    else leftOut.push({ line, base, length, ...refused });
  }
  const vsyscall = VSYSCALL.exec(target.maps ?? "");
  if (vsyscall !== null && choice.kind === "all") {
    const [line, start = "", end = ""] = vsyscall;
    leftOut.push({
      line: line.replace(/ +/g, " "),
      base: Number.parseInt(start, 16),
      length: Number(BigInt(`0x${end}`) - BigInt(`0x${start}`)),
      id: "iovec/beyond-user-space",
      why: "EFAULT for the whole vector: it lies beyond the user half",
    });
  }
  return { calls: chunked(joined(ranges), advice, most), leftOut };
}

function isChosen(name: string, permissions: string, kind: "all" | "anon" | "heap"): boolean {
  if (kind === "all") return true;
  if (kind === "heap") return name === "[heap]";
  const isOwn = name === "" || name === "[heap]" || name === "[stack]" || name.startsWith("[anon:");
  return isOwn && permissions.endsWith("p");
}

/** Areas that touch are one range: the walk passes from one to the next. */
function joined(ranges: readonly LiveRange[]): readonly LiveRange[] {
  const result: { base: number; length: number }[] = [];
  for (const { base, length } of ranges) {
    const last = result.at(-1);
    if (last !== undefined && last.base + last.length === base) last.length += length;
    else result.push({ base, length });
  }
  return result;
}

function chunked(ranges: readonly LiveRange[], advice: number, most: number): PlannedCall[] {
  const calls: PlannedCall[] = [];
  let present: LiveRange[] = [];
  let bytes = 0;
  const close = (): void => {
    if (present.length > 0) calls.push({ advice, ranges: present });
    present = [];
    bytes = 0;
  };
  for (const range of ranges) {
    let { base, length } = range;
    do {
      if (present.length === UIO_MAXIOV || bytes === most) close();
      const part = Math.min(length, most - bytes);
      present.push({ base, length: part });
      bytes += part;
      base += part;
      length -= part;
    } while (length > 0);
  }
  close();
  return calls;
}

/** Tries an area in the model: why it refuses an advice, or why the advice does nothing there. */
export function areaProbe(mm: AddressSpace, caller: Task, advice: number): AreaProbe {
  const { pageBytes, ports, tally } = mm.memory;
  // What no release knows no area refuses: the call itself does.
  if (!Object.values<number>(MADV).includes(advice)) return () => undefined;
  return (base, length) => {
    try {
      return ports.journal.attempt(() => {
        tally.clear();
        const answer = mm.advise(base / pageBytes, length / pageBytes, advice, caller.actor);
        if (!answer.ok)
          return { id: answer.reason.id, why: `${answer.code}: ${answer.reason.text}` };
        const { considered, skipped } = tally.read();
        const isUntouchable = considered > 0 && skipped["file-not-owned"] === considered;
        return isUntouchable
          ? { why: "nothing happens: a file that the caller neither owns nor may write" }
          : undefined;
      });
    } catch (error) {
      // What is open there, the prediction of the whole call says.
      if (error instanceof Unknown) return undefined;
      throw error;
    }
  };
}
