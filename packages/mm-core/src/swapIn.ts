import type { AddressSpace } from "./addressSpace.ts";
import { writeProtected } from "./copyOnWrite.ts";
import { VM_LOCKED, VM_WRITE } from "./flags.ts";
import { F_EXCLUSIVE, F_KSM, F_SWAPCACHE } from "./frames.ts";
import { P_DIRTY, P_PRESENT, P_SOFT_DIRTY, P_WRITE, P_YOUNG } from "./pageTable.ts";
import { isSwappedNowhere, leaveSwapCache, readSwap } from "./swapCache.ts";
import { countResident } from "./zap.ts";

/**
 * Brings a page back from swap. Linux: mm/memory.c do_swap_page
 *
 * The page comes through the swap cache and keeps its place in swap, clean, until it is written or
 * locked; who shares the slot finds the same page. It is mapped writable at once where its entry says
 * that nobody else had it, or where the cache does not hold it any more: that nobody is left who
 * shared it shows when it is written.
 */
export function swapIn(mm: AddressSpace, area: number, page: number, write: boolean): void {
  const { memory, areas, pages } = mm;
  const { frames, swap, ports } = memory;
  const slot = pages.valueOf(page);
  const isOwned = (pages.bitsOf(page) & P_WRITE) !== 0;
  const frame = readSwap(memory, slot);
  swap.count(slot, -1);
  ports.journal.save(mm, "swapEntries");
  mm.swapEntries--;
  const isOnly = frames.countMapping(frame, 1) === 1 && isSwappedNowhere(memory, frame);
  // What KSM merged stays so in the swap cache (mm/ksm.c ksm_might_need_to_copy).
  const isAlone = isOnly && (frames.flags[frame] & F_KSM) === 0;
  countResident(mm, frames.flags[frame], 1);
  const flags = areas.flags[area];
  const isLocked = (flags & VM_LOCKED) !== 0;
  if (isSwappedNowhere(memory, frame) && (isLocked || (write && isAlone))) {
    leaveSwapCache(memory, frame);
  }
  let bits = P_PRESENT | P_YOUNG | P_SOFT_DIRTY;
  if (isAlone && (isOwned || (frames.flags[frame] & F_SWAPCACHE) === 0)) {
    frames.setFlags(frame, frames.flags[frame] | F_EXCLUSIVE);
    if ((flags & VM_WRITE) !== 0) bits |= write ? P_WRITE | P_DIRTY : P_WRITE;
  }
  pages.set(page, frame, bits);
  if (write && (bits & P_WRITE) === 0) writeProtected(mm, area, page, bits);
}
