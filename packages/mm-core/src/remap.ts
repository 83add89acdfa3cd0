import { MREMAP, type Refusal, type Result, success } from "@kadvise/uapi";
import { mayExpand, mayLock } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import {
  VM_DONTEXPAND,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYSHARE,
  VM_PFNMAP,
  VM_SEALED,
  VM_SHARED,
} from "./flags.ts";
import { growInPlace } from "./growInPlace.ts";
import { hugePagesOf } from "./hugetlb/hugeSize.ts";
import { moveArea } from "./moveArea.ts";
import { reasons } from "./reasons.ts";
import { unmap } from "./unmap.ts";
import { askForForgotten, askForKind, unveil } from "./unveil.ts";

/** mremap's arguments behind the system call's own checks. */
export interface RemapRequest {
  readonly page: number;
  /** 0 asks for a second mapping of the same pages. */
  readonly oldPages: number;
  readonly newPages: number;
  /** MREMAP_* bits. */
  readonly flags: number;
  /** Where to: with MREMAP_FIXED at all events, with MREMAP_DONTUNMAP if it is free. */
  readonly target: number;
  /** Bytes by which the target misses its page. */
  readonly targetOffset?: number;
  /** The caller entered by the 32-bit gate. */
  readonly compat?: boolean;
}

/**
 * Moves or resizes what is mapped; returns its first page. Linux: mm/mremap.c do_mremap
 *
 * When Linux looks at the source, and when it empties the destination, differs by release: what a
 * refused call leaves behind differs with it.
 */
export function remap(mm: AddressSpace, request: RemapRequest, actor: Actor): Result<number> {
  const { features } = mm.memory;
  mm.memory.work.mmapLocks++;
  const order = features.mremap;
  const namesTarget = (request.flags & TO_TARGET) !== 0;
  if (order === "checks-first") {
    const refusal = tooLong(mm, request) ?? (namesTarget ? checkTarget(mm, request) : undefined);
    if (refusal !== undefined) return refusal;
  } else if (order === "target-first" && namesTarget) {
    const refusal = unaligned(mm, request) ?? tooManyAreas(mm);
    if (refusal !== undefined) return refusal;
  }
  learnSource(mm, request);
  const isFixed = (request.flags & MREMAP.MREMAP_FIXED) !== 0;
  if (features.mremapManyAreas && isFixed && request.oldPages === request.newPages)
    return moveAll(mm, request, actor);
  if (order === "unmaps-first")
    return namesTarget ? moveTo(mm, request, actor) : resizeAt(mm, request, actor);

  const source = findSource(mm, request);
  if (typeof source !== "number") return source;
  const rounded = roundHuge(mm, source, request);
  if ("ok" in rounded) return rounded;
  if (order === "checks-first" && (namesTarget || rounded.newPages > rounded.oldPages)) {
    const refusal = checkSource(mm, source, rounded, actor);
    if (refusal !== undefined) return refusal;
  }
  return namesTarget ? moveTo(mm, rounded, actor) : resizeAt(mm, rounded, actor);
}

const TO_TARGET: number = MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP;

/**
 * Since 6.17 a move without a change of size takes every area of the range along, and keeps their
 * distances; the first page must be mapped. What was moved before a refusal stays moved. Linux:
 * mm/mremap.c remap_move
 */
function moveAll(mm: AddressSpace, request: RemapRequest, actor: Actor): Result<number> {
  const { areas } = mm;
  const end = request.page + request.oldPages;
  let from = request.page;
  let first: number | undefined;
  for (;;) {
    const area = areas.find(from);
    if (area < 0 || areas.start[area] >= end) break;
    if (first === undefined && areas.start[area] > request.page) break;
    const start = Math.max(from, areas.start[area]);
    const pages = Math.min(end, areas.end[area]) - start;
    const target = request.target + (start - request.page);
    const isSeveral = first !== undefined || areas.end[area] < end;
    if (isSeveral && areas.backing[area]?.object.movesAlone === true) return crosses(mm, area);
    const part = { ...request, page: start, oldPages: pages, newPages: pages, target };
    const source = findSource(mm, part);
    if (typeof source !== "number") return source;
    const rounded = roundHuge(mm, source, part);
    if ("ok" in rounded) return rounded;
    const refusal = checkSource(mm, source, rounded, actor);
    if (refusal !== undefined) return refusal;
    const moved = moveTo(mm, rounded, actor);
    if (!moved.ok) return moved;
    first ??= moved.value;
    from = start + pages;
    if (from >= end) break;
  }
  return first === undefined ? noArea(mm, request.page) : success(first);
}

