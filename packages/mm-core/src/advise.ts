import { MADV, type Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { collapse } from "./advice/collapse.ts";
import { cold } from "./advice/cold.ts";
import { dontneed, dontneedLocked } from "./advice/dontneed.ts";
import { changeFlags } from "./advice/flagAdvice.ts";
import { free } from "./advice/free.ts";
import { guardInstall, guardRemove } from "./advice/guard.ts";
import { inject } from "./advice/inject.ts";
import { pageout } from "./advice/pageout.ts";
import { populateAdvice } from "./advice/populateAdvice.ts";
import { remove } from "./advice/remove.ts";
import { willneed } from "./advice/willneed.ts";
import { VM_SEALED, VM_SHARED, VM_UNSTATED, VM_WRITE } from "./flags.ts";
import { keyAllows } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";

/**
 * What an advice does to one area's part of the range. Returns a refusal, the page up to which it
 * worked (an area may have merged with what follows), or undefined for the whole part.
 */
export type AdviceAction = (
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
  actor: Actor,
  advice: number,
) => Refusal | undefined;

const ACTIONS: readonly (AdviceAction | undefined)[] = actions();

function actions(): (AdviceAction | undefined)[] {
  const table: (AdviceAction | undefined)[] = [];
  table[MADV.MADV_WILLNEED] = willneed;
  table[MADV.MADV_DONTNEED] = dontneed;
  table[MADV.MADV_DONTNEED_LOCKED] = dontneedLocked;
  table[MADV.MADV_FREE] = free;
  table[MADV.MADV_REMOVE] = remove;
  table[MADV.MADV_COLD] = cold;
  table[MADV.MADV_PAGEOUT] = pageout;
  table[MADV.MADV_COLLAPSE] = collapse;
  table[MADV.MADV_GUARD_INSTALL] = guardInstall;
  table[MADV.MADV_GUARD_REMOVE] = guardRemove;
  return table;
}

/**
 * Gives an advice for [start, end). Linux: mm/madvise.c do_madvise, madvise_walk_vmas
 *
 * Every area of the range is advised in address order. A hole makes the answer ENOMEM in the end,
 * but stops nothing; an area that refuses stops the walk, and its answer replaces ENOMEM. What was
 * done stays done.
 */
export function adviseRange(
  mm: AddressSpace,
  start: number,
  end: number,
  advice: number,
  actor: Actor,
): Refusal | undefined {
  if (start === end) return undefined;
  if (!isUnderAreaLock(mm, start, end, advice)) mm.memory.work.mmapLocks++;
  unveil(mm, start, end, "madvise");
  if (advice === MADV.MADV_HWPOISON || advice === MADV.MADV_SOFT_OFFLINE)
    return inject(mm, start, end, advice, actor);
  if (advice === MADV.MADV_POPULATE_READ || advice === MADV.MADV_POPULATE_WRITE) {
    return populateAdvice(mm, start, end, advice, actor);
  }
  if (mm.memory.features.seals === "whole-range") {
    const sealed = sealedWithin(mm, start, end, advice, actor);
    if (sealed !== undefined) return sealed;
  }

  const { areas } = mm;
  const action = ACTIONS[advice] ?? changeFlags;
  const eachSeal = mm.memory.features.seals === "each-area";
  let hole = -1;
  let from = start;
  for (let area = areas.find(start); ; area = areas.find(from)) {
    if (area < 0) return refuseHole(mm, from);
    const areaStart = areas.start[area];
    if (areaStart > from) {
      if (hole < 0) hole = from;
      if (areaStart >= end) return refuseHole(mm, hole);
      from = areaStart;
    }
    const areaEnd = areas.end[area];
    const to = areaEnd < end ? areaEnd : end;
    if (eachSeal && (areas.flags[area] & VM_SEALED) !== 0) {
      const refusal = refuseSealed(mm, area, advice, actor);
      if (refusal !== undefined) return refusal;
    }
    if ((areas.flags[area] & VM_UNSTATED) !== 0) stateKind(mm, from, to, advice);
    const refusal = action(mm, area, from, to, actor, advice);
    if (refusal !== undefined) return refusal;
    from = to;
    if (from >= end) break;
  }
  return hole < 0 ? undefined : refuseHole(mm, hole);
}

/**
 * Whether the range's own area is locked instead of the whole address space. Linux: mm/madvise.c
 * try_vma_read_lock
 */
function isUnderAreaLock(mm: AddressSpace, start: number, end: number, advice: number): boolean {
  if (mm.memory.features.dropLock === "mmap") return false;
  const drops =
    advice === MADV.MADV_DONTNEED ||
    advice === MADV.MADV_DONTNEED_LOCKED ||
    advice === MADV.MADV_FREE;
  if (!drops) return false;
  const area = mm.areas.at(start);
  return area >= 0 && end <= mm.areas.end[area];
}

/**
 * Advice that gives the same answer on every area that exec makes, vdso and vvar included: the
 * flags it changes are not set there, or it changes none.
 */
const KIND_DOES_NOT_MATTER: ReadonlySet<number> = new Set([
  MADV.MADV_NORMAL,
  MADV.MADV_WILLNEED,
  MADV.MADV_MERGEABLE,
  MADV.MADV_UNMERGEABLE,
  MADV.MADV_KEEPONFORK,
]);

/**
 * An area that was there before anybody watched may be anything; some advice cannot be answered
 * without knowing.
 */
export function stateKind(mm: AddressSpace, start: number, end: number, advice: number): void {
  if (KIND_DOES_NOT_MATTER.has(advice)) return;
  const { pageBytes, ports } = mm.memory;
  ports.choices.choose<"ordinary">({
    id: "mm/unstated-area-kind",
    usual: "ordinary",
    allows: (answer) => answer === "ordinary",
    describe: () => `what kind of memory lies at 0x${(start * pageBytes).toString(16)}`,
    pages: { start, end },
  });
}

function refuseHole(mm: AddressSpace, page: number): Refusal {
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, "madvise/hole", address);
}

