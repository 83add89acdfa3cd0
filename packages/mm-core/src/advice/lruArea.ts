import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "../addressSpace.ts";
import { VM_HUGETLB, VM_LOCKED, VM_PFNMAP } from "../flags.ts";
import { P_GUARD, P_PRESENT, P_ZERO } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import {
  SKIP_GUARD,
  SKIP_NOT_ON_LRU,
  SKIP_NOT_PRESENT,
  SKIP_SHARED,
  SKIP_SPECIAL,
  SKIP_ZERO,
} from "../tally.ts";

/**
 * Refuses areas whose pages are not on the lists that reclaim works on: locked memory, bare frames,
 * hugetlb. Linux: mm/madvise.c can_madv_lru_vma, madvise_dontneed_free_valid_vma
 */
export function refuseLru(mm: AddressSpace, area: number, start: number): Refusal | undefined {
  const flags = mm.areas.flags[area];
  if ((flags & (VM_LOCKED | VM_PFNMAP | VM_HUGETLB)) === 0) return undefined;
  const address = `0x${(start * mm.memory.pageBytes).toString(16)}`;
  const { checks } = mm.memory.ports;
  if ((flags & VM_LOCKED) !== 0) return reasons.refuse(checks, "madvise/locked", address);
  if ((flags & VM_PFNMAP) !== 0) return reasons.refuse(checks, "madvise/pfnmap", address);
  return reasons.refuse(checks, "madvise/hugetlb", address);
}

/** A huge page that others map too is left alone, and with it every page of it. */
export function skipHuge({ memory }: AddressSpace, from: number, to: number): false {
  memory.tally.skipped[SKIP_SHARED] += to - from;
  memory.tally.skipped[SKIP_NOT_PRESENT] -= to - from;
  return false;
}

/** Why COLD and PAGEOUT leave a page alone that an entry does or does not show. */
export function skipReason(mm: AddressSpace, entry: number, frame: number): number {
  if ((entry & P_PRESENT) === 0) return (entry & P_GUARD) !== 0 ? SKIP_GUARD : SKIP_NOT_PRESENT;
  if ((entry & P_ZERO) !== 0) return SKIP_ZERO;
  if (frame === 0) return SKIP_SPECIAL;
  return mm.memory.frames.mapCount[frame] !== 1 ? SKIP_SHARED : SKIP_NOT_ON_LRU;
}
