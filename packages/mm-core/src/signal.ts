import { USUAL } from "@kadvise/ports";
import { MADV } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";

/**
 * Whether a signal is pending at the caller when an advice looks for one: any signal, also one with
 * a handler. Asked once an area. Linux: mm/ksm.c unmerge_ksm_pages, signal_pending
 */
export function isSignalPending(mm: AddressSpace, start: number, end: number): boolean {
  const { ports, pageBytes } = mm.memory;
  if (ports.choices === USUAL) return false;
  return ports.choices.choose<boolean>({
    id: "signal/pending",
    usual: false,
    allows: () => true,
    describe: () => `whether a signal came before 0x${(start * pageBytes).toString(16)} was done`,
    alternatives: [false, true],
    pages: { start, end },
  });
}

/**
 * Advice that works under the read lock of the address space, for which nobody waits killably. All
 * other advice changes areas. Linux: mm/madvise.c madvise_need_mmap_write, madvise_lock
 */
const UNDER_READ_LOCK: ReadonlySet<number> = new Set<number>([
  ...[MADV.MADV_REMOVE, MADV.MADV_WILLNEED, MADV.MADV_DONTNEED, MADV.MADV_DONTNEED_LOCKED],
  ...[MADV.MADV_COLD, MADV.MADV_PAGEOUT, MADV.MADV_FREE],
  ...[MADV.MADV_POPULATE_READ, MADV.MADV_POPULATE_WRITE],
  ...[MADV.MADV_GUARD_INSTALL, MADV.MADV_GUARD_REMOVE, MADV.MADV_COLLAPSE],
  ...[MADV.MADV_HWPOISON, MADV.MADV_SOFT_OFFLINE],
]);

/** Whether an advice takes the write lock, which a fatal signal keeps it from taking. */
export function takesWriteLock(advice: number): boolean {
  return !UNDER_READ_LOCK.has(advice);
}
