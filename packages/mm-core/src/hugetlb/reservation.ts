import { type Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "../addressSpace.ts";
import type { Backing, PageObject } from "../backing.ts";
import { indexOf } from "../filePage.ts";
import { VM_MAYSHARE, VM_NORESERVE, VM_WRITE } from "../flags.ts";
import { F_ANON, F_RESTORES } from "../frames.ts";
import type { Memory } from "../memory.ts";
import { P_PRESENT } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { sweepHugeFiles } from "./hugeFile.ts";
import { hugePagesOf, pagesOfHuge } from "./hugeSize.ts";

/**
 * What a private mapping of huge pages has reserved: every page of it but those that it took
 * already, by their place in the file. Linux: mm/hugetlb.c struct resv_map with HPAGE_RESV_OWNER
 */
export interface HugeReservation {
  readonly taken: Map<number, true>;
}

/** What is about to be mapped. */
interface HugeMapping {
  readonly vmFlags: number;
  readonly pages: number;
  readonly offsetPages: number;
}

/**
 * Maps huge pages: reserves them, and makes the file as long as what may be written of it. Returns
 * what the area then shows. Linux: fs/hugetlbfs/inode.c hugetlbfs_file_mmap, mm/hugetlb.c
 * hugetlb_reserve_pages
 *
 * Pages of a file are reserved once for all who share them, those of a private mapping for it alone;
 * a segment had its own reserved when it was made.
 */
export function reserveMapping(
  mm: AddressSpace,
  backing: Backing,
  { vmFlags, pages, offsetPages }: HugeMapping,
): Backing | Refusal {
  const { memory } = mm;
  const { object } = backing;
  const huge = pagesOfHuge(object, memory.pageShift);
  if (offsetPages % huge !== 0)
    return reasons.refuse(memory.ports.checks, "mmap/huge-offset", offsetPages);
  const first = offsetPages / huge;
  const last = first + pages / huge;
  const isShared = (vmFlags & VM_MAYSHARE) !== 0;
  const asks = (vmFlags & VM_NORESERVE) === 0 && object.reservesWhole !== true;
  if (asks) {
    const granted = isShared
      ? reserveObject(memory, object, first, last)
      : reservePages(memory, object, last - first);
    if (!granted)
      return reasons.refuse(memory.ports.checks, "mmap/no-huge-pages", (last - first) * huge);
  }
  const end = (offsetPages + pages) * memory.pageBytes;
  if ((vmFlags & VM_WRITE) !== 0 && object.sizeBytes < end)
    object.resize?.(memory.ports.journal, end);
  return isShared ? backing : shownAs(backing, asks ? { taken: new Map() } : undefined);
}

/** Reserves the first pages of an object, counted in small ones: all of a segment, say. */
export function reserveHugePages(memory: Memory, object: PageObject, pages: number): boolean {
  return reserveObject(memory, object, 0, pages / pagesOfHuge(object, memory.pageShift));
}

/** Reserves pages of an object for all who share it; those that it has already are not asked for. */
export function reserveObject(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
): boolean {
  const { reserved } = memory.cache(object);
  const known = [...reserved.keys()].filter((index) => index >= first && index < last).length;
  if (!reservePages(memory, object, last - first - known)) return false;
  for (let index = first; index < last; index++)
    if (!reserved.has(index)) noteReserved(memory, object, index);
  return true;
}

/** A page of an object is reserved, or was taken: nobody need ask for it again. */
export function noteReserved(memory: Memory, object: PageObject, index: number): void {
  const { reserved } = memory.cache(object);
  memory.ports.journal.saveEntry(reserved, index);
  reserved.set(index, true);
}

function reservePages(memory: Memory, object: PageObject, pages: number): boolean {
  sweepHugeFiles(memory);
  return memory.hugePoolOf(object).reserve(pages);
}

/** An opening of a file as one private mapping shows it. */
function shownAs(backing: Backing, reservation: HugeReservation | undefined): Backing {
  const { object, name, readable, writable, closes, identity } = backing;
  return {
    ...{ object, name, readable, writable, faultsAlone: true },
    ...(backing.noExec === true ? { noExec: true } : {}),
    ...(closes === true ? { closes } : {}),
    ...(identity === undefined ? {} : { identity }),
    ...(reservation === undefined ? {} : { reservation }),
  };
}

/** The same mapping without anything reserved: a child's, or what mremap leaves behind. */
export function unreserved(backing: Backing): Backing {
  const isPrivate = backing.reservation !== undefined || backing.lostPages === true;
  return isPrivate ? shownAs(backing, undefined) : backing;
}

/**
 * Part of a private mapping is about to be unmapped: since 6.9 what it took is reserved for it again,
 * unless the pool has pages only for the time. Linux: mm/hugetlb.c __unmap_hugepage_range
 */
export function restoreReservation(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
): void {
  const { memory, areas, pages } = mm;
  const { frames, ports } = memory;
  const backing = areas.backing[area] ?? null;
  if (backing?.reservation === undefined || !memory.features.hugetlbRestoresReservation) return;
  if (memory.hugePoolOf(backing.object).surplus > 0) return;
  const { taken } = backing.reservation;
  const huge = hugePagesOf(mm, area);
  for (let page = start; page < end; page += huge) {
    if ((pages.bitsOf(page) & P_PRESENT) === 0) continue;
    const frame = pages.valueOf(page);
    const flags = frames.flags[frame];
    if ((flags & F_ANON) === 0) continue;
    frames.setFlags(frame, flags | F_RESTORES);
    const index = indexOf(mm, area, page) / huge;
    ports.journal.saveEntry(taken, index);
    taken.delete(index);
  }
}

/** An area is gone: what it had reserved and not taken is given up. Linux: hugetlb_vm_op_close */
export function giveUpReservation(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
): void {
  const backing = mm.areas.backing[area] ?? null;
  if (backing?.reservation === undefined) return;
  const huge = hugePagesOf(mm, area);
  const first = indexOf(mm, area, start) / huge;
  const last = first + (end - start) / huge;
  let left = 0;
  for (let index = first; index < last; index++) if (!backing.reservation.taken.has(index)) left++;
  mm.memory.hugePoolOf(backing.object).unreserve(left);
}
