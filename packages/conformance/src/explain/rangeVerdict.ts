import type { AddressSpace, SkipReason } from "@kadvise/mm-core";
import { mapsLine } from "@kadvise/mm-core";
import type { ErrnoName, Refusal } from "@kadvise/uapi";

/** A stretch of a range: one area's part of it, or a hole. Addresses are hex strings. */
export interface RangePart {
  readonly start: string;
  readonly end: string;
  readonly pages: number;
  /** The area as maps has it, without its addresses; absent for a hole. */
  readonly area?: string;
  readonly outcome: "advised" | "refused" | "hole" | "not-reached";
}

/** What an advice did with pages, as far as it can be told. */
export interface PageTally {
  readonly considered: number;
  readonly acted: number;
  readonly skipped: { readonly [reason in SkipReason]?: number };
}

/** What became of one range of a call. Plain and JSON-safe. */
export interface RangeVerdict {
  readonly index: number;
  readonly base: string;
  /** Bytes that the caller asked for; and those that the call counts for it, done or not. */
  readonly length: number;
  readonly counted: number;
  /** Pages that the counted bytes touch: a rest counts as a page. */
  readonly pages: number;
  /**
   * `done`: advised completely. `partly`: something of it was advised, then an area refused or a
   * hole was met. `refused`: nothing of it was advised. `not-reached`: an earlier check or range had
   * spoken. `empty`: no length. `beyond-limit`: MAX_RW_COUNT left nothing of it. `skipped`: the
   * target is dying, so nothing was done and the bytes were counted all the same.
   */
  readonly outcome:
    "done" | "partly" | "refused" | "not-reached" | "empty" | "beyond-limit" | "skipped";
  /** The refusal that ended it, and the address that it names. */
  readonly by?: { readonly id: string; readonly code: ErrnoName; readonly text: string };
  readonly at?: string;
  readonly parts: readonly RangePart[];
  /** Absent where nobody can tell which pages were there, or where the advice is not about pages. */
  readonly tally?: PageTally;
}

/** A range before the call, with the areas in it. */
export interface RangeBefore {
  readonly index: number;
  /** Where it begins: a page, and the bytes by which it misses it. */
  readonly page: number;
  readonly offset: number;
  readonly length: number;
  readonly counted: number;
  readonly parts: readonly PartBefore[];
}

interface PartBefore {
  readonly start: number;
  readonly end: number;
  readonly area: string | undefined;
}

/** So many stretches of a range are told. */
const MOST_PARTS = 2000;

/** The areas and holes between two pages. */
export function partsWithin(mm: AddressSpace, start: number, end: number): readonly PartBefore[] {
  const { areas } = mm;
  const parts: PartBefore[] = [];
  let from = start;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end && parts.length < MOST_PARTS;
    area = areas.next(area)
  ) {
    if (areas.start[area] > from)
      parts.push({ start: from, end: areas.start[area], area: undefined });
    const to = Math.min(end, areas.end[area]);
    const line = mapsLine(mm, area);
    const text = line.slice(line.indexOf(" ") + 1).replace(/ {2,}/, " ");
    parts.push({ start: Math.max(from, areas.start[area]), end: to, area: text.trim() });
    from = to;
  }
  if (from < end && parts.length < MOST_PARTS) parts.push({ start: from, end, area: undefined });
  return parts;
}

/** How far a call came with a range. */
export interface RangeProgress {
  readonly outcome: "tried" | "not-reached" | "skipped";
  readonly refusal?: Refusal | undefined;
  readonly tally?: PageTally | undefined;
  /** Whether the release looks at the whole range for seals before it advises anything. */
  readonly sealsFirst: boolean;
}

/** What became of a range. */
export function rangeVerdict(
  before: RangeBefore,
  progress: RangeProgress,
  pageBytes: number,
): RangeVerdict {
  const { index, length, counted } = before;
  const { refusal } = progress;
  const at = refusal === undefined ? undefined : addressOf(refusal);
  const stop = stopPage(progress, at, pageBytes);
  const parts = before.parts.map((part) => partOutcome(part, progress, stop, pageBytes));
  const outcome = outcomeOf(before, progress, parts);
  return {
    index,
    base: hex(before.page * pageBytes + before.offset),
    length,
    counted,
    pages: Math.ceil(counted / pageBytes),
    outcome,
    ...(refusal === undefined
      ? {}
      : { by: { id: refusal.reason.id, code: refusal.code, text: refusal.reason.text } }),
    ...(at === undefined ? {} : { at: hex(at) }),
    parts,
    ...(progress.tally === undefined || outcome === "not-reached" ? {} : { tally: progress.tally }),
  };
}

/** The page at which the walk stopped: everything mapped below it was advised. */
function stopPage(
  { outcome, refusal, sealsFirst }: RangeProgress,
  at: number | undefined,
  pageBytes: number,
): number {
  if (outcome !== "tried") return 0;
  // A hole stops nothing: the walk goes on, and the answer comes in the end.
  if (refusal === undefined || refusal.reason.id === "madvise/hole") return Infinity;
  if (refusal.reason.id === "madvise/sealed" && sealsFirst) return 0;
  return at === undefined || !FROM_AN_AREA.test(refusal.reason.id) ? 0 : at / pageBytes;
}

/** Refusals that an area gave: what lies below it was advised before. */
const FROM_AN_AREA =
  /^madvise\/(?!unknown-advice|unaligned-start|length-wraps|range-wraps|inject-not-permitted)/;

function partOutcome(
  { start, end, area }: PartBefore,
  progress: RangeProgress,
  stop: number,
  pageBytes: number,
): RangePart {
  const isAdvised = progress.outcome === "tried" && end <= stop;
  const isRefused = progress.refusal !== undefined && start <= stop && stop < end;
  const reached = isAdvised ? "advised" : isRefused ? "refused" : "not-reached";
  return {
    start: hex(start * pageBytes),
    end: hex(end * pageBytes),
    pages: end - start,
    ...(area === undefined ? {} : { area }),
    outcome: area === undefined && reached !== "not-reached" ? "hole" : reached,
  };
}

function outcomeOf(
  { length, counted }: RangeBefore,
  { outcome, refusal }: RangeProgress,
  parts: readonly RangePart[],
): RangeVerdict["outcome"] {
  if (outcome === "skipped") return "skipped";
  if (refusal !== undefined)
    return parts.some((part) => part.outcome === "advised") ? "partly" : "refused";
  if (length === 0) return "empty";
  if (outcome === "not-reached") return counted === 0 ? "beyond-limit" : "not-reached";
  return "done";
}

function addressOf({ reason }: Refusal): number | undefined {
  const { address } = reason.compared;
  return typeof address === "string" && address.startsWith("0x") ? Number(address) : undefined;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
