import type { AdviceAction } from "../advise.ts";
import { indexOf } from "../filePage.ts";
import { VM_HUGETLB, VM_LOCKED, VM_MAYWRITE, VM_SHARED, VM_WRITE } from "../flags.ts";
import { objectionToHole, punchHole } from "../punchHole.ts";
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
  const { object } = backing;
  const objection = objectionToHole(object);
  if (objection === "unsupported")
    return reasons.refuse(checks, "madvise/remove-not-supported", address);
  if (objection !== undefined) return reasons.refuse(checks, "madvise/remove-append-only", address);
  const first = indexOf(mm, area, start);
  const { pageBytes } = mm.memory;
  punchHole(mm.memory, object, first * pageBytes, (first + (end - start)) * pageBytes);
  return undefined;
};
