import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "../addressSpace.ts";
import { indexOf } from "../filePage.ts";
import { VM_MAYSHARE, VM_SHARED, VM_WRITE } from "../flags.ts";
import { F_ANON, F_EXCLUSIVE } from "../frames.ts";
import { ensureAnon } from "../newPage.ts";
import { P_DIRTY, P_PRESENT, P_WRITE, P_YOUNG } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { countResident, zapRange } from "../zap.ts";
import { allocateHuge, hugeFilePage, takeHuge } from "./hugeFile.ts";
import { firstOfHuge, hugePagesOf } from "./hugeSize.ts";

/**
 * A huge page is touched for the first time. Whoever finds none in the pool gets SIGBUS, and so does
 * a child from whom its parent took a page away: it must not see zeros where there was data.
 *
 * Linux: mm/hugetlb.c hugetlb_no_page
 */
export function hugeFault(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
): Refusal | undefined {
  const { memory, areas } = mm;
  const { checks } = memory.ports;
  const flags = areas.flags[area];
  const backing = areas.backing[area]!;
  const { object } = backing;
  if (backing.lostPages === true)
    return reasons.refuse(checks, "access/huge-page-lost", addressOf(mm, page));
  const first = firstOfHuge(mm, area, page);
  const huge = hugePagesOf(mm, area);
  const index = indexOf(mm, area, first) / huge;
  const end = (index + 1) * huge * memory.pageBytes;
  const isShared = (flags & VM_MAYSHARE) !== 0;
  const isCached = memory.cache(object).get(index * huge) !== 0;
  // A segment is mapped as a whole, and its file is longer than what was asked for.
  const isBeyond = object.reservesWhole !== true && end > object.sizeBytes;
  if (!isCached && isBeyond)
    return reasons.refuse(checks, "access/beyond-end", addressOf(mm, page));
  if (isShared || isCached) {
    const frame = hugeFilePage(memory, object, index);
    if (frame === 0) return noHugePage(mm, page);
    const mayWrite = (flags & (VM_SHARED | VM_WRITE)) === (VM_SHARED | VM_WRITE);
    const bits = P_PRESENT | P_YOUNG | (mayWrite ? P_WRITE | P_DIRTY : 0);
    const cache = memory.cache(object);
    for (let i = 0; i < huge; i++) mapFrame(mm, first + i, cache.get(index * huge + i), bits);
  } else {
    ensureAnon(mm, area);
    if (!takeFor(mm, area, index)) return noHugePage(mm, page);
    const all = allocateHuge(memory, huge, F_ANON | F_EXCLUSIVE);
    for (const [i, frame] of all.entries()) mapFrame(mm, first + i, frame, P_PRESENT | P_YOUNG);
  }
  return write ? hugeWrite(mm, area, page) : undefined;
}

/**
 * A write to a huge page that is there but may not be written: it is taken over by who has it alone,
 * and copied otherwise. Linux: mm/hugetlb.c hugetlb_wp
 *
 * Who reserved the area copies from what the pool has to spare. If that is nothing, it takes the page
 * away from its children instead. `unshares` makes it one's own without writing it.
 */
export function hugeWrite(
  mm: AddressSpace,
  area: number,
  page: number,
  how: "writes" | "unshares" = "writes",
): Refusal | undefined {
  const { frames } = mm.memory;
  const first = firstOfHuge(mm, area, page);
  if ((mm.pages.bitsOf(first) & P_WRITE) !== 0) return undefined;
  const head = mm.pages.valueOf(first);
  const isAnonymous = (frames.flags[head] & F_ANON) !== 0;
  if ((mm.areas.flags[area] & VM_SHARED) === 0 && !(isAnonymous && frames.mapCount[head] === 1)) {
    const index = indexOf(mm, area, first) / hugePagesOf(mm, area);
    ensureAnon(mm, area);
    const { object, reservation } = mm.areas.backing[area]!;
    const isOwner = reservation !== undefined && isAnonymous;
    const isThere = isOwner ? takeHuge(mm.memory, object, "spare") : takeFor(mm, area, index);
    if (isThere) copyHuge(mm, area, first);
    else if (!isOwner) return noHugePage(mm, page);
    else takeAway(mm, area, first);
  }
  makeOwn(mm, area, first, how === "writes");
  return undefined;
}

