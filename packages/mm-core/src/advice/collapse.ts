import type { AdviceAction } from "../advise.ts";
import { VM_HUGETLB, VM_NOHUGEPAGE, VM_SPECIAL } from "../flags.ts";
import { hugePages } from "../modify.ts";
import { P_PRESENT, P_ZERO } from "../pageTable.ts";
import { reasons } from "../reasons.ts";

/**
 * MADV_COLLAPSE: makes huge pages of whole, aligned stretches. Since 6.1. Linux: mm/khugepaged.c
 * madvise_collapse
 *
 * Huge pages themselves are not modelled; the answer is. A stretch in which nothing is present
 * cannot be collapsed.
 */
export const collapse: AdviceAction = (mm, area, start, end) => {
  const { areas, memory } = mm;
  const { checks } = memory.ports;
  const huge = hugePages(mm);
  const address = `0x${(start * memory.pageBytes).toString(16)}`;
  const flags = areas.flags[area];
  const backing = areas.backing[area] ?? null;
  const refuse = () => reasons.refuse(checks, "madvise/collapse-unsuitable", address);
  if ((flags & (VM_SPECIAL | VM_HUGETLB | VM_NOHUGEPAGE)) !== 0) return refuse();
  if (backing === null && areas.anon[area] === 0) return refuse();
  if (backing !== null && backing.object.kind !== "shmem") return refuse();
  const roomStart = Math.ceil(areas.start[area] / huge) * huge;
  if (roomStart + huge > areas.end[area]) return refuse();

  const from = Math.ceil(start / huge) * huge;
  const to = Math.floor(end / huge) * huge;
  if (from > to) return memory.features.collapseEmpty === "done" ? undefined : refuse();
  for (let page = from; page < to; page += huge) {
    if (!hasPages(page)) return refuse();
  }
  return undefined;

  function hasPages(from: number): boolean {
    for (let page = from; page < from + huge; page++) {
      const bits = mm.pages.bitsOf(page);
      if ((bits & P_PRESENT) !== 0 && ((bits & P_ZERO) === 0 || memory.features.collapseReadOnly))
        return true;
    }
    return false;
  }
};
