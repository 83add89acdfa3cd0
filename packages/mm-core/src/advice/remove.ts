import type { AdviceAction } from "../advise.ts";
import type { PageObject } from "../backing.ts";
import { indexOf } from "../filePage.ts";
import { VM_HUGETLB, VM_LOCKED, VM_MAYWRITE, VM_SHARED, VM_WRITE } from "../flags.ts";
import type { Memory } from "../memory.ts";
import { indicesWithin } from "../pageCache.ts";
import { reasons } from "../reasons.ts";
import { forEachMapping } from "../rmap.ts";
import { dropSwapEntry } from "../swapCache.ts";
import { zapRange } from "../zap.ts";

/**
 * MADV_REMOVE: punches a hole into the file or shared memory behind the range: contents are gone
 * for everybody.
 *
 * Linux: mm/madvise.c madvise_remove, fs/open.c vfs_fallocate
 */
export const remove: AdviceAction = (mm, area, start, end) => {
  const { checks } = mm.memory.ports;
  const flags = mm.areas.flags[area];
  const backing = mm.areas.backing[area] ?? null;
  const address = `0x${(start * mm.memory.pageBytes).toString(16)}`;
  if ((flags & VM_LOCKED) !== 0) return reasons.refuse(checks, "madvise/locked", address);
  // Anonymous huge pages are a file of the kernel's own hugetlbfs, which is asked for its rights.
  const isHuge = (flags & VM_HUGETLB) !== 0;
  if (backing === null ? !isHuge : backing.object.kind === "special") {
    return reasons.refuse(checks, "madvise/remove-no-file", address);
  }
  const right = mm.memory.features.removeNeeds === "write" ? VM_WRITE : VM_MAYWRITE;
  if (backing === null || (flags & VM_SHARED) === 0 || (flags & right) === 0) {
    return reasons.refuse(checks, "madvise/remove-not-writable", address);
  }
  if (backing.object.appendOnly === true || backing.object.writeSealed === true) {
    return reasons.refuse(checks, "madvise/remove-append-only", address);
  }
  if (backing.object.canPunch === false)
    return reasons.refuse(checks, "madvise/remove-not-supported", address);
  const first = indexOf(mm, area, start);
  punch(mm.memory, backing.object, first, first + (end - start));
  return undefined;
};

/**
 * Takes pages out of the object and out of every mapping of it. Private copies stay: they are the
 * mappers' own. Linux: mm/truncate.c truncate_pagecache_range, mm/shmem.c shmem_fallocate
 */
function punch(memory: Memory, object: PageObject, first: number, last: number): void {
  const { frames } = memory;
  const cache = memory.cache(object);
  forEachMapping(memory, object, first, last, (mm, _area, start, end) => {
    const flush = zapRange(mm, start, end, "keep-guards", "cached-only");
    if (flush) memory.work.tlbFlushes++;
  });
  for (const index of indicesWithin(cache.pages, first, last)) {
    const frame = cache.get(index);
    cache.set(index, 0);
    frames.release(frame);
  }
  for (const index of indicesWithin(cache.slots, first, last)) {
    dropSwapEntry(memory, cache.slots.get(index)!);
    cache.setSlot(index, 0);
  }
  if (object.kind === "file")
    for (let index = first; index < last; index++) cache.writeBack(index, undefined);
}
