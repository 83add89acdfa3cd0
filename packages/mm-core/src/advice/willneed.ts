import type { AdviceAction } from "../advise.ts";
import { indexOf } from "../filePage.ts";
import { F_LRU } from "../frames.ts";
import { P_SWAP } from "../pageTable.ts";

/**
 * MADV_WILLNEED: reads ahead. Swapped pages come into the swap cache, file pages into the page
 * cache; no entry changes, and nothing can fail. Linux: mm/madvise.c madvise_willneed
 */
export const willneed: AdviceAction = (mm, area, start, end) => {
  const { memory, areas, pages } = mm;
  const backing = areas.backing[area] ?? null;
  if (backing === null) {
    for (let page = pages.nextUsed(start, end); page < end; page = pages.nextUsed(page + 1, end)) {
      if ((pages.bitsOf(page) & P_SWAP) !== 0) memory.swap.setCached(pages.valueOf(page), 1);
    }
    return undefined;
  }
  if (backing.object.kind !== "file") return undefined;
  const cache = memory.cache(backing.object);
  const last = Math.ceil(backing.object.sizeBytes / memory.pageBytes);
  for (let page = start; page < end; page++) {
    const index = indexOf(mm, area, page);
    if (index >= last) break;
    if (cache.get(index) !== 0) continue;
    const frame = memory.frames.allocate(F_LRU);
    memory.frames.fill(frame, backing.object.load?.(index));
    memory.ports.journal.saveEntry(memory.frames.places, frame);
    memory.frames.places.set(frame, { cache: cache.id, index });
    cache.set(index, frame);
  }
  return undefined;
};