/** Takes a page for a private mapping: one that it reserved, or one to spare. */
function takeFor(mm: AddressSpace, area: number, index: number): boolean {
  const { object, reservation } = mm.areas.backing[area]!;
  const isReserved = reservation !== undefined && !reservation.taken.has(index);
  if (!takeHuge(mm.memory, object, isReserved ? "reserved" : "spare")) return false;
  if (reservation !== undefined) {
    mm.memory.ports.journal.saveEntry(reservation.taken, index);
    reservation.taken.set(index, true);
  }
  return true;
}

/** A copy in place of a page that others see too. */
function copyHuge(mm: AddressSpace, area: number, first: number): void {
  const { memory, pages } = mm;
  const huge = hugePagesOf(mm, area);
  const all = allocateHuge(memory, huge, F_ANON | F_EXCLUSIVE);
  for (const [i, frame] of all.entries())
    memory.frames.contents.copy(pages.valueOf(first + i), frame);
  zapRange(mm, first, first + huge, "keep-guards");
  for (const [i, frame] of all.entries()) mapFrame(mm, first + i, frame, P_PRESENT | P_YOUNG);
}

/** Marks a page as owned alone, and lets it be written if that was asked for and the area allows it. */
function makeOwn(mm: AddressSpace, area: number, first: number, writes: boolean): void {
  const { pages, memory } = mm;
  const { frames } = memory;
  const last = first + hugePagesOf(mm, area);
  for (let page = first; page < last; page++) {
    const frame = pages.valueOf(page);
    const flags = frames.flags[frame];
    if ((flags & F_ANON) !== 0) frames.setFlags(frame, flags | F_EXCLUSIVE);
    if (writes) pages.set(page, frame, pages.bitsOf(page) | P_WRITE | P_DIRTY | P_YOUNG);
  }
}

/**
 * Who reserved a mapping takes a page away from all who have it by fork. Their mappings remember it.
 * Linux: mm/hugetlb.c unmap_ref_private
 */
function takeAway(mm: AddressSpace, area: number, first: number): void {
  const { object } = mm.areas.backing[area]!;
  const huge = hugePagesOf(mm, area);
  const head = mm.pages.valueOf(first);
  const index = indexOf(mm, area, first);
  for (const other of mm.memory.spaces) {
    for (const one of other.areas) {
      const backing = other.areas.backing[one] ?? null;
      const page = other.areas.start[one] + index - other.areas.offset[one];
      if (backing?.object !== object || backing.reservation !== undefined) continue;
      if (page < other.areas.start[one] || page >= other.areas.end[one]) continue;
      if ((other.areas.flags[one] & VM_MAYSHARE) !== 0 || !shows(other, page, head)) continue;
      if (zapRange(other, page, page + huge, "keep-guards")) mm.memory.work.tlbFlushes++;
      other.areas.setBacking(one, { ...backing, lostPages: true });
    }
  }
}

function shows({ pages }: AddressSpace, page: number, frame: number): boolean {
  return (pages.bitsOf(page) & P_PRESENT) !== 0 && pages.valueOf(page) === frame;
}

function mapFrame(mm: AddressSpace, page: number, frame: number, bits: number): void {
  const { frames } = mm.memory;
  frames.countMapping(frame, 1);
  countResident(mm, frames.flags[frame], 1);
  mm.pages.set(page, frame, bits);
}

function noHugePage(mm: AddressSpace, page: number): Refusal {
  return reasons.refuse(mm.memory.ports.checks, "access/no-huge-page", addressOf(mm, page));
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
