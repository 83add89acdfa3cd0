import type { AddressSpace } from "./addressSpace.ts";
import { unmerge } from "./ksm.ts";
import { NOT_MERGEABLE, VM_MERGEABLE } from "./flags.ts";

/**
 * PR_SET_MEMORY_MERGE: all memory that KSM could merge becomes mergeable, what is mapped later too;
 * or none is any more. Areas are neither cut nor joined by it.
 *
 * Linux: mm/ksm.c ksm_enable_merge_any, ksm_disable_merge_any
 */
export function setMergeAny(mm: AddressSpace, on: boolean): void {
  mm.memory.ports.journal.save(mm, "mergeAny");
  mm.mergeAny = on;
  for (const area of mm.areas) {
    const old = mm.areas.flags[area];
    const flags = on ? mergeable(old) : (old & ~VM_MERGEABLE) >>> 0;
    if (!on && flags !== old) unmerge(mm, area, mm.areas.start[area], mm.areas.end[area]);
    if (flags !== old) mm.areas.setFlags(area, flags);
  }
}

/** The flags of an area that is mapped while all is to be merged. Linux: mm/ksm.c ksm_vma_flags */
export function mergeable(flags: number): number {
  return (flags & NOT_MERGEABLE) !== 0 ? flags : (flags | VM_MERGEABLE) >>> 0;
}

/** The flags with which a new area looks for neighbours to join. */
export function flagsOfNew(mm: AddressSpace, flags: number): number {
  const isEarly = mm.mergeAny && mm.memory.features.memoryMerge === "before-joining";
  return isEarly ? mergeable(flags) : flags;
}

/** Marks an area that joined no neighbour, where it was not marked before it looked for one. */
export function markNew(mm: AddressSpace, area: number, start: number, end: number): void {
  if (!mm.mergeAny || mm.memory.features.memoryMerge === "before-joining") return;
  const { areas } = mm;
  if (areas.start[area] !== start || areas.end[area] !== end) return;
  const flags = mergeable(areas.flags[area]);
  if (flags !== areas.flags[area]) areas.setFlags(area, flags);
}
