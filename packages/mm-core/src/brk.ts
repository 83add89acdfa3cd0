import type { Refusal } from "@kadvise/uapi";
import { countPages, mayExpand, mayLock } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { mayCommit } from "./commit.ts";
import {
  sameKind,
  VM_ACCOUNT,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_MAYACCESS,
  VM_READ,
  VM_SEALED,
  VM_SOFTDIRTY,
  VM_WRITE,
} from "./flags.ts";
import { STACK_GUARD_PAGES } from "./layout.ts";
import { flagsOfNew, markNew } from "./mergeAny.ts";
import { populate } from "./populate.ts";
import { reasons } from "./reasons.ts";
import { unmap } from "./unmap.ts";
import { unveil } from "./unveil.ts";

/**
 * Moves the break to a byte address. The system call never fails: where this refuses, it returns
 * the old break.
 *
 * Linux: mm/mmap.c brk, do_brk_flags. One free page must stay above the heap.
 */
export function growBreak(mm: AddressSpace, bytes: number, actor: Actor): Refusal | undefined {
  const { checks, journal } = mm.memory.ports;
  const { pageBytes } = mm.memory;
  const address = `0x${bytes.toString(16)}`;
  mm.memory.work.mmapLocks++;
  if (bytes < mm.startBreak) return reasons.refuse(checks, "brk/below-start", address);
  // Linux: include/linux/resource.h check_data_rlimit: what the program brought counts too.
  if (bytes - mm.startBreak + mm.programDataBytes > actor.limit("RLIMIT_DATA"))
    return reasons.refuse(checks, "brk/data-limit", address);
  const oldEnd = Math.ceil(mm.break / pageBytes);
  const newEnd = Math.ceil(bytes / pageBytes);
  if (newEnd < oldEnd) {
    const refusal = shrink(mm, newEnd, oldEnd);
    if (refusal !== undefined) return refusal;
  } else if (newEnd > oldEnd) {
    const refusal = grow(mm, oldEnd, newEnd, address, actor);
    if (refusal !== undefined) return refusal;
  }
  journal.save(mm, "break");
  mm.break = bytes;
  return undefined;
}

function shrink(mm: AddressSpace, newEnd: number, oldEnd: number): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const address = `0x${(newEnd * mm.memory.pageBytes).toString(16)}`;
  unveil(mm, newEnd, oldEnd, "munmap");
  const first = areas.find(newEnd);
  if (mm.memory.features.breakNeedsArea && (first < 0 || areas.start[first] >= oldEnd))
    return reasons.refuse(checks, "brk/no-room", address);
  for (let area = first; area >= 0 && areas.start[area] < oldEnd; area = areas.next(area)) {
    if ((areas.flags[area] & VM_SEALED) !== 0)
      return reasons.refuse(checks, "munmap/sealed", address);
  }
  return unmap(mm, newEnd, oldEnd);
}

function grow(
  mm: AddressSpace,
  oldEnd: number,
  newEnd: number,
  address: string,
  actor: Actor,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  if (unveil(mm, oldEnd, newEnd + 1, "brk") === "area")
    return reasons.refuse(checks, "brk/no-room", address);
  const above = areas.find(oldEnd);
  if (above >= 0) {
    const guard = (areas.flags[above] & VM_GROWSDOWN) !== 0 ? STACK_GUARD_PAGES : 0;
    if (newEnd + 1 > areas.start[above] - guard)
      return reasons.refuse(checks, "brk/no-room", address);
  }
  const pages = newEnd - oldEnd;
  let flags = VM_READ | VM_WRITE | VM_MAYACCESS | VM_ACCOUNT | mm.defaultFlags;
  if (mm.memory.settings.values.softDirty) flags |= VM_SOFTDIRTY;
  flags = flagsOfNew(mm, flags >>> 0);
  if ((flags & VM_LOCKED) !== 0 && !mayLock(mm, pages, actor))
    return reasons.refuse(checks, "brk/lock-limit", address);
  const refusal = mayExpand(mm, flags, pages, actor);
  if (refusal !== undefined) return refusal;
  if (areas.count > mm.memory.settings.get("maxMapCount")) {
    return reasons.refuse(
      checks,
      "mmap/too-many-areas",
      areas.count,
      mm.memory.settings.values.maxMapCount,
    );
  }
  const promise = mayCommit(mm, { flags, pages }, actor);
  if (promise !== undefined) return promise;

  // Only the area below grows: a compatible area above stays apart (do_brk_flags: just_expand).
  // While the heap is empty, newer kernels do not look below its start (mm/mmap.c brk:
  // vma_prev_limit), so it does not join the program's own data.
  const isEmpty = oldEnd * mm.memory.pageBytes <= mm.startBreak;
  const heap = isEmpty && mm.memory.features.emptyHeapStandsAlone ? -1 : areas.at(oldEnd - 1);
  if (
    heap >= 0 &&
    areas.backing[heap] === null &&
    areas.labelOf(heap) === "" &&
    sameKind(areas.flags[heap], flags) &&
    areas.offset[heap] + (oldEnd - areas.start[heap]) === oldEnd &&
    areas.inherited[heap] === 0
  ) {
    areas.setEnd(heap, newEnd);
  } else {
    const area = areas.insert(oldEnd, newEnd, flags, oldEnd, null);
    markNew(mm, area, oldEnd, newEnd);
  }
  countPages(mm, flags, pages);
  if ((flags & VM_LOCKED_MASK) === VM_LOCKED) populate(mm, oldEnd, newEnd, actor);
  return undefined;
}
