import type { AddressSpace } from "../addressSpace.ts";
import { VM_LOCKED, VM_SHARED, VM_WRITE } from "../flags.ts";
import { F_ANON, F_DIRTY, F_HUGETLB, F_KSM, F_REFERENCED, F_SWAPBACKED } from "../frames.ts";
import { isHugeAnonymous } from "../hugePage.ts";
import {
  entryOf,
  LEAF_PAGES,
  nextLeaf,
  P_DIRTY,
  P_PRESENT,
  P_SWAP,
  P_YOUNG,
  P_ZERO,
  type Leaf,
} from "../pageTable.ts";

/** A proportional share is counted in so many parts of a byte. Linux: fs/proc/task_mmu.c PSS_SHIFT */
const PARTS = 4096;

/** What smaps counts of one area's pages. */
export class AreaPages {
  /** In pages: present ones, without the page of zeros; by who maps them and whether written. */
  resident = 0;
  sharedClean = 0;
  sharedDirty = 0;
  privateClean = 0;
  privateDirty = 0;
  referenced = 0;
  anonymous = 0;
  lazyFree = 0;
  huge = 0;
  /** Huge pages of the pool count here alone. Linux: fs/proc/task_mmu.c smaps_hugetlb_range */
  sharedHugetlb = 0;
  privateHugetlb = 0;
  /** Merged by KSM. */
  merged = 0;
  /** Swapped out, of the area's own; of shared memory too. */
  swap = 0;
  /** In 4096ths of a byte: each page divided by how often it is mapped. */
  share = 0;
  dirtyShare = 0;
  lockedShare = 0;
  swapShare = 0;
}

/** Counts an area's pages as smaps does. Linux: fs/proc/task_mmu.c smap_gather_stats */
export function areaPages(mm: AddressSpace, area: number): AreaPages {
  const { areas, pages } = mm;
  const counts = new AreaPages();
  const end = areas.end[area];
  for (
    let page = pages.nextUsed(areas.start[area], end);
    page < end;
    page = pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = pages.at(page)!;
    if (leaf.used === 0) continue;
    const from = entryOf(page);
    if (isHugeAnonymous(mm, leaf)) counts.huge += LEAF_PAGES;
    countEntries(mm, counts, leaf, from, Math.min(LEAF_PAGES, from + (end - page)));
  }
  if ((areas.flags[area] & VM_LOCKED) !== 0) counts.lockedShare = counts.share;
  counts.swap += swappedBehind(mm, area);
  return counts;
}

function countEntries(
  mm: AddressSpace,
  counts: AreaPages,
  { bits, value }: Leaf,
  from: number,
  to: number,
): void {
  const { frames, swap, pageBytes } = mm.memory;
  const whole = pageBytes * PARTS;
  for (let i = from; i < to; i++) {
    const entry = bits[i];
    if ((entry & P_SWAP) !== 0) {
      counts.swap++;
      counts.swapShare += Math.floor(whole / swap.get(value[i]).count);
    }
    if ((entry & (P_PRESENT | P_ZERO)) !== P_PRESENT) continue;
    const flags = frames.flags[value[i]];
    const mapped = frames.mapCount[value[i]];
    if ((flags & F_HUGETLB) !== 0) {
      if (mapped > 1) counts.sharedHugetlb++;
      else counts.privateHugetlb++;
      continue;
    }
    const share = Math.floor(whole / mapped);
    const isDirty = (entry & P_DIRTY) !== 0 || (flags & F_DIRTY) !== 0;
    counts.resident++;
    counts.share += share;
    if ((flags & F_KSM) !== 0) counts.merged++;
    if (isDirty) counts.dirtyShare += share;
    if (mapped > 1) {
      if (isDirty) counts.sharedDirty++;
      else counts.sharedClean++;
    } else if (isDirty) counts.privateDirty++;
    else counts.privateClean++;
    if ((entry & P_YOUNG) !== 0 || (flags & F_REFERENCED) !== 0) counts.referenced++;
    if ((flags & F_ANON) === 0) continue;
    counts.anonymous++;
    if ((flags & F_SWAPBACKED) === 0 && !isDirty) counts.lazyFree++;
  }
}

/**
 * Pages of shared memory that lie in swap: all within the area's part of the object, for a mapping
 * that shares them. Linux: mm/shmem.c shmem_swap_usage
 */
function swappedBehind(mm: AddressSpace, area: number): number {
  const { areas, memory } = mm;
  const backing = areas.backing[area] ?? null;
  if (backing === null || backing.object.kind !== "shmem") return 0;
  const { slots } = memory.cache(backing.object);
  if (slots.size === 0) return 0;
  const first = areas.offset[area];
  const pages = areas.end[area] - areas.start[area];
  // A private writable mapping may hide a page behind a copy of its own.
  const mayHide = (areas.flags[area] & (VM_SHARED | VM_WRITE)) === VM_WRITE;
  let count = 0;
  for (const index of slots.keys()) {
    if (index < first || index >= first + pages) continue;
    if (mayHide && mm.pages.bitsOf(areas.start[area] + (index - first)) !== 0) continue;
    count++;
  }
  return count;
}
