import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { filePage, mapAround } from "./filePage.ts";
import { VM_ACCESS, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_SHARED, VM_WRITE } from "./flags.ts";
import {
  F_ACTIVE,
  F_ANON,
  F_DIRTY,
  F_EXCLUSIVE,
  F_LRU,
  F_MLOCKED,
  F_SWAPBACKED,
} from "./frames.ts";
import { growStack } from "./growStack.ts";
import {
  P_DIRTY,
  P_GUARD,
  P_PRESENT,
  P_SOFT_DIRTY,
  P_SWAP,
  P_WRITE,
  P_YOUNG,
  P_ZERO,
} from "./pageTable.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";
import { countResident, dropMapping } from "./zap.ts";

/** How a program touches a page. */
export type Access = "read" | "write" | "execute";

/**
 * A program touches a page. Brings the page in, or says which signal the program gets.
 *
 * Linux: arch/x86/mm/fault.c do_user_addr_fault, mm/memory.c handle_pte_fault. On x86 memory that
 * may be written or executed may be read.
 */
export function fault(mm: AddressSpace, page: number, access: Access): Refusal | undefined {
  const area = areaFor(mm, page);
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  const { checks } = mm.memory.ports;
  if (area < 0) return reasons.refuse(checks, "access/no-area", address);
  const flags = mm.areas.flags[area];
  const wanted = access === "write" ? VM_WRITE : access === "execute" ? VM_EXEC : VM_ACCESS;
  if ((flags & wanted) === 0) return reasons.refuse(checks, "access/protection", address);
  return bringIn(mm, area, page, access === "write");
}

/** The part of a fault behind the permission test; populate and mlock enter here. */
export function bringIn(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
): Refusal | undefined {
  const bits = mm.pages.bitsOf(page);
  if ((bits & P_GUARD) !== 0) {
    const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
    return reasons.refuse(mm.memory.ports.checks, "access/guard", address);
  }
  if ((bits & P_PRESENT) !== 0) {
    if (write && (bits & P_WRITE) === 0) return writeProtected(mm, area, page, bits);
    const touched = bits | P_YOUNG | (write ? P_DIRTY : 0);
    if (touched !== bits) mm.pages.set(page, mm.pages.valueOf(page), touched);
    return undefined;
  }
  if ((bits & P_SWAP) !== 0) {
    swapIn(mm, area, page);
    return write ? bringIn(mm, area, page, true) : undefined;
  }
  if (mm.areas.backing[area] !== null) return fileFault(mm, area, page, write);
  if (write) mapNew(mm, area, page, undefined);
  else mm.pages.set(page, 0, P_PRESENT | P_ZERO | P_YOUNG);
  return undefined;
}

function areaFor(mm: AddressSpace, page: number): number {
  unveil(mm, page, page + 1);
  const area = mm.areas.find(page);
  if (area < 0 || mm.areas.start[area] <= page) return area;
  if ((mm.areas.flags[area] & VM_GROWSDOWN) === 0) return -1;
  return growStack(mm, area, page) ? area : -1;
}

/** Maps a fresh anonymous page with the given bytes (zeros by default), writable if the area is. */
function mapNew(mm: AddressSpace, area: number, page: number, bytes: Uint8Array | undefined): void {
  const { frames, features } = mm.memory;
  const flags = mm.areas.flags[area];
  ensureAnon(mm, area);
  let frameFlags = F_ANON | F_SWAPBACKED | F_EXCLUSIVE | F_LRU;
  if (features.newAnonymousIsActive) frameFlags |= F_ACTIVE;
  if ((flags & VM_LOCKED) !== 0) frameFlags |= F_MLOCKED;
  const frame = frames.allocate(frameFlags);
  frames.fill(frame, bytes);
  frames.countMapping(frame, 1);
  countResident(mm, frameFlags, 1);
  const write = (flags & VM_WRITE) !== 0 ? P_WRITE : 0;
  mm.pages.set(page, frame, P_PRESENT | P_YOUNG | P_DIRTY | P_SOFT_DIRTY | write);
}

/**
 * Write to a page that is there but not writable: copy, or take it over. Linux: mm/memory.c
 * do_wp_page
 */
