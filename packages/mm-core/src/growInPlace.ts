import type { Refusal } from "@kadvise/uapi";
import { countPages } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import { addArea } from "./addArea.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { mayCommit } from "./commit.ts";
import { VM_LOCKED } from "./flags.ts";
import { populate } from "./populate.ts";
import { unveil } from "./unveil.ts";

/**
 * Lets an area grow over the pages behind it, if they are free. Linux: mm/mremap.c
 * expand_vma_in_place, vma_expandable
 *
 * No distance is kept to a stack above. Newer kernels then join the area behind, if it is of the
 * same kind. Locked memory is brought in, errors are nobody's business.
 */
export function growInPlace(
  mm: AddressSpace,
  area: number,
  pages: number,
  actor: Actor,
): Refusal | "no-room" | undefined {
  const { areas } = mm;
  const flags = areas.flags[area];
  const start = areas.start[area];
  const end = areas.end[area];
  const newEnd = end + pages;
  if (newEnd > mm.layout.limit || unveil(mm, end, newEnd, "mmap") === "area") return "no-room";
  const above = areas.find(end);
  if (above >= 0 && areas.start[above] < newEnd) return "no-room";
  const lowest = mm.memory.settings.values.mmapMinAddr;
  if (start * mm.memory.pageBytes < lowest && !actor.capable("CAP_SYS_RAWIO")) return "no-room";
  const promise = mayCommit(mm, { flags, pages }, actor);
  if (promise !== undefined) return promise;
  // Where no area may go by joining, none is joined. Linux: mm/mremap.c, vma->vm_ops->close
  const closes = areas.backing[area]?.closes === true;
  if (mm.memory.features.mremapGrowthMerges && !closes) {
    const offset = areas.offset[area] + (end - start);
    // A parent's reverse map does not matter here. Linux: mm/vma.c vma_merge_extend
    const brought = { anon: areas.anon[area], inherited: false, label: areas.labelOf(area) };
    addArea(mm, end, newEnd, flags, offset, areas.backing[area] ?? null, brought);
  } else areas.setEnd(area, newEnd);
  countPages(mm, flags, pages);
  if ((flags & VM_LOCKED) !== 0) populate(mm, end, newEnd, actor);
  return undefined;
}
