import type { AddressSpace } from "./addressSpace.ts";
import type { PageObject } from "./backing.ts";
import { F_ANON, F_DIRTY } from "./frames.ts";
import type { Memory } from "./memory.ts";
import { P_DIRTY, P_PRESENT, P_WRITE, P_ZERO, type Leaf } from "./pageTable.ts";
import { forEachMapping } from "./rmap.ts";
import { walkEntries } from "./walk.ts";

/**
 * Writes the dirty pages [first, last) of a file to its disk: they are clean then, and the next
 * write through any mapping faults again. Shared memory has no disk.
 *
 * Linux: mm/filemap.c file_write_and_wait_range, mm/rmap.c folio_mkclean
 */
export function writeBack(memory: Memory, object: PageObject, first: number, last: number): void {
  if (object.kind !== "file") return;
  const { frames } = memory;
  forEachMapping(memory, object, first, last, (mm, _area, start, end) => {
    walkEntries(mm, start, end, cleanEntries, undefined);
  });
  const cache = memory.cache(object);
  for (const [index, frame] of cache.pages) {
    if (index < first || index >= last || (frames.flags[frame] & F_DIRTY) === 0) continue;
    cache.writeBack(index, frames.contents.get(frame));
    frames.setFlags(frame, frames.flags[frame] & ~F_DIRTY);
  }
}

function cleanEntries(mm: AddressSpace, { bits, value }: Leaf, from: number, to: number): boolean {
  const { frames } = mm.memory;
  let flush = false;
  for (let i = from; i < to; i++) {
    const entry = bits[i];
    if ((entry & (P_PRESENT | P_ZERO | P_DIRTY)) !== (P_PRESENT | P_DIRTY)) continue;
    const flags = frames.flags[value[i]];
    if ((flags & F_ANON) !== 0) continue;
    frames.setFlags(value[i], flags | F_DIRTY);
    bits[i] = entry & ~(P_DIRTY | P_WRITE);
    flush = true;
  }
  return flush;
}
