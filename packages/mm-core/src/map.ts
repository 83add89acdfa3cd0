import { MAP, MAP_TYPE, PROT, type Refusal, type Result, success } from "@kadvise/uapi";
import { isAccountable, countPages, mayExpand, mayLock } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import { addArea, newly } from "./addArea.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { mayCommit } from "./commit.ts";
import { belowMinimum, choosePlace } from "./choosePlace.ts";
import {
  VM_ACCOUNT,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_DROPPABLE,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_MAYACCESS,
  VM_MAYEXEC,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_WIPEONFORK,
  VM_WRITE,
} from "./flags.ts";
import { withHugeFile } from "./hugetlb/anonymousHuge.ts";
import { pagesOfHuge } from "./hugetlb/hugeSize.ts";
import { reserveMapping } from "./hugetlb/reservation.ts";
import { labelOf } from "./label.ts";
import { checkBacking, checkEnded, checkSealsLate, checkSecretLate } from "./mapBacking.ts";
import { flagsOfNew, markNew } from "./mergeAny.ts";
import { populate } from "./populate.ts";
import { keyOfNew } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { sharedAnonymous } from "./sharedMemory.ts";
import { unmapForReplacement } from "./unmap.ts";
import { askForForgotten, unveil } from "./unveil.ts";

/** mmap's arguments behind the system call's own checks. */
export interface MapRequest {
  /** The page asked for; 0 for none. */
  readonly at: number;
  /** Bytes by which the address asked for misses the page; only MAP_FIXED minds. */
  readonly atOffset?: number;
  readonly pages: number;
  /** PROT_* bits; others than read, write and execute are ignored, as Linux does. */
  readonly prot: number;
  /** MAP_* bits. */
  readonly flags: number;
  /** The open file; null for anonymous memory. */
  readonly backing: Backing | null;
  readonly offsetPages: number;
  /** It replaces what shows the file already, which may end with that: remap_file_pages. */
  readonly mayEnd?: boolean;
  /** The caller entered by the 32-bit gate. */
  readonly compat?: boolean;
}

/** Linux: mm/mmap.c do_mmap, mmap_region; the order of the refusals is theirs. */
export function map(mm: AddressSpace, asked: MapRequest, actor: Actor): Result<number> {
  const { checks } = mm.memory.ports;
  const request = withHugeFile(mm.memory, asked);
  if ("ok" in request) return request;
  const { pages, flags } = request;
  const maxMapCount = mm.memory.settings.get("maxMapCount");
  if (mm.areas.count > maxMapCount) {
    return reasons.refuse(checks, "mmap/too-many-areas", mm.areas.count, maxMapCount);
  }

  const keyFirst = mm.memory.features.executeOnlyKeyFirst;
  const earlyKey = keyFirst ? keyOfNew(mm, request.prot, actor) : undefined;
  const start = address(mm, request);
  if (typeof start !== "number") return start;
  const end = start + pages;
  const fixed = (flags & (MAP.MAP_FIXED | MAP.MAP_FIXED_NOREPLACE)) !== 0;
  const misplaced = fixed
    ? checkFixed(mm, request, start, actor)
    : start === 0
      ? belowMinimum(mm, start, actor)
      : undefined;
  if (misplaced !== undefined) return misplaced;

  let vmFlags = flagsOf(mm, request);
  const label = labelOf({ key: earlyKey ?? keyOfNew(mm, request.prot, actor) });
  const refusal =
    checkLocking(mm, request, vmFlags, actor) ??
    checkBacking(mm, request) ??
    checkAnonymous(mm, request) ??
    checkWriteExec(mm, vmFlags);
  if (refusal !== undefined) return refusal;
  vmFlags = flagsOfNew(mm, typed(mm, request, vmFlags));

  if (fixed && mm.maySeal) askForForgotten(mm, start, end);
  const anonymous = request.backing === null;
  const shared = (vmFlags & VM_MAYSHARE) !== 0;
  const isPromised = anonymous && shared && (vmFlags & VM_NORESERVE) === 0;
  const replaced = fixed ? pagesMapped(mm, start, end) : 0;
  const { failedFixedLeavesCut } = mm.memory.features;
  // Up to 6.1, and of shared memory still, a promise is asked for when what was there is gone.
  const takesFirst = isPromised || !failedFixedLeavesCut;
  const returned = replaced === 0 ? 0 : pagesMapped(mm, start, end, VM_ACCOUNT);
  const promise = {
    flags: isPromised ? VM_ACCOUNT : vmFlags,
    asked: takesFirst ? pages : pages - returned,
    pages: isPromised && failedFixedLeavesCut ? pages : pages - returned,
  };
  const tooLarge = mayExpand(mm, vmFlags, pages - replaced, actor);
  const late = tooLarge ?? mayCommit(mm, promise, actor);
  if (replaced > 0) {
    const goes = late === undefined || (tooLarge === undefined && takesFirst);
    if (goes || failedFixedLeavesCut) {
      const objection = unmapForReplacement(mm, start, end, !goes);
      if (objection !== undefined) return objection;
    }
  }
  if (late !== undefined) return late;
  const sealed =
    checkEnded(mm, request) ??
    checkSecretLate(mm, request.backing, { vmFlags, pages, actor }) ??
    checkSealsLate(mm, request.backing, vmFlags);
  if (sealed !== undefined) return sealed;
  const shown = reserved(mm, request, vmFlags);
  if (shown !== null && "ok" in shown) return shown;
  mm.stateRange(start, end);

  const backing = anonymous && shared ? sharedAnonymous(mm.memory, pages, isPromised) : shown;
  const offset = backing === null ? start : anonymous ? 0 : request.offsetPages;
  const locked = (vmFlags & VM_LOCKED) !== 0;
  // What cannot be locked is brought in all the same, on the first fault or not.
  if (staysUnlocked(mm, vmFlags)) vmFlags = (vmFlags & ~VM_LOCKED_MASK) >>> 0;
  markNew(mm, addArea(mm, start, end, vmFlags, offset, backing, newly(label)), start, end);
  countPages(mm, vmFlags, pages);
  mm.memory.work.mmapLocks++;

  const wantsPages = (flags & (MAP.MAP_POPULATE | MAP.MAP_NONBLOCK)) === MAP.MAP_POPULATE;
  const isSecret = backing?.object.kind === "secret";
  if (wantsPages || (locked && !isSecret)) populate(mm, start, end, actor);
  return success(start);
}