function writeProtected(
  mm: AddressSpace,
  area: number,
  page: number,
  bits: number,
): Refusal | undefined {
  const { frames } = mm.memory;
  if ((bits & P_ZERO) !== 0) {
    mapNew(mm, area, page, undefined);
    return undefined;
  }
  const frame = mm.pages.valueOf(page);
  const frameFlags = frames.flags[frame];
  if ((mm.areas.flags[area] & VM_SHARED) !== 0) {
    frames.setFlags(frame, frameFlags | F_DIRTY);
    mm.pages.set(page, frame, bits | P_WRITE | P_DIRTY | P_YOUNG | P_SOFT_DIRTY);
    return undefined;
  }
  const alone = (frameFlags & F_EXCLUSIVE) !== 0 || frames.mapCount[frame] === 1;
  if ((frameFlags & F_ANON) !== 0 && alone) {
    frames.setFlags(frame, frameFlags | F_EXCLUSIVE);
    mm.pages.set(page, frame, bits | P_WRITE | P_DIRTY | P_YOUNG | P_SOFT_DIRTY);
    return undefined;
  }
  const bytes = frames.contents.get(frame)?.slice();
  mapNew(mm, area, page, bytes);
  dropMapping(mm, frame, bits);
  return undefined;
}

/**
 * A page of a file or of shared memory. Linux: mm/memory.c do_read_fault, do_cow_fault,
 * do_shared_fault
 */
function fileFault(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
): Refusal | undefined {
  const { frames, ports } = mm.memory;
  const frame = filePage(mm, area, page);
  if (frame === 0) {
    const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
    return reasons.refuse(ports.checks, "access/beyond-end", address);
  }
  const shared = (mm.areas.flags[area] & VM_SHARED) !== 0;
  if (write && !shared) {
    mapNew(mm, area, page, frames.contents.get(frame));
    return undefined;
  }
  frames.countMapping(frame, 1);
  countResident(mm, frames.flags[frame], 1);
  if (write) {
    frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
    mm.pages.set(page, frame, P_PRESENT | P_YOUNG | P_DIRTY | P_WRITE | P_SOFT_DIRTY);
    return undefined;
  }
  mm.pages.set(page, frame, P_PRESENT | P_YOUNG);
  mapAround(mm, area, page);
  return undefined;
}

/**
 * Brings a page back from swap: alone and clean if nobody else names the slot. Linux: mm/memory.c
 * do_swap_page
 */
function swapIn(mm: AddressSpace, area: number, page: number): void {
  const { frames, swap, ports } = mm.memory;
  const slot = mm.pages.valueOf(page);
  const content = swap.get(slot);
  let frameFlags = F_ANON | F_SWAPBACKED | F_LRU | F_ACTIVE;
  if (content.count === 1) frameFlags |= F_EXCLUSIVE;
  if ((mm.areas.flags[area] & VM_LOCKED) !== 0) frameFlags |= F_MLOCKED;
  const frame = frames.allocate(frameFlags);
  frames.fill(frame, content.bytes);
  frames.countMapping(frame, 1);
  countResident(mm, frameFlags, 1);
  swap.count(slot, -1);
  ports.journal.save(mm, "swapEntries");
  mm.swapEntries--;
  mm.pages.set(page, frame, P_PRESENT | P_YOUNG | P_SOFT_DIRTY);
}

/**
 * Gives an area a reverse map when its first anonymous page appears. A neighbour that could merge
 * donates its own, so that areas that mprotect cut apart can join again. Linux: mm/mmap.c
 * find_mergeable_anon_vma
 */
export function ensureAnon(mm: AddressSpace, area: number): void {
  const { areas } = mm;
  if (areas.anon[area] !== 0) return;
  const next = areas.next(area);
  const previous = areas.previous(area);
  const donor =
    next >= 0 && mayDonate(mm, area, next)
      ? next
      : previous >= 0 && mayDonate(mm, previous, area)
        ? previous
        : -1;
  areas.setAnon(area, donor >= 0 ? areas.anon[donor] : mm.memory.newAnon(), false);
}

function mayDonate(mm: AddressSpace, low: number, high: number): boolean {
  const { areas } = mm;
  const donor = areas.anon[low] !== 0 ? low : high;
  const ignored = VM_ACCESS;
  return (
    areas.anon[donor] !== 0 &&
    areas.inherited[donor] === 0 &&
    areas.end[low] === areas.start[high] &&
    areas.backing[low] === areas.backing[high] &&
    ((areas.flags[low] ^ areas.flags[high]) & ~ignored) === 0 &&
    areas.offset[low] + (areas.end[low] - areas.start[low]) === areas.offset[high]
  );
}
