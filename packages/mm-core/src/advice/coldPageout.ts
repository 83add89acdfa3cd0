import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "../actor.ts";
import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_HUGETLB, VM_LOCKED, VM_PFNMAP, VM_SHARED } from "../flags.ts";
import { F_ACTIVE, F_ANON, F_LRU, F_REFERENCED } from "../frames.ts";
import { LEAF_PAGES, nextLeaf, P_PRESENT, P_YOUNG, P_ZERO, type Leaf } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { reclaimPage } from "../reclaim.ts";
import {
  SKIP_NOT_ANONYMOUS,
  SKIP_NOT_ON_LRU,
  SKIP_NOT_OWNED,
  SKIP_NOT_PRESENT,
  SKIP_SHARED,
  SKIP_SPECIAL,
  SKIP_ZERO,
} from "../tally.ts";

/**
 * MADV_COLD: pages that only this process maps lose their marks of use and leave the active list.
 * They stay mapped.
 *
 * Linux: mm/madvise.c madvise_cold_or_pageout_pte_range. A page that another process maps too is
 * left alone.
 */
export const cold: AdviceAction = (mm, area, start, end) => {
  const refusal = checkArea(mm, area, start);
  if (refusal !== undefined) return refusal;
  if (mm.memory.ports.journal.recording) saveEntries(mm, start, end);
  const { frames, tally, work } = mm.memory;
  const frameFlags = frames.flags;
  const { mapCount } = frames;
  const recording = mm.memory.ports.journal.recording;
  let flush = false;
  let visited = 0;
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
    const { bits, value } = leaf;
    for (let i = from; i < to; i++) {
      const entry = bits[i];
      const frame = value[i];
      if (
        (entry & (P_PRESENT | P_ZERO)) !== P_PRESENT ||
        mapCount[frame] !== 1 ||
        (frameFlags[frame] & F_LRU) === 0
      ) {
        tally.skipped[skipReason(mm, leaf, i)]++;
        continue;
      }
      if ((entry & P_YOUNG) !== 0) {
        bits[i] = entry & ~P_YOUNG;
        flush = true;
      }
      const flags = frameFlags[frame];
      if ((flags & (F_REFERENCED | F_ACTIVE)) !== 0) {
        if (recording) frames.setFlags(frame, flags & ~(F_REFERENCED | F_ACTIVE));
        else frameFlags[frame] = flags & ~(F_REFERENCED | F_ACTIVE);
      }
      tally.acted++;
    }
    work.pagesTouched += to - from;
  }
  tally.considered += end - start;
  tally.skipped[SKIP_NOT_PRESENT] += end - start - visited;
  if (flush) work.tlbFlushes++;
  return undefined;
};

/**
 * MADV_PAGEOUT: pages that only this process maps are reclaimed at once: to swap, or out of the
 * cache.
 *
 * Of a file that the caller neither owns nor may write, nothing is taken away (its pages tell what
 * others read): older releases leave the whole area alone, newer ones page out the private copies
 * in it.
 */
export const pageout: AdviceAction = (mm, area, start, end, actor) => {
  const refusal = checkArea(mm, area, start);
  if (refusal !== undefined) return refusal;
  const anonymousOnly = withheld(mm, area, actor);
  const { frames, tally, work, features } = mm.memory;
  if (anonymousOnly === "all") {
    tally.considered += end - start;
    tally.skipped[SKIP_NOT_OWNED] += end - start;
    return undefined;
  }
  if (mm.memory.ports.journal.recording) saveEntries(mm, start, end);
  let flush = false;
  let visited = 0;
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
    for (let i = from; i < to; i++) {
      const entry = leaf.bits[i];
      const frame = leaf.value[i];
      const present = (entry & (P_PRESENT | P_ZERO)) === P_PRESENT;
      if (!present || frames.mapCount[frame] !== 1 || (frames.flags[frame] & F_LRU) === 0) {
        tally.skipped[skipReason(mm, leaf, i)]++;
        continue;
      }
      if (anonymousOnly === "files" && (frames.flags[frame] & F_ANON) === 0) {
        tally.skipped[SKIP_NOT_ANONYMOUS]++;
        continue;
      }
      flush = true;
      if (!features.pageoutKeepsYoung) leaf.bits[i] = entry & ~P_YOUNG;
      frames.setFlags(frame, frames.flags[frame] & ~F_REFERENCED);
      reclaimPage(mm, area, page - from + i, leaf, i);
    }
    work.pagesTouched += to - from;
  }
  tally.considered += end - start;
  tally.skipped[SKIP_NOT_PRESENT] += end - start - visited;
  if (flush) work.tlbFlushes++;
  return undefined;
};

/** Linux: mm/madvise.c can_madv_lru_vma */
function checkArea(mm: AddressSpace, area: number, start: number): Refusal | undefined {
  const flags = mm.areas.flags[area];
  if ((flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) === 0) return undefined;
  const id =
    (flags & VM_LOCKED) !== 0
      ? "madvise/locked"
      : (flags & VM_PFNMAP) !== 0
        ? "madvise/pfnmap"
        : "madvise/hugetlb";
  return reasons.refuse(
    mm.memory.ports.checks,
    id,
    `0x${(start * mm.memory.pageBytes).toString(16)}`,
  );
}

/** What of an area the caller may not page out: nothing, its file pages, or all of it. */
function withheld(mm: AddressSpace, area: number, actor: Actor): "nothing" | "files" | "all" {
  const backing = mm.areas.backing[area] ?? null;
  if (backing === null) return "nothing";
  const hasFile = backing.object.kind !== "special";
  if (hasFile && actor.ownsOrMayWrite(backing.object)) return "nothing";
  if (mm.memory.features.pageoutUnowned === "skip-area") return "all";
  return (mm.areas.flags[area] & VM_SHARED) !== 0 ? "all" : "files";
}

function skipReason(mm: AddressSpace, leaf: Leaf, i: number): number {
  const entry = leaf.bits[i];
  if ((entry & P_PRESENT) === 0) return SKIP_NOT_PRESENT;
  if ((entry & P_ZERO) !== 0) return SKIP_ZERO;
  const frame = leaf.value[i];
  if (frame === 0) return SKIP_SPECIAL;
  return mm.memory.frames.mapCount[frame] !== 1 ? SKIP_SHARED : SKIP_NOT_ON_LRU;
}

function saveEntries(mm: AddressSpace, start: number, end: number): void {
  const { journal } = mm.memory.ports;
  for (
    let page = mm.pages.nextUsed(start, end);
    page < end;
    page = mm.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = mm.pages.at(page);
    if (leaf === undefined) continue;
    const from = page % LEAF_PAGES;
    const to = Math.min(LEAF_PAGES, from + (end - page));
    journal.saveCells(leaf.bits, from, to);
    journal.saveCells(leaf.value, from, to);
    journal.save(leaf, "used");
  }
}
