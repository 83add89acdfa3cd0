import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { indexOf } from "../filePage.ts";
import { VM_LOCKED, VM_MAYWRITE, VM_SHARED, VM_WRITE } from "../flags.ts";
import { reasons } from "../reasons.ts";
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
  if (backing === null || backing.object.kind === "special") {
    return reasons.refuse(checks, "madvise/remove-no-file", address);
  }
  const right = mm.memory.features.removeNeeds === "write" ? VM_WRITE : VM_MAYWRITE;
  if ((flags & VM_SHARED) === 0 || (flags & right) === 0) {
    return reasons.refuse(checks, "madvise/remove-not-writable", address);
  }
  if (backing.object.appendOnly === true || backing.object.writeSealed === true) {
    return reasons.refuse(checks, "madvise/remove-append-only", address);
  }
  if (backing.object.canPunch === false)
    return reasons.refuse(checks, "madvise/remove-not-supported", address);
  if (zapRange(mm, start, end, "keep-guards")) mm.memory.work.tlbFlushes++;
  punch(mm, area, start, end);
  return undefined;
};

/** Takes pages out of the cache; other mappings of them see zeros when they next fault. */
function punch(mm: AddressSpace, area: number, start: number, end: number): void {
  const { frames } = mm.memory;
  const { object } = mm.areas.backing[area]!;
  const cache = mm.memory.cache(object);
  const from = indexOf(mm, area, start);
  const to = from + (end - start);
  for (const index of [...cache.pages.keys()].filter((key) => key >= from && key < to)) {
    const frame = cache.get(index);
    mm.memory.ports.journal.saveEntry(frames.contents, frame);
    frames.contents.delete(frame);
    if (frames.mapCount[frame] === 0) {
      cache.set(index, 0);
      frames.release(frame);
    }
  }
  for (const index of [...cache.slots.keys()].filter((key) => key >= from && key < to)) {
    mm.memory.swap.count(cache.slots.get(index)!, -1);
    cache.setSlot(index, 0);
  }
  for (let index = from; index < to; index++) object.store?.(index, new Uint8Array(0));
}
