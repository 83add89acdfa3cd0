import type { Refusal } from "@kadvise/uapi";
import { countPages } from "./accounting.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_HUGETLB, VM_SEALED, VM_UNSTATED } from "./flags.ts";
import { giveUpReservation, restoreReservation } from "./hugetlb/reservation.ts";
import { MAY_NOT_SPLIT, splitArea } from "./modify.ts";
import { reasons } from "./reasons.ts";
import { endIfUnmapped } from "./sharedMemory.ts";
import { askForForgotten } from "./unveil.ts";
import { zapRange } from "./zap.ts";

/**
 * Unmaps [start, end). Holes are fine. Linux: mm/vma.c vms_gather_munmap_vmas
 *
 * A hole inside one area needs one area more than before: only that is refused at the limit. Cuts
 * that were made before a sealed area is met stay. The caller holds the lock of the address space.
 */
export function unmap(mm: AddressSpace, start: number, end: number): Refusal | undefined {
  if (mm.maySeal) askForForgotten(mm, start, end);
  if (mm.hasUnknown && (cutsUnstated(mm, start) || cutsUnstated(mm, end))) {
    if (!isOrdinary(mm, start, end)) return special(mm, start);
  }
  mm.stateRange(start, end);
  const { areas } = mm;
  const first = areas.find(start);
  if (first < 0 || areas.start[first] >= end) return undefined;
  const cut = cutOut(mm, start, end);
  if (cut !== undefined) return cut;
  removeAreas(mm, start, end);
  return undefined;
}

/**
 * Makes room for MAP_FIXED. With `onlyCut` the mapping already failed, and newer kernels have cut
 * the old areas by then.
 */
export function unmapForReplacement(
  mm: AddressSpace,
  start: number,
  end: number,
  onlyCut: boolean,
): Refusal | undefined {
  const cut = cutOut(mm, start, end, "mmap/sealed");
  if (cut !== undefined) return cut;
  if (!onlyCut) removeAreas(mm, start, end);
  return undefined;
}

/**
 * Takes everything away when the last user is gone; seals and special mappings do not matter any
 * more.
 */
export function unmapAll(mm: AddressSpace): void {
  removeAreas(mm, 0, Number.POSITIVE_INFINITY);
}

/** Whether a cut at a page goes through something of which nobody said what it is. */
function cutsUnstated(mm: AddressSpace, at: number): boolean {
  return isUnstated(mm, at - 1) && isUnstated(mm, at);
}

function isUnstated(mm: AddressSpace, page: number): boolean {
  if (mm.veil.within(page, page + 1) !== undefined) return true;
  const area = mm.areas.at(page);
  return area >= 0 && (mm.areas.flags[area] & VM_UNSTATED) !== 0;
}

/**
 * What exec left there may be vdso or vvar, which cannot be cut. Linux: mm/mmap.c
 * special_mapping_split
 */
function isOrdinary(mm: AddressSpace, start: number, end: number): boolean {
  return mm.memory.ports.choices.choose<boolean>({
    id: "mm/unstated-special",
    usual: true,
    allows: () => true,
    describe: () =>
      `whether what exec mapped around pages ${start.toString(16)}-${end.toString(16)} can be cut`,
    alternatives: [true, false],
    pages: { start, end },
  });
}

/** Takes areas out of the books without asking: what lies there is not known any more. */
export function forgetRange(mm: AddressSpace, start: number, end: number): void {
  const { areas } = mm;
  for (const edge of [start, end]) {
    const area = areas.at(edge);
    if (area < 0 || areas.start[area] === edge) continue;
    const top = areas.end[area];
    areas.setEnd(area, edge);
    const offset = areas.offset[area] + (edge - areas.start[area]);
    const backing = areas.backing[area] ?? null;
    const above = areas.insert(edge, top, areas.flags[area], offset, backing, areas.labelOf(area));
    // Its anonymous pages stay where the reverse map finds them.
    if (areas.anon[area] !== 0) areas.setAnon(above, areas.anon[area], areas.inherited[area] !== 0);
  }
  removeAreas(mm, start, end);
}

/** Cuts areas at both ends of a range. */
function cutOut(
  mm: AddressSpace,
  start: number,
  end: number,
  sealReason: "munmap/sealed" | "mmap/sealed" = "munmap/sealed",
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const first = areas.find(start);
  if (first < 0) return undefined;
  if (mm.memory.features.seals === "whole-range") {
    const any = firstSealed(mm, start, end);
    if (any >= 0) return refuseSealed(mm, any, sealReason);
  }
  if (areas.start[first] < start) {
    const max = mm.memory.settings.get("maxMapCount");
    if (end < areas.end[first] && areas.count >= max) {
      return reasons.refuse(checks, "munmap/too-many-areas", areas.count, max);
    }
    const sealedHead = refuseSealed(mm, first, sealReason);
    if (sealedHead !== undefined) return sealedHead;
    if (splitArea(mm, first, start, false) === MAY_NOT_SPLIT) return special(mm, start);
  }
  const sealed = firstSealed(mm, start, end);
  if (sealed >= 0) return refuseSealed(mm, sealed, sealReason);
  const last = areas.at(end - 1);
  if (last >= 0 && areas.end[last] > end && splitArea(mm, last, end, false) === MAY_NOT_SPLIT)
    return special(mm, end);
  return undefined;
}

function removeAreas(mm: AddressSpace, start: number, end: number): void {
  const { areas } = mm;
  let flush = false;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.find(start)
  ) {
    const from = areas.start[area];
    const to = areas.end[area];
    const isHugetlb = (areas.flags[area] & VM_HUGETLB) !== 0;
    if (isHugetlb) restoreReservation(mm, area, from, to);
    if (zapRange(mm, from, to, "drop-guards")) flush = true;
    if (isHugetlb) giveUpReservation(mm, area, from, to);
    countPages(mm, areas.flags[area], from - to);
    const backing = areas.backing[area] ?? null;
    areas.remove(area);
    endIfUnmapped(mm.memory, backing);
  }
  mm.pages.prune(start, Math.min(end, mm.layout.limit));
  if (flush) mm.memory.work.tlbFlushes++;
}

function firstSealed(mm: AddressSpace, start: number, end: number): number {
  if (mm.memory.features.seals === "none") return -1;
  const { areas } = mm;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.next(area)
  ) {
    if ((areas.flags[area] & VM_SEALED) !== 0) return area;
  }
  return -1;
}

function refuseSealed(
  mm: AddressSpace,
  area: number,
  reason: "munmap/sealed" | "mmap/sealed",
): Refusal | undefined {
  if ((mm.areas.flags[area] & VM_SEALED) === 0) return undefined;
  const address = `0x${(mm.areas.start[area] * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, reason, address);
}

function special(mm: AddressSpace, page: number): Refusal {
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, "munmap/special", address);
}
