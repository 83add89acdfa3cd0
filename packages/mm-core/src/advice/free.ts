import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_SHARED } from "../flags.ts";
import {
  F_ACTIVE,
  F_ANON,
  F_DIRTY,
  F_LRU,
  F_REFERENCED,
  F_SWAPBACKED,
  F_SWAPCACHE,
} from "../frames.ts";
import { entersHuge } from "../hugePage.ts";
import { meetFolio } from "../largeFolio.ts";
import { P_DIRTY, P_GUARD, P_PRESENT, P_SWAP, P_YOUNG, P_ZERO, type Leaf } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { dropSwapEntry, isSwappedNowhere, leaveSwapCache } from "../swapCache.ts";
import {
  SKIP_GUARD,
  SKIP_NOT_ANONYMOUS,
  SKIP_NOT_PRESENT,
  SKIP_SHARED,
  SKIP_ZERO,
} from "../tally.ts";
import { walkEntries } from "../walk.ts";
import { refuseLru, skipHuge } from "./lruArea.ts";

/**
 * MADV_FREE: the pages may be dropped as long as nobody writes them again. Linux: mm/madvise.c
 * madvise_free_pte_range
 *
 * Pages that were swapped out are dropped at once. A page becomes "lazily free" by losing its claim
 * on swap (F_SWAPBACKED): reclaim then simply drops it, unless a write made it dirty again.
 */
export const free: AdviceAction = (mm, area, start, end) => {
  const { ports, tally, work } = mm.memory;
  const refusal = refuseLru(mm, area, start);
  if (refusal !== undefined) return refusal;
  if (mm.areas.backing[area] !== null || (mm.areas.flags[area] & VM_SHARED) !== 0) {
    const address = `0x${(start * mm.memory.pageBytes).toString(16)}`;
    return reasons.refuse(ports.checks, "madvise/free-not-anonymous", address);
  }
  ports.journal.save(mm, "swapEntries");
  tally.considered += end - start;
  // What has a table is taken back from these.
  tally.skipped[SKIP_NOT_PRESENT] += end - start;
  if (walkEntries(mm, start, end, freeEntries, undefined)) work.tlbFlushes++;
  return undefined;
};

function freeEntries(mm: AddressSpace, leaf: Leaf, from: number, to: number): boolean {
  if (leaf.huge && !entersHuge(mm, leaf, from, to, true)) return skipHuge(mm, from, to);
  const { tally, work } = mm.memory;
  let flush = false;
  let hasFolios = mm.memory.folios.count > 0 && !leaf.huge;
  for (let i = from; i < to; i++) {
    if (hasFolios) {
      const met = meetFolio(mm, leaf, i, to);
      hasFolios = met !== "whole";
      if (met === "stop") break;
      if (met === "skip") continue;
    }
    const bits = leaf.bits[i];
    if ((bits & P_SWAP) !== 0) freeSwapped(mm, leaf, i);
    else {
      const skipped = freePresent(mm, bits, leaf.value[i]);
      if (skipped >= 0) {
        tally.skipped[skipped]++;
        continue;
      }
      if ((bits & (P_YOUNG | P_DIRTY)) !== 0) flush = true;
      leaf.bits[i] = bits & ~(P_YOUNG | P_DIRTY);
      work.pagesTouched++;
    }
    tally.acted++;
  }
  tally.skipped[SKIP_NOT_PRESENT] -= to - from;
  return flush;
}

/** Not lazy: what lies in swap is worth nothing but the reading. */
function freeSwapped(mm: AddressSpace, leaf: Leaf, i: number): void {
  dropSwapEntry(mm.memory, leaf.value[i]);
  mm.swapEntries--;
  leaf.bits[i] = 0;
  leaf.value[i] = 0;
  leaf.used--;
}

/** Gives up one page's contents; returns why it was skipped, or -1. */
function freePresent(mm: AddressSpace, bits: number, frame: number): number {
  if ((bits & P_PRESENT) === 0) return (bits & P_GUARD) !== 0 ? SKIP_GUARD : SKIP_NOT_PRESENT;
  if ((bits & P_ZERO) !== 0) return SKIP_ZERO;
  const { memory } = mm;
  const { frames } = memory;
  const flags = frames.flags[frame];
  if ((flags & F_ANON) === 0) return SKIP_NOT_ANONYMOUS;
  // A page without dirt of its own and without a place in swap is taken even where others map it:
  // their entries are dirty, and keep it.
  if ((flags & (F_DIRTY | F_SWAPCACHE)) !== 0) {
    if (frames.mapCount[frame] !== 1) return SKIP_SHARED;
    if ((flags & F_SWAPCACHE) !== 0) {
      if (!isSwappedNowhere(memory, frame)) return SKIP_SHARED;
      leaveSwapCache(memory, frame);
    }
  }
  let freed = frames.flags[frame] & ~F_DIRTY;
  if ((freed & (F_LRU | F_SWAPBACKED)) === (F_LRU | F_SWAPBACKED)) {
    freed &= ~(F_SWAPBACKED | F_ACTIVE | F_REFERENCED);
  }
  frames.setFlags(frame, freed);
  return -1;
}
