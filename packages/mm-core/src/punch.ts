import type { PageObject } from "./backing.ts";
import { removeHuge } from "./hugetlb/hugeFile.ts";
import { pagesOfHuge } from "./hugetlb/hugeSize.ts";
import type { Memory } from "./memory.ts";
import { indicesWithin } from "./pageCache.ts";
import { forEachMapping } from "./rmap.ts";
import { dropSwapEntry } from "./swapCache.ts";
import { zapRange } from "./zap.ts";

/**
 * Takes pages out of an object and out of every mapping of it. A hole leaves private copies where
 * they are, a shorter file takes them too. Linux: mm/truncate.c truncate_pagecache_range,
 * truncate_pagecache, mm/shmem.c shmem_fallocate
 */
export function punch(
  memory: Memory,
  object: PageObject,
  first: number,
  last: number,
  copies: "keep-copies" | "drop-copies" = "keep-copies",
): void {
  if (object.kind === "hugetlb") {
    const huge = pagesOfHuge(object, memory.pageShift);
    removeHuge(memory, object, Math.ceil(first / huge), Math.floor(last / huge));
    return;
  }
  const { frames } = memory;
  const cache = memory.cache(object);
  forEachMapping(memory, object, first, last, (mm, _area, start, end) => {
    const which = copies === "drop-copies" ? "all" : "cached-only";
    const flush = zapRange(mm, start, end, "keep-guards", which);
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
}
