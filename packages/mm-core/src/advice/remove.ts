import type { AdviceAction } from "../advise.ts";
import { indexOf } from "../filePage.ts";
import { VM_HUGETLB, VM_LOCKED, VM_MAYWRITE, VM_SHARED, VM_WRITE } from "../flags.ts";
import { punch } from "../punch.ts";
import { reasons } from "../reasons.ts";

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
  const last = first + (end - start);
  punch(mm.memory, backing.object, first, last);
  // What lies on a disk is a hole from now on.
  const cache = mm.memory.cache(backing.object);
  if (backing.object.kind === "file")
    for (let index = first; index < last; index++) cache.writeBack(index, undefined);
  return undefined;
};
