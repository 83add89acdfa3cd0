import type { PageObject } from "../backing.ts";
import { F_HUGETLB, F_HUGETLB_HEAD } from "../frames.ts";
import type { Memory } from "../memory.ts";
import { indicesWithin, type PageCache } from "../pageCache.ts";
import { zeroBytes } from "../punchHole.ts";
import { forEachMapping } from "../rmap.ts";
import { zapRange } from "../zap.ts";
import { pagesOfHuge } from "./hugeSize.ts";
import { noteReserved, restoreReservation } from "./reservation.ts";

/** Who knows which objects somebody has open. */
export interface ObjectKeeper {
  holds(object: PageObject): boolean;
}

/** The frames of a huge page: as many as small pages have, the first of which stands for all. */
export function allocateHuge({ frames }: Memory, huge: number, flags: number): Int32Array {
  const all = new Int32Array(huge);
  for (let i = 0; i < huge; i++)
    all[i] = frames.allocate(flags | F_HUGETLB | (i === 0 ? F_HUGETLB_HEAD : 0));
  return all;
}

/**
 * The first frame of a huge page of a file, which the pool gives if need be: one that was reserved
 * for the file, or one to spare; 0 where there is none. Linux: mm/hugetlb.c hugetlb_no_page
 */
export function hugeFilePage(memory: Memory, object: PageObject, index: number): number {
  const cache = memory.cache(object);
  const huge = pagesOfHuge(object, memory.pageShift);
  const known = cache.get(index * huge);
  if (known !== 0) return known;
  if (!takeHuge(memory, object, cache.reserved.has(index) ? "reserved" : "spare")) return 0;
  noteReserved(memory, object, index);
  const all = allocateHuge(memory, huge, 0);
  const { places } = memory.frames;
  for (const [i, frame] of all.entries()) {
    memory.ports.journal.saveEntry(places, frame);
    places.set(frame, { cache: cache.id, index: index * huge + i });
    cache.set(index * huge + i, frame);
  }
  return all[0];
}

/** Takes a page of the pool, files that nobody has any more notwithstanding. */
export function takeHuge(memory: Memory, object: PageObject, which: "reserved" | "spare"): boolean {
  if (which === "spare") sweepHugeFiles(memory);
  return memory.hugePoolOf(object).take(which);
}

/**
 * Takes whole huge pages [first, last) out of a file and out of every mapping, private copies
 * included; to the end of the file, also what was reserved. Linux: fs/hugetlbfs/inode.c
 * remove_inode_hugepages, mm/hugetlb.c hugetlb_unreserve_pages
 */
export function removeHuge(memory: Memory, object: PageObject, first: number, last: number): void {
  const { frames } = memory;
  const cache = memory.cache(object);
  const huge = pagesOfHuge(object, memory.pageShift);
  forEachMapping(memory, object, first * huge, last * huge, (mm, area, start, end) => {
    restoreReservation(mm, area, start, end);
    if (zapRange(mm, start, end, "keep-guards")) memory.work.tlbFlushes++;
  });
  const pool = memory.hugePoolOf(object);
  for (const index of indicesWithin(cache.pages, first * huge, last * huge)) {
    const frame = cache.get(index);
    if ((frames.flags[frame] & F_HUGETLB_HEAD) !== 0) {
      pool.give();
      forgetReserved(memory, cache, index / huge);
    }
    cache.set(index, 0);
    frames.release(frame);
  }
  if (last !== Number.POSITIVE_INFINITY) return;
  const left = [...cache.reserved.keys()].filter((index) => index >= first);
  for (const index of left) forgetReserved(memory, cache, index);
  pool.unreserve(left.length);
}

function forgetReserved({ ports }: Memory, { reserved }: PageCache, index: number): void {
  ports.journal.saveEntry(reserved, index);
  reserved.delete(index);
}

/**
 * A hole of bytes in a file of huge pages: whole ones go. What of others lies in it becomes zeros,
 * or stays before 6.1. Linux: fs/hugetlbfs/inode.c hugetlbfs_punch_hole
 */
export function punchHugeHole(memory: Memory, object: PageObject, from: number, to: number): void {
  const hugeBytes = pagesOfHuge(object, memory.pageShift) * memory.pageBytes;
  const first = Math.ceil(from / hugeBytes);
  const last = Math.floor(to / hugeBytes);
  if (memory.features.hugetlbHolesZeroParts) {
    zeroParts(memory, object, from, Math.min(to, first * hugeBytes));
    if (last >= first) zeroParts(memory, object, last * hugeBytes, to);
  }
  if (first < last) removeHuge(memory, object, first, last);
}

function zeroParts(memory: Memory, object: PageObject, from: number, to: number): void {
  const { pageBytes } = memory;
  const cache = memory.cache(object);
  for (let at = from; at < to; at = (Math.floor(at / pageBytes) + 1) * pageBytes)
    zeroBytes(memory, cache, at, Math.min(to, (Math.floor(at / pageBytes) + 1) * pageBytes));
}

/**
 * Makes the huge pages [first, last) of a file, as fallocate does; false at the first for which the
 * pool has none. Linux: fs/hugetlbfs/inode.c hugetlbfs_fallocate
 */
export function allocateHugePages(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
): boolean {
  for (let index = first; index < last; index++)
    if (hugeFilePage(memory, object, index) === 0) return false;
  return true;
}

/**
 * Ends files of huge pages that nobody shows or has open any more: what they had is in the pool
 * again. When that happened does not matter before somebody asks the pool. Linux:
 * fs/hugetlbfs/inode.c hugetlbfs_evict_inode
 */
export function sweepHugeFiles(memory: Memory): void {
  const { keeper } = memory;
  if (keeper === undefined) return;
  for (const { object, pages, reserved } of memory.caches) {
    if (object.kind !== "hugetlb" || pages.size + reserved.size === 0) continue;
    if (object.mappings !== undefined || keeper.holds(object) || isShown(memory, object)) continue;
    removeHuge(memory, object, 0, Number.POSITIVE_INFINITY);
  }
}

function isShown({ spaces }: Memory, object: PageObject): boolean {
  for (const { areas } of spaces)
    for (const area of areas) if (areas.backing[area]?.object === object) return true;
  return false;
}