/**
 * Huge pages are always in memory; droppable ones are not to stay there. Linux: mm/vma.c
 * __mmap_complete
 */
function staysUnlocked({ memory }: AddressSpace, vmFlags: number): boolean {
  const droppable = memory.features.droppableLocks ? 0 : VM_DROPPABLE;
  return (vmFlags & (VM_HUGETLB | droppable)) !== 0;
}

/** The start page: as asked for with MAP_FIXED, else where Linux puts it. */
function address(mm: AddressSpace, request: MapRequest): number | Refusal {
  const { checks } = mm.memory.ports;
  const { pages, at, flags } = request;
  const { limit } = mm.layout;
  const huge = hugeOf(mm, request);
  if (pages > limit) return reasons.refuse(checks, "mmap/no-room", pages);
  if ((flags & (MAP.MAP_FIXED | MAP.MAP_FIXED_NOREPLACE)) !== 0) {
    const offset = request.atOffset ?? 0;
    if (huge !== undefined && (offset !== 0 || at % huge !== 0))
      return reasons.refuse(checks, "mmap/huge-unaligned", hex(at * mm.memory.pageBytes + offset));
    if (at > limit - pages || (at === limit - pages && offset > 0)) {
      const { pageBytes } = mm.memory;
      const end = (at + pages) * pageBytes + offset;
      return reasons.refuse(checks, "mmap/beyond-limit", hex(end), hex(limit * pageBytes));
    }
    if (offset !== 0) return reasons.refuse(checks, "mmap/unaligned-fixed", offset);
    return at;
  }
  return choosePlace(mm, {
    hint: at,
    pages,
    flags,
    fileOffset: request.backing?.object.kind === "file" ? request.offsetPages : null,
    anonymous: request.backing === null && (flags & MAP_TYPE) !== MAP.MAP_SHARED,
    compat: request.compat ?? false,
    ...(huge === undefined ? {} : { huge }),
  });
}

/** Pages of a huge page, where the request is for such. */
function hugeOf({ memory }: AddressSpace, { backing }: MapRequest): number | undefined {
  if (backing?.object.kind !== "hugetlb") return undefined;
  return pagesOfHuge(backing.object, memory.pageShift);
}

/** What the area shows, with the huge pages that are reserved for it. */
function reserved(
  mm: AddressSpace,
  { backing, pages, offsetPages }: MapRequest,
  vmFlags: number,
): Backing | Refusal | null {
  if (backing?.object.kind !== "hugetlb") return backing;
  return reserveMapping(mm, backing, { vmFlags, pages, offsetPages });
}

function checkFixed(
  mm: AddressSpace,
  request: MapRequest,
  start: number,
  actor: Actor,
): Refusal | undefined {
  const { checks } = mm.memory.ports;
  const { pageBytes } = mm.memory;
  const low = belowMinimum(mm, start, actor);
  if (low !== undefined) return low;
  if ((request.flags & MAP.MAP_FIXED_NOREPLACE) !== 0) {
    if (unveil(mm, start, start + request.pages, "mmap-no-replace") === "area")
      return reasons.refuse(checks, "mmap/occupied", hex(start * pageBytes));
    const above = mm.areas.find(start);
    if (above >= 0 && mm.areas.start[above] < start + request.pages) {
      return reasons.refuse(checks, "mmap/occupied", hex(mm.areas.start[above] * pageBytes));
    }
  }
  return undefined;
}

