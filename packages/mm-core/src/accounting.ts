import type { Refusal } from "@kadvise/uapi";
import type { Actor, MemoryLimit } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCOUNT, VM_GROWSDOWN, VM_LOCKED, VM_NORESERVE, VM_SHARED, VM_WRITE } from "./flags.ts";
import { reasons } from "./reasons.ts";

/** Fewer pages than this no machine that runs Linux refuses, nor does any usual limit. */
export const MODEST_PAGES: number = 2 ** 18;

/**
 * Whether an area counts as data: private, writable, no stack. Linux: mm/internal.h is_data_mapping
 */
export function isData(flags: number): boolean {
  return (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE;
}

/** Whether a new area's pages are promised (VM_ACCOUNT). Linux: mm/vma.c accountable_mapping */
export function isAccountable(flags: number): boolean {
  return (flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE;
}

/** Notes pages that joined (positive) or left (negative) the address space under some flags. */
export function countPages(mm: AddressSpace, flags: number, pages: number): void {
  const { journal } = mm.memory.ports;
  if (journal.recording) {
    journal.save(mm, "totalPages");
    journal.save(mm, "lockedPages");
    journal.save(mm, "dataPages");
    journal.save(mm, "promisedPages");
  }
  mm.totalPages += pages;
  if ((flags & VM_LOCKED) !== 0) mm.lockedPages += pages;
  if (isData(flags)) mm.dataPages += pages;
  if ((flags & VM_ACCOUNT) !== 0) mm.promisedPages += pages;
}

/** Whether more pages fit under RLIMIT_AS and RLIMIT_DATA. Linux: mm/mmap.c may_expand_vm */
export function mayExpand(
  mm: AddressSpace,
  flags: number,
  pages: number,
  actor: Actor,
): Refusal | undefined {
  const { checks } = mm.memory.ports;
  if (!fitsSpace(mm, pages, actor)) {
    const space = limitPages(mm, actor, "RLIMIT_AS");
    return reasons.refuse(checks, "mmap/address-space-limit", mm.totalPages + pages, space);
  }
  if (isData(flags) && !fitsData(mm, pages, actor)) {
    const data = limitPages(mm, actor, "RLIMIT_DATA");
    return reasons.refuse(checks, "mmap/data-limit", mm.dataPages + pages, data);
  }
  return undefined;
}

/** Whether so many more pages of any kind fit under RLIMIT_AS. */
export function fitsSpace(mm: AddressSpace, pages: number, actor: Actor): boolean {
  return isWithin(mm, mm.totalPages + pages, limitPages(mm, actor, "RLIMIT_AS"));
}

/**
 * Whether so many more pages of data fit under RLIMIT_DATA. A soft limit of 0 is one that was set
 * when only the heap counted: then the hard limit is what holds. Linux: mm/mmap.c may_expand_vm
 * ("Workaround for Valgrind")
 */
export function fitsData(mm: AddressSpace, pages: number, actor: Actor): boolean {
  const more = mm.dataPages + pages;
  if (isWithin(mm, more, limitPages(mm, actor, "RLIMIT_DATA"))) return true;
  const { pageBytes } = mm.memory;
  return (
    actor.limit("RLIMIT_DATA") === 0 &&
    isWithin(mm, more, Math.floor(actor.limit("RLIMIT_DATA", "hard") / pageBytes))
  );
}

/**
 * Whether an address space of so many known pages is within a limit. Of one that nobody knows
 * whole, what is known is the least that it has; where something of it was forgotten, not even that.
 */
export function isWithin(mm: AddressSpace, pages: number, limit: number): boolean {
  const isKnown = pages <= limit;
  if (limit === Number.POSITIVE_INFINITY || !mm.hasUnknown) return isKnown;
  if (isKnown ? limit - pages > MODEST_PAGES : mm.forgotten.isEmpty) return isKnown;
  return mm.memory.ports.choices.choose<boolean>({
    id: "mm/unstated-size",
    usual: isKnown,
    allows: (answer) => typeof answer === "boolean",
    describe: () => `whether all that is mapped comes to ${limit} pages at most`,
    alternatives: [true, false],
  });
}

function limitPages(mm: AddressSpace, actor: Actor, name: MemoryLimit): number {
  return Math.floor(actor.limit(name) / mm.memory.pageBytes);
}

/** Whether more pages may be locked. Linux: mm/mmap.c mlock_future_ok */
export function mayLock(mm: AddressSpace, pages: number, actor: Actor): boolean {
  const limit = Math.floor(actor.limit("RLIMIT_MEMLOCK") / mm.memory.pageBytes);
  return mm.lockedPages + pages <= limit || actor.capable("CAP_IPC_LOCK");
}
