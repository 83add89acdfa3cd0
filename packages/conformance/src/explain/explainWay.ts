import { Unknown } from "@kadvise/ports";
import { formatResult } from "@kadvise/strace";
import type { Outcome } from "@kadvise/syscalls";
import type { Turn } from "@kadvise/security";
import type { ErrnoName, Refusal } from "@kadvise/uapi";
import { resultOf } from "../notation/print.ts";
import { adviceOf, importedRanges, namedRanges, ownRange } from "./askedRanges.ts";
import { picturedAreas, type Picture, type PicturedArea } from "./areaPicture.ts";
import type { CallAtHand } from "./callAtHand.ts";
import { RangeWatch } from "./rangeWatch.ts";
import type { RangeBefore, RangeVerdict } from "./rangeVerdict.ts";
import { resumeAfter, type Resume } from "./resume.ts";
import { reasonsBehind, rungOf, unreached, type Rung } from "./rung.ts";
import { targetOf } from "./targetOf.ts";
import { turnsFor } from "./turnsFor.ts";
import { behind, wholeOrder } from "./wholeOrder.ts";

/** The refusal that is an answer, or that a short count hides. */
export interface RefusalExplained {
  readonly id: string;
  readonly code: ErrnoName;
  readonly text: string;
  /** `call`: before any range was looked at. `range`: a range gave it. */
  readonly from: "call" | "range";
  readonly isHiddenByCount: boolean;
}

/** What a call answers in one way of things, and why. Plain and JSON-safe. */
export interface WayExplained {
  /** In strace's notation; `?` where a check would have had to know what nobody stated. */
  readonly result: string;
  /** What it would have had to know: the checks are those before. */
  readonly open?: { readonly id: string; readonly fact: string };
  readonly refusal?: RefusalExplained;
  readonly checks: readonly Rung[];
  readonly ranges?: readonly RangeVerdict[];
  readonly resume?: Resume;
  /** The smallest changes that turn the refusal: each set suffices, and nothing less of it does. */
  readonly turns: readonly (readonly Turn[])[];
  /** The areas that the ranges lie in, with their neighbours. */
  readonly picture?: Picture;
}

/** Explains a call in one way of things; nothing has changed afterwards. */
export function explainWay(at: CallAtHand): WayExplained {
  const { task, call } = at;
  const { journal } = task.machine.ports;
  const watch = new RangeWatch(task);
  let after: readonly PicturedArea[] | undefined;
  let outcome: Outcome;
  try {
    outcome = journal.attempt(() => {
      at.begin();
      const answer = watch.run(() => at.run());
      after = pictured(at);
      return answer;
    });
  } catch (unknown) {
    if (!(unknown instanceof Unknown)) throw unknown;
    return openWay(unknown, watch);
  }
  const before = pictured(at);
  const refusal = outcome.ok ? outcome.stopped : outcome;
  const ranges = hasRanges(at) ? rangesOf(at, watch, refusal) : undefined;
  const tried = ranges === undefined ? [] : watch.triedOf(ranges);
  const reasons = reasonsBehind(refusal);
  const checks = watch.checks.map((check) =>
    rungOf(check, reasons, check.tried === undefined ? undefined : tried[check.tried]),
  );
  const verdicts =
    ranges === undefined ? undefined : watch.verdicts(ranges, { outcome, ...advised(at) });
  const resume = verdicts === undefined ? undefined : resumeAfter(verdicts, outcome);
  return {
    result: formatResult(resultOf(call, outcome)),
    ...(refusal === undefined ? {} : { refusal: refusalOf(refusal, outcome, watch) }),
    checks: refusal === undefined ? checks : [...checks, ...notReached(at, checks)],
    ...(verdicts === undefined ? {} : { ranges: verdicts }),
    ...(resume === undefined ? {} : { resume }),
    turns: refusal === undefined ? [] : turnsFor(at),
    ...(before === undefined || after === undefined ? {} : { picture: { before, after } }),
  };
}

/** A check had to know what nobody stated: what was checked before is told. */
function openWay({ question: id, fact }: Unknown, watch: RangeWatch): WayExplained {
  const checks = watch.checks.map((check) => rungOf(check, [], check.tried));
  return { result: "?", open: { id, fact }, checks, turns: [] };
}

/** The areas that the ranges of a call lie in, as they are now. */
function pictured(at: CallAtHand): readonly PicturedArea[] | undefined {
  if (!hasRanges(at)) return undefined;
  const { task, call, args } = at;
  const { mm } = advised(at);
  if (mm === undefined) return undefined;
  const named =
    call.name === "madvise"
      ? [ownRange(task, undefined, addressOf(args[0]), addressOf(args[1]))]
      : namedRanges(task, undefined, args[1]);
  if (named.length === 0) return undefined;
  const { pageBytes } = mm.memory;
  const start = Math.min(...named.map(({ page }) => page));
  const end = Math.max(...named.map(({ page, length }) => page + Math.ceil(length / pageBytes)));
  return picturedAreas(mm, start, end);
}

function refusalOf(refusal: Refusal, outcome: Outcome, watch: RangeWatch): RefusalExplained {
  const { id, text } = refusal.reason;
  const from = watch.tried > 0 ? "range" : "call";
  return { id, code: refusal.code, text, from, isHiddenByCount: outcome.ok };
}

function hasRanges({ call }: CallAtHand): boolean {
  return call.name === "madvise" || call.name === "process_madvise";
}

function notReached(at: CallAtHand, checks: readonly Rung[]): Rung[] {
  const { call, task } = at;
  if (call.name !== "madvise" && call.name !== "process_madvise") return [];
  const whose = advised(at).mm === task.mm ? "own" : "other";
  const order = wholeOrder(task.machine.profile, call.name, whose);
  return behind(order, new Set(checks.map(({ id }) => id))).map(unreached);
}

/** Whose memory is advised, and how. */
function advised({ task, call, args }: CallAtHand): {
  readonly mm: NonNullable<typeof task.mm> | undefined;
  readonly advice: number;
} {
  return call.name === "process_madvise"
    ? { mm: targetOf(task, args[0])?.mm, advice: adviceOf(args[3]) }
    : { mm: task.mm, advice: adviceOf(args[2]) };
}

/** Refusals that come before the vector is copied. */
const NOT_IMPORTED = /^(iovec|seccomp|syscall)\/|^process_madvise\/flags$/;

function rangesOf(
  at: CallAtHand,
  watch: RangeWatch,
  refusal: Refusal | undefined,
): readonly RangeBefore[] {
  const { task, call, args } = at;
  const { mm } = advised(at);
  if (call.name === "madvise") return [ownRange(task, mm, addressOf(args[0]), addressOf(args[1]))];
  const wasImported = watch.tried > 0 || !NOT_IMPORTED.test(refusal?.reason.id ?? "");
  return wasImported ? importedRanges(task, mm) : namedRanges(task, mm, args[1]);
}

function addressOf(argument: CallAtHand["args"][number] | undefined): number | bigint {
  return typeof argument === "number" || typeof argument === "bigint" ? argument : 0;
}
