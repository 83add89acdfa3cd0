import type { AddressSpace } from "../addressSpace.ts";
import { VM_SOFTDIRTY } from "../flags.ts";
import { F_ANON } from "../frames.ts";
import { P_GUARD, P_PRESENT, P_SOFT_DIRTY, P_SWAP, P_ZERO } from "../pageTable.ts";

/** Bytes of an entry. */
export const PAGEMAP_ENTRY_BYTES = 8;

/**
 * The upper halves of the bits that an entry of pagemap has: bit 63 is bit 31 here. Linux:
 * fs/proc/task_mmu.c PM_PRESENT and its like
 */
export const PAGEMAP_HIGH = {
  present: 0x8000_0000,
  swapped: 0x4000_0000,
  /** A page of a file or of shared memory. */
  file: 0x2000_0000,
  guard: 0x0400_0000,
  /** Mapped here and nowhere else. */
  exclusive: 0x0100_0000,
  softDirty: 0x0080_0000,
} as const;

/**
 * The entries of /proc/PID/pagemap for some pages, little-endian, as a reader without CAP_SYS_ADMIN
 * sees them: the numbers of frames and swap slots, which no model can know, are 0.
 *
 * Linux: fs/proc/task_mmu.c pagemap_pmd_range, pte_to_pagemap_entry
 */
export function pagemap(mm: AddressSpace, start: number, pages: number): Uint8Array {
  const bytes = new Uint8Array(pages * PAGEMAP_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < pages; i++) {
    view.setUint32(i * PAGEMAP_ENTRY_BYTES + 4, entryOf(mm, start + i), true);
  }
  return bytes;
}

/** The upper half of an entry. */
function entryOf(mm: AddressSpace, page: number): number {
  const { areas, pages, memory } = mm;
  const bits = pages.bitsOf(page);
  const area = areas.at(page);
  if (area < 0) return 0;
  let entry = 0;
  // An area that counts as written lends that to all its pages.
  if (((areas.flags[area] & VM_SOFTDIRTY) | (bits & P_SOFT_DIRTY)) !== 0) entry = softDirty(mm);
  if ((bits & P_PRESENT) !== 0) {
    entry |= PAGEMAP_HIGH.present;
    if ((bits & P_ZERO) === 0) {
      const frame = pages.valueOf(page);
      if ((memory.frames.flags[frame] & F_ANON) === 0) entry |= PAGEMAP_HIGH.file;
      const { mapCount } = memory.frames;
      if (mapCount[firstOfHuge(mm, page) || frame] === 1) entry |= PAGEMAP_HIGH.exclusive;
    } else if (memory.features.pagemapHugeZeroIsFile && pages.at(page)?.huge === true)
      entry |= PAGEMAP_HIGH.file;
  } else if ((bits & P_SWAP) !== 0) {
    entry |= PAGEMAP_HIGH.swapped;
  } else if ((bits & P_GUARD) !== 0) {
    // A marker has the form of a swap entry.
    entry |= PAGEMAP_HIGH.swapped;
    if (memory.features.pagemapShowsGuards) entry |= PAGEMAP_HIGH.guard;
  }
  return entry >>> 0;
}

/** The frame that speaks for all of a huge page, in most releases; 0 where each does for itself. */
function firstOfHuge({ pages, memory }: AddressSpace, page: number): number {
  const leaf = pages.at(page);
  const byFirst = memory.features.pagemapHugeExclusive === "first-page";
  return byFirst && leaf?.huge === true ? leaf.value[0] : 0;
}

function softDirty({ memory }: AddressSpace): number {
  return memory.settings.values.softDirty ? PAGEMAP_HIGH.softDirty : 0;
}