/** A move to an address that the caller names, or may name. Linux: mm/mremap.c mremap_to */
function moveTo(mm: AddressSpace, request: RemapRequest, actor: Actor): Result<number> {
  const { flags, page, newPages, target } = request;
  const order = mm.memory.features.mremap;
  let { oldPages } = request;
  const early =
    order === "checks-first"
      ? undefined
      : (unaligned(mm, request) ??
        targetBeyondLimit(mm, request) ??
        overlaps(mm, request) ??
        (order === "target-first" ? undefined : tooManyAreas(mm)));
  if (early !== undefined) return early;
  if ((flags & MREMAP.MREMAP_FIXED) !== 0) {
    const refusal = unmap(mm, target, target + newPages);
    if (refusal !== undefined) return refusal;
  }
  if (oldPages > newPages) {
    const refusal = unmapTail(mm, page, newPages, oldPages);
    if (refusal !== undefined) return refusal;
    oldPages = newPages;
  }
  const now = { ...request, oldPages };
  const source = mm.areas.at(page);
  if (source < 0) return noArea(mm, page);
  if (order !== "checks-first") {
    const refusal = checkSource(mm, source, now, actor);
    if (refusal !== undefined) return refusal;
  }
  if ((flags & MREMAP.MREMAP_DONTUNMAP) !== 0) {
    const refusal = mayExpand(mm, mm.areas.flags[source], oldPages, actor);
    if (refusal !== undefined) return refusal;
  }
  return moveArea(mm, source, now, actor);
}

/** Resizing where it is, or a move to wherever there is room. Linux: mm/mremap.c mremap_at */
function resizeAt(mm: AddressSpace, request: RemapRequest, actor: Actor): Result<number> {
  const { page, oldPages, newPages } = request;
  if (oldPages === newPages) return success(page);
  if (oldPages > newPages) return unmapTail(mm, page, newPages, oldPages) ?? success(page);
  const { checks } = mm.memory.ports;
  const source = mm.areas.at(page);
  if (source < 0) return noArea(mm, page);
  if (mm.memory.features.mremap !== "checks-first") {
    const refusal = checkSource(mm, source, request, actor);
    if (refusal !== undefined) return refusal;
  }
  if (mm.areas.end[source] === page + oldPages) {
    const refusal = growInPlace(mm, source, newPages - oldPages, actor);
    if (refusal === undefined) return success(page);
    if (refusal !== "no-room") return refusal;
  }
  if ((request.flags & MREMAP.MREMAP_MAYMOVE) === 0)
    return reasons.refuse(checks, "mremap/no-room-behind", addressOf(mm, page));
  return moveArea(mm, source, request, actor);
}

/** A shrinking remap unmaps what is behind, whatever lies there. Linux: mm/mremap.c shrink_vma */
function unmapTail(
  mm: AddressSpace,
  page: number,
  newPages: number,
  oldPages: number,
): Refusal | undefined {
  const { limit } = mm.layout;
  if (page + oldPages > limit) {
    const end = addressOf(mm, page + oldPages);
    return reasons.refuse(mm.memory.ports.checks, "mremap/tail-beyond-limit", end);
  }
  return unmap(mm, page + newPages, page + oldPages);
}

/** The area at the source, which may not be sealed. Linux: mm/mremap.c check_prep_vma */
function findSource(mm: AddressSpace, { page }: RemapRequest): number | Refusal {
  const source = mm.areas.at(page);
  if (source < 0) return noArea(mm, page);
  if ((mm.areas.flags[source] & VM_SEALED) === 0) return source;
  return reasons.refuse(mm.memory.ports.checks, "mremap/sealed", addressOf(mm, page));
}

function crosses(mm: AddressSpace, area: number): Refusal {
  const end = addressOf(mm, mm.areas.end[area]);
  return reasons.refuse(mm.memory.ports.checks, "mremap/crosses-areas", end);
}

/** Huge pages move whole and never grow. Linux: mm/mremap.c align_hugetlb */
function roundHuge(
  mm: AddressSpace,
  source: number,
  request: RemapRequest,
): RemapRequest | Refusal {
  if ((mm.areas.flags[source] & VM_HUGETLB) === 0) return request;
  const { checks } = mm.memory.ports;
  const huge = hugePagesOf(mm, source);
  const oldPages = Math.ceil(request.oldPages / huge) * huge;
  const newPages = Math.ceil(request.newPages / huge) * huge;
  const misses = (request.targetOffset ?? 0) !== 0 || request.target % huge !== 0;
  if (request.page % huge !== 0 || misses)
    return reasons.refuse(checks, "mremap/huge-unaligned", addressOf(mm, request.page));
  if (newPages > oldPages) return reasons.refuse(checks, "mremap/huge-growth", newPages);
  return { ...request, oldPages, newPages };
}

