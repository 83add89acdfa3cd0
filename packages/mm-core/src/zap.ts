import type { AddressSpace } from "./addressSpace.ts";
import { markHuge } from "./hugePage.ts";
import {
  F_ANON,
  F_DIRTY,
  F_HUGETLB,
  F_HUGETLB_HEAD,
  F_RESTORES,
  F_SHMEM,
  F_SWAPCACHE,
} from "./frames.ts";
import { LEAF_PAGES, P_DIRTY, P_PRESENT, P_SWAP, P_YOUNG, P_ZERO, type Leaf } from "./pageTable.ts";
import { walkEntries } from "./walk.ts";
import { dropSwapEntry, isSwappedNowhere, leaveSwapCache } from "./swapCache.ts";
import { used } from "./used.ts";

/**
 * Empties the page-table entries of part of an area, and drops what only they held. Returns whether
 * anything that a TLB may hold was emptied.
 *
 * Linux: mm/memory.c zap_pte_range. A dirty entry of a file page passes its dirt to the page before
 * it goes. Guard markers may be kept, and so may private copies and what of them lies in swap.
 */
export function zapRange(
  mm: AddressSpace,
  start: number,
  end: number,
  guards: "keep-guards" | "drop-guards",
  which: "all" | "cached-only" = "all",
): boolean {
  if (mm.memory.ports.journal.recording) saveCounters(mm);
  const keeps =
    (guards === "keep-guards" ? KEEP_GUARDS : 0) | (which === "cached-only" ? KEEP_COPIES : 0);
  return walkEntries(mm, start, end, zapEntries, keeps);
}

const KEEP_GUARDS = 1;
const KEEP_COPIES = 2;

function zapEntries(
  mm: AddressSpace,
  leaf: Leaf,
  from: number,
  to: number,
  base: number,
  keeps: number,
): boolean {
  const { frames, work } = mm.memory;
  const { bits, value } = leaf;
  let flush = false;
  const isWholeHuge = leaf.huge && to - from === LEAF_PAGES;
  if (leaf.huge) markHuge(mm, leaf, false);
  for (let i = from; i < to; i++) {
    const entry = bits[i];
    if (entry === 0) continue;
    if ((entry & P_PRESENT) !== 0) {
      const isZero = (entry & P_ZERO) !== 0;
      const isCopy = isZero || (frames.flags[value[i]] & F_ANON) !== 0;
      if (isCopy && (keeps & KEEP_COPIES) !== 0) continue;
      flush = true;
      if (!isZero) unmapFrame(mm, value[i], entry);
    } else if ((entry & P_SWAP) !== 0) {
      if ((keeps & KEEP_COPIES) !== 0) continue;
      dropSwapEntry(mm.memory, value[i]);
      mm.swapEntries--;
    } else if ((keeps & KEEP_GUARDS) !== 0) continue;
    bits[i] = 0;
    value[i] = 0;
    leaf.used--;
    work.pagesTouched++;
  }
  // A huge page needs no table: the next may be huge again.
  if (isWholeHuge) mm.pages.prune(base, base + LEAF_PAGES);
  return flush;
}

/**
 * One entry fewer shows a frame; the frame goes if nothing else holds it. What the entry knows of a
 * cached page passes to the page; what reads ahead or at random does not say that it is in use.
 *
 * Linux: mm/memory.c zap_present_ptes, mm/swap.c free_swap_cache
 */
export function dropMapping(mm: AddressSpace, frame: number, entry: number): void {
  if (mm.memory.ports.journal.recording) saveCounters(mm);
  unmapFrame(mm, frame, entry);
}

/** As {@link dropMapping}, where the counters are noted already: once an area, not once a page. */
function unmapFrame(mm: AddressSpace, frame: number, entry: number): void {
  const { memory } = mm;
  const { frames, folios } = memory;
  let flags = frames.flags[frame];
  if ((flags & F_ANON) === 0) {
    if ((entry & P_DIRTY) !== 0) flags |= F_DIRTY;
    if ((entry & P_YOUNG) !== 0) flags = used(memory, flags);
    if (flags !== frames.flags[frame]) frames.setFlags(frame, flags);
  }
  addResident(mm, flags, -1);
  const hasFolios = folios.count > 0;
  if (hasFolios) folios.countMapping(mm, frame, -1);
  if (frames.countMapping(frame, -1) > 0 || (flags & F_ANON) === 0) return;
  if ((flags & F_SWAPCACHE) !== 0) {
    if (!isSwappedNowhere(memory, frame)) return;
    leaveSwapCache(memory, frame);
  }
  if (hasFolios) folios.release(frame);
  if ((flags & F_HUGETLB_HEAD) !== 0) memory.hugePools[0].give((flags & F_RESTORES) !== 0);
  frames.release(frame);
}

/** Notes a page that became or ceased to be resident. */
export function countResident(mm: AddressSpace, frameFlags: number, change: 1 | -1): void {
  const { journal } = mm.memory.ports;
  if (journal.recording) saveCounters(mm);
  addResident(mm, frameFlags, change);
}

function addResident(mm: AddressSpace, frameFlags: number, change: 1 | -1): void {
  if ((frameFlags & F_HUGETLB) !== 0) mm.hugetlbPages += change;
  else if ((frameFlags & F_ANON) !== 0) mm.anonymousPages += change;
  else if ((frameFlags & F_SHMEM) !== 0) mm.sharedPages += change;
  else mm.filePages += change;
}

function saveCounters(mm: AddressSpace): void {
  const { journal } = mm.memory.ports;
  journal.save(mm, "anonymousPages");
  journal.save(mm, "filePages");
  journal.save(mm, "sharedPages");
  journal.save(mm, "swapEntries");
  journal.save(mm, "hugetlbPages");
}
