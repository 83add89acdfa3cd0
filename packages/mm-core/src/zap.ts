import type { AddressSpace } from "./addressSpace.ts";
import { F_ANON, F_DIRTY, F_REFERENCED, F_SHMEM } from "./frames.ts";
import {
  LEAF_PAGES,
  nextLeaf,
  P_DIRTY,
  P_GUARD,
  P_PRESENT,
  P_SWAP,
  P_YOUNG,
  P_ZERO,
} from "./pageTable.ts";

/**
 * Empties the page-table entries of part of an area, and drops what only they held. Returns whether
 * anything that a TLB may hold was emptied.
 *
 * Linux: mm/memory.c zap_pte_range. A dirty entry of a file page passes its dirt to the page before
 * it goes.
 */
export function zapRange(
  mm: AddressSpace,
  start: number,
  end: number,
  guards: "keep-guards" | "drop-guards",
): boolean {
  const { pages, memory } = mm;
  const { swap, ports } = memory;
  const { journal } = ports;
  let flush = false;
  if (journal.recording) saveCounters(mm);
  for (
    let page = pages.nextUsed(start, end);
    page < end;
    page = pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = pages.at(page);
    if (leaf === undefined || leaf.used === 0) continue;
    const from = page % LEAF_PAGES;
    const to = Math.min(LEAF_PAGES, from + (end - page));
    memory.work.pageTableWalks++;
    if (journal.recording) {
      journal.saveCells(leaf.bits, from, to);
      journal.saveCells(leaf.value, from, to);
      journal.save(leaf, "used");
    }
    const { bits, value } = leaf;
    for (let i = from; i < to; i++) {
      const entry = bits[i];
      if (entry === 0) continue;
      if ((entry & P_PRESENT) !== 0) {
        flush = true;
        if ((entry & P_ZERO) === 0) dropMapping(mm, value[i], entry);
      } else if ((entry & P_SWAP) !== 0) {
        swap.count(value[i], -1);
        mm.swapEntries--;
      } else if ((entry & P_GUARD) !== 0 && guards === "keep-guards") continue;
      bits[i] = 0;
      value[i] = 0;
      leaf.used--;
      memory.work.pagesTouched++;
    }
  }
  return flush;
}

/** One entry fewer shows a frame; the frame goes if nothing else holds it. */
export function dropMapping(mm: AddressSpace, frame: number, entry: number): void {
  const { frames } = mm.memory;
  let flags = frames.flags[frame];
  if ((flags & F_ANON) === 0) {
    if ((entry & P_DIRTY) !== 0) flags |= F_DIRTY;
    if ((entry & P_YOUNG) !== 0) flags |= F_REFERENCED;
    if (flags !== frames.flags[frame]) frames.setFlags(frame, flags);
  }
  countResident(mm, flags, -1);
  if (frames.countMapping(frame, -1) === 0 && (flags & F_ANON) !== 0) frames.release(frame);
}

/** Notes a page that became or ceased to be resident. */
export function countResident(mm: AddressSpace, frameFlags: number, change: 1 | -1): void {
  const { journal } = mm.memory.ports;
  if (journal.recording) saveCounters(mm);
  if ((frameFlags & F_ANON) !== 0) mm.anonymousPages += change;
  else if ((frameFlags & F_SHMEM) !== 0) mm.sharedPages += change;
  else mm.filePages += change;
}

function saveCounters(mm: AddressSpace): void {
  const { journal } = mm.memory.ports;
  journal.save(mm, "anonymousPages");
  journal.save(mm, "filePages");
  journal.save(mm, "sharedPages");
  journal.save(mm, "swapEntries");
}