/** Whether the source may be moved or grow. Linux: mm/mremap.c vma_to_resize, remap_is_valid */
function checkSource(
  mm: AddressSpace,
  source: number,
  request: RemapRequest,
  actor: Actor,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const { page, newPages, flags } = request;
  // What a shrinking remap cuts off may lie anywhere.
  const oldPages = Math.min(request.oldPages, newPages);
  const vmFlags = areas.flags[source];
  const address = addressOf(mm, page);
  if (oldPages === 0 && (vmFlags & (VM_SHARED | VM_MAYSHARE)) === 0)
    return reasons.refuse(checks, "mremap/private-duplicate", address);
  if ((flags & MREMAP.MREMAP_DONTUNMAP) !== 0) {
    if (mm.memory.features.mremapDontunmap === "private-anonymous") {
      if (areas.backing[source] !== null)
        return reasons.refuse(checks, "mremap/dontunmap-not-anonymous", address);
    } else if ((vmFlags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0)
      return reasons.refuse(checks, "mremap/dontunmap-special", address);
  }
  const neverHuge = mm.memory.features.mremap === "unmaps-first";
  if (neverHuge && (vmFlags & VM_HUGETLB) !== 0)
    return reasons.refuse(checks, "mremap/huge-unaligned", address);
  if (page + oldPages > areas.end[source]) return crosses(mm, source);
  if (newPages === oldPages) return undefined;
  if ((vmFlags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0)
    return reasons.refuse(checks, "mremap/cannot-expand", address);
  const growth = newPages - oldPages;
  if ((vmFlags & VM_LOCKED) !== 0 && !mayLock(mm, growth, actor)) {
    const limit = Math.floor(actor.limit("RLIMIT_MEMLOCK") / mm.memory.pageBytes);
    return reasons.refuse(checks, "mremap/lock-limit", mm.lockedPages + growth, limit);
  }
  return mayExpand(mm, vmFlags, growth, actor);
}

/** What 6.17 asks of the target before it takes the lock. Linux: mm/mremap.c check_mremap_params */
function checkTarget(mm: AddressSpace, request: RemapRequest): Refusal | undefined {
  const place = targetBeyondLimit(mm, request) ?? unaligned(mm, request);
  return place ?? overlaps(mm, request) ?? tooManyAreas(mm);
}

function tooLong(mm: AddressSpace, { newPages }: RemapRequest): Refusal | undefined {
  const isAsked = mm.memory.features.mremapTooLongErrno === "EINVAL";
  if (!isAsked || newPages <= mm.layout.limit) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mremap/too-long", newPages, mm.layout.limit);
}

function targetBeyondLimit(mm: AddressSpace, request: RemapRequest): Refusal | undefined {
  const { target, newPages, targetOffset = 0 } = request;
  const last = mm.layout.limit - newPages;
  if (target < last || (target === last && targetOffset === 0)) return undefined;
  const address = addressOf(mm, target);
  return reasons.refuse(mm.memory.ports.checks, "mremap/target-beyond-limit", address);
}

function unaligned(mm: AddressSpace, { targetOffset = 0 }: RemapRequest): Refusal | undefined {
  if (targetOffset === 0) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mremap/target-unaligned", targetOffset);
}

function overlaps(mm: AddressSpace, request: RemapRequest): Refusal | undefined {
  const { page, oldPages, newPages, target } = request;
  if (page + oldPages <= target || target + newPages <= page) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mremap/overlap", addressOf(mm, target));
}

/** Source and destination may each be cut in three: there must be room for all. */
function tooManyAreas(mm: AddressSpace): Refusal | undefined {
  const max = mm.memory.settings.get("maxMapCount");
  if (mm.areas.count + 2 < max - 3) return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mremap/too-many-areas", mm.areas.count, max);
}

/** What was never stated of the source is asked for. */
function learnSource(mm: AddressSpace, request: RemapRequest): void {
  const { page, oldPages, newPages, flags } = request;
  if (mm.maySeal) askForForgotten(mm, page, page + 1);
  if (page >= mm.layout.limit) return;
  unveil(mm, page, page + 1, "mremap");
  if (!mm.hasUnknown) return;
  if (oldPages >= newPages && (flags & TO_TARGET) === 0) return;
  const end = Math.min(page + Math.max(oldPages, 1), mm.layout.limit);
  askForForgotten(mm, page, end);
  askForKind(mm, page, end);
}

function noArea(mm: AddressSpace, page: number): Refusal {
  return reasons.refuse(mm.memory.ports.checks, "mremap/no-area", addressOf(mm, page));
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