function checkLocking(
  mm: AddressSpace,
  request: MapRequest,
  vmFlags: number,
  actor: Actor,
): Refusal | undefined {
  const { checks } = mm.memory.ports;
  if ((request.flags & MAP.MAP_LOCKED) !== 0) {
    if (actor.limit("RLIMIT_MEMLOCK") === 0 && !actor.capable("CAP_IPC_LOCK")) {
      return reasons.refuse(checks, "mmap/lock-not-permitted");
    }
  }
  if ((vmFlags & VM_LOCKED) !== 0 && !mayLock(mm, request.pages, actor)) {
    const limit = Math.floor(actor.limit("RLIMIT_MEMLOCK") / mm.memory.pageBytes);
    return reasons.refuse(checks, "mmap/lock-limit", mm.lockedPages + request.pages, limit);
  }
  return undefined;
}

/** The rules of anonymous mappings; {@link checkBacking} has those of files. */
function checkAnonymous(mm: AddressSpace, request: MapRequest): Refusal | undefined {
  if (request.backing !== null) return undefined;
  const { checks } = mm.memory.ports;
  const type = request.flags & MAP_TYPE;
  const { flags } = request;
  if (type === MAP.MAP_SHARED) {
    if ((flags & MAP.MAP_GROWSDOWN) !== 0)
      return reasons.refuse(checks, "mmap/type-forbids-flag", hex(flags));
    return undefined;
  }
  if (type === MAP.MAP_PRIVATE) return undefined;
  if (type === MAP.MAP_DROPPABLE && mm.memory.features.droppable) {
    const forbidden = MAP.MAP_LOCKED | MAP.MAP_HUGETLB | MAP.MAP_GROWSDOWN;
    return (flags & forbidden) === 0
      ? undefined
      : reasons.refuse(checks, "mmap/type-forbids-flag", hex(flags));
  }
  return reasons.refuse(checks, "mmap/bad-type", hex(type));
}

function checkWriteExec(mm: AddressSpace, vmFlags: number): Refusal | undefined {
  if (!mm.denyWriteExec || (vmFlags & (VM_WRITE | VM_EXEC)) !== (VM_WRITE | VM_EXEC))
    return undefined;
  return reasons.refuse(mm.memory.ports.checks, "mmap/write-exec");
}

/**
 * VM_* flags from prot and flags, before the type of mapping has its say. Linux: calc_vm_prot_bits,
 * calc_vm_flag_bits
 */
function flagsOf(mm: AddressSpace, request: MapRequest): number {
  const { prot, flags } = request;
  let vmFlags = VM_MAYACCESS | mm.defaultFlags;
  if ((prot & PROT.PROT_READ) !== 0) vmFlags |= VM_READ;
  if ((prot & PROT.PROT_WRITE) !== 0) vmFlags |= VM_WRITE;
  if ((prot & PROT.PROT_EXEC) !== 0) vmFlags |= VM_EXEC;
  if ((flags & MAP.MAP_GROWSDOWN) !== 0) vmFlags |= VM_GROWSDOWN;
  if ((flags & MAP.MAP_LOCKED) !== 0) vmFlags |= VM_LOCKED;
  const isHugetlb = request.backing?.object.kind === "hugetlb";
  // The pool is accounted for by itself, in every mode of overcommit.
  if (
    (flags & MAP.MAP_NORESERVE) !== 0 &&
    (isHugetlb || mm.memory.settings.values.overcommit !== 2)
  )
    vmFlags |= VM_NORESERVE;
  if (isHugetlb) vmFlags |= VM_HUGETLB | VM_DONTEXPAND;
  if ((flags & MAP.MAP_STACK) !== 0 && mm.memory.features.stackIsNoHuge) vmFlags |= VM_NOHUGEPAGE;
  return vmFlags >>> 0;
}

/** What shared, private and droppable mappings add and take away. */
function typed(mm: AddressSpace, request: MapRequest, vmFlags: number): number {
  const { backing } = request;
  const type = request.flags & MAP_TYPE;
  let flags = vmFlags;
  if (type === MAP.MAP_SHARED || (type === MAP.MAP_SHARED_VALIDATE && backing !== null)) {
    flags |= VM_SHARED | VM_MAYSHARE;
    if (backing !== null && !backing.writable) flags &= ~(VM_MAYWRITE | VM_SHARED);
    if (backing?.object.writeSealed === true) flags &= ~VM_MAYWRITE;
  } else if (type === MAP.MAP_DROPPABLE && backing === null) {
    flags |= VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP;
  }
  if (backing?.noExec === true) flags &= ~VM_MAYEXEC;
  if (backing?.object.kind === "secret") {
    flags |= VM_DONTDUMP | (mm.memory.features.secretIsLocked ? VM_LOCKED : 0);
  }
  if (isAccountable(flags) && (flags & VM_HUGETLB) === 0) flags |= VM_ACCOUNT;
  if (mm.memory.settings.values.softDirty) flags |= VM_SOFTDIRTY;
  return flags >>> 0;
}

/** Pages of a range that are mapped; those of areas with some flag alone, if one is given. */
function pagesMapped(mm: AddressSpace, start: number, end: number, flag = 0): number {
  let pages = 0;
  for (
    let area = mm.areas.find(start);
    area >= 0 && mm.areas.start[area] < end;
    area = mm.areas.next(area)
  ) {
    if ((mm.areas.flags[area] & flag) === flag)
      pages += Math.min(end, mm.areas.end[area]) - Math.max(start, mm.areas.start[area]);
  }
  return pages;
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
