import type { AdviceAction } from "../advise.ts";
import { VM_HUGETLB, VM_LOCKED, VM_PFNMAP, VM_SHARED } from "../flags.ts";
import {
  F_ACTIVE,
  F_ANON,
  F_DIRTY,
  F_LRU,
  F_MLOCKED,
  F_REFERENCED,
  F_SWAPBACKED,
} from "../frames.ts";
import {
  LEAF_PAGES,
  nextLeaf,
  P_DIRTY,
  P_GUARD,
  P_PRESENT,
  P_SWAP,
  P_YOUNG,
  P_ZERO,
} from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import {
  SKIP_GUARD,
  SKIP_NOT_ANONYMOUS,
  SKIP_NOT_PRESENT,
  SKIP_SHARED,
  SKIP_ZERO,
} from "../tally.ts";

/**
 * MADV_FREE: the pages may be dropped as long as nobody writes them again. Linux: mm/madvise.c
 * madvise_free_pte_range
 *
 * Pages that were swapped out are dropped at once. A page becomes "lazily free" by losing its claim
 * on swap (F_SWAPBACKED): reclaim then simply drops it, unless a write made it dirty again.
 */
export const free: AdviceAction = (mm, area, start, end) => {
  const { frames, swap, ports, tally, work } = mm.memory;
  const flags = mm.areas.flags[area];
  const address = `0x${(start * mm.memory.pageBytes).toString(16)}`;
  if ((flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) !== 0) {
    const id =
      (flags & VM_LOCKED) !== 0
        ? "madvise/locked"
        : (flags & VM_PFNMAP) !== 0
          ? "madvise/pfnmap"
          : "madvise/hugetlb";
    return reasons.refuse(ports.checks, id, address);
  }
  if (mm.areas.backing[area] !== null || (flags & VM_SHARED) !== 0) {
    return reasons.refuse(ports.checks, "madvise/free-not-anonymous", address);
  }

  let flush = false;
  let visited = 0;
  ports.journal.save(mm, "swapEntries");
  for (
    let page = mm.pages.nextUsed(start, end);
    page < end;
    page = mm.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = mm.pages.at(page);
    const from = page % LEAF_PAGES;
    const to = Math.min(LEAF_PAGES, from + (end - page));
    if (leaf === undefined) continue;
    visited += to - from;
    work.pageTableWalks++;
    ports.journal.saveCells(leaf.bits, from, to);
    for (let i = from; i < to; i++) {
      const bits = leaf.bits[i];
      if ((bits & P_SWAP) !== 0) {
        swap.count(leaf.value[i], -1);
        mm.swapEntries--;
        leaf.bits[i] = 0;
        ports.journal.save(leaf, "used");
        leaf.used--;
        tally.acted++;
        continue;
      }
      if ((bits & P_PRESENT) === 0) {
        tally.skipped[(bits & P_GUARD) !== 0 ? SKIP_GUARD : SKIP_NOT_PRESENT]++;
        continue;
      }
      if ((bits & P_ZERO) !== 0) {
        tally.skipped[SKIP_ZERO]++;
        continue;
      }
      const frame = leaf.value[i];
      const frameFlags = frames.flags[frame];
      if ((frameFlags & F_ANON) === 0) {
        tally.skipped[SKIP_NOT_ANONYMOUS]++;
        continue;
      }
      if ((frameFlags & F_DIRTY) !== 0 && frames.mapCount[frame] !== 1) {
        tally.skipped[SKIP_SHARED]++;
        continue;
      }
      if ((bits & (P_YOUNG | P_DIRTY)) !== 0) {
        leaf.bits[i] = bits & ~(P_YOUNG | P_DIRTY);
        flush = true;
      }
      if ((frameFlags & (F_LRU | F_SWAPBACKED | F_MLOCKED)) === (F_LRU | F_SWAPBACKED)) {
        frames.setFlags(frame, frameFlags & ~(F_SWAPBACKED | F_ACTIVE | F_REFERENCED | F_DIRTY));
      }
      tally.acted++;
      work.pagesTouched++;
    }
  }
  tally.considered += end - start;
  tally.skipped[SKIP_NOT_PRESENT] += end - start - visited;
  if (flush) work.tlbFlushes++;
  return undefined;
};
