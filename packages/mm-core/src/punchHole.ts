import type { PageObject } from "./backing.ts";
import { bringIntoCache } from "./filePage.ts";
import { F_DIRTY } from "./frames.ts";
import { punchHugeHole } from "./hugetlb/hugeFile.ts";
import type { Memory } from "./memory.ts";
import type { PageCache } from "./pageCache.ts";
import { punch } from "./punch.ts";
import { forEachMapping } from "./rmap.ts";
import { zapRange } from "./zap.ts";

/** What keeps a hole out of an object. */
export type HoleObjection = "append-only" | "unsupported" | "sealed";

/**
 * What keeps a hole out of an object, asked in Linux' order. Linux: fs/open.c vfs_fallocate,
 * mm/shmem.c shmem_fallocate
 */
export function objectionToHole(object: PageObject): HoleObjection | undefined {
  if (object.appendOnly === true) return "append-only";
  if (object.canPunch === false) return "unsupported";
  return object.writeSealed === true ? "sealed" : undefined;
}

/**
 * Punches a hole of bytes: whole pages go from memory, from every mapping and from the disk, of the
 * pages at its ends the bytes within become zeros. Linux: mm/shmem.c shmem_fallocate,
 * shmem_undo_range
 */
export function punchHole(memory: Memory, object: PageObject, from: number, to: number): void {
  if (object.kind === "hugetlb") {
    punchHugeHole(memory, object, from, to);
    return;
  }
  const { pageBytes } = memory;
  const first = Math.ceil(from / pageBytes);
  const last = Math.floor(to / pageBytes);
  const cache = memory.cache(object);
  if (last === 0 && object.kind === "shmem") hideFrom(memory, object, first);
  if (first < last) {
    punch(memory, object, first, last);
    if (object.kind === "file") forgetDisk(memory, cache, first, last);
  }
  if (first > last) {
    zeroBytes(memory, cache, from, to);
    return;
  }
  zeroBytes(memory, cache, from, first * pageBytes);
  zeroBytes(memory, cache, last * pageBytes, to);
}

/**
 * A hole that ends within the first page takes all that follows it out of every mapping: the last
 * byte of its whole pages is counted as -1, the largest there is. Linux: mm/shmem.c shmem_fallocate
 * (unmap_end)
 */
function hideFrom(memory: Memory, object: PageObject, first: number): void {
  forEachMapping(memory, object, first, Number.POSITIVE_INFINITY, (mm, _area, start, end) => {
    if (zapRange(mm, start, end, "keep-guards", "cached-only")) memory.work.tlbFlushes++;
  });
}

/**
 * Makes bytes of one page zeros, if the page is anywhere; from swap it comes back. Linux: mm/shmem.c
 * shmem_get_partial_folio
 */
export function zeroBytes(memory: Memory, cache: PageCache, from: number, to: number): void {
  if (from >= to) return;
  const { frames, pageBytes } = memory;
  const index = Math.floor(from / pageBytes);
  const isSwapped = cache.slots.has(index);
  const frame = isSwapped ? bringIntoCache(memory, cache, index) : cache.get(index);
  if (frame === 0) return;
  frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
  const bytes = frames.contents.get(frame);
  const start = from % pageBytes;
  const end = Math.min(start + (to - from), bytes?.length ?? 0);
  if (bytes === undefined || end <= start) return;
  frames.contents.write(frame, start, new Uint8Array(end - start), 0, end - start);
}

/** What lies on a disk is a hole from now on. */
function forgetDisk({ pageBytes }: Memory, cache: PageCache, first: number, last: number): void {
  const end = Math.min(last, Math.ceil(cache.object.sizeBytes / pageBytes));
  for (let index = first; index < end; index++) cache.writeBack(index, undefined);
  for (const index of cache.written.keys())
    if (index >= first && index < last) cache.writeBack(index, undefined);
}