/** Advice that throws contents away. Linux: mm/mseal.c is_madv_discard */
function discards(mm: AddressSpace, advice: number): boolean {
  switch (advice) {
    case MADV.MADV_FREE:
    case MADV.MADV_DONTNEED:
    case MADV.MADV_DONTNEED_LOCKED:
    case MADV.MADV_REMOVE:
    case MADV.MADV_DONTFORK:
    case MADV.MADV_WIPEONFORK:
      return true;
    case MADV.MADV_GUARD_INSTALL:
      return mm.memory.features.guards !== "none";
    default:
      return false;
  }
}

/**
 * A seal protects what cannot be written: private anonymous memory without the right to write, or
 * with a protection key that denies it. Linux: mm/mseal.c is_ro_anon
 */
function refuseSealed(
  mm: AddressSpace,
  area: number,
  advice: number,
  actor: Actor,
): Refusal | undefined {
  const flags = mm.areas.flags[area];
  if ((flags & (VM_SEALED | VM_SHARED)) !== VM_SEALED || mm.areas.backing[area] !== null)
    return undefined;
  if (!discards(mm, advice)) return undefined;
  if ((flags & VM_WRITE) !== 0 && keyLetsWrite(mm, area, actor)) return undefined;
  const address = `0x${(mm.areas.start[area] * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, "madvise/sealed", address);
}

/** A program changes its rights for a key without a call: a record does not show it. */
function keyLetsWrite(mm: AddressSpace, area: number, actor: Actor): boolean {
  if (!mm.touchedUnseen || mm.areas.keyOf(area) === 0) return keyAllows(mm, area, true, actor);
  return mm.memory.ports.choices.choose<boolean>({
    id: "mm/key-rights",
    usual: true,
    allows: () => true,
    describe: () =>
      `whether the program may write what has the protection key ${mm.areas.keyOf(area)}`,
    alternatives: [true, false],
  });
}

function sealedWithin(
  mm: AddressSpace,
  start: number,
  end: number,
  advice: number,
  actor: Actor,
): Refusal | undefined {
  const { areas } = mm;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.next(area)
  ) {
    const refusal = refuseSealed(mm, area, advice, actor);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}
