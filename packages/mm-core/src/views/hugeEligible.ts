import type { AddressSpace } from "../addressSpace.ts";
import { VM_HUGEPAGE, VM_HUGETLB, VM_NOHUGEPAGE, VM_SPECIAL } from "../flags.ts";
import { hugePages } from "../modify.ts";

/**
 * Whether an area could hold a transparent huge page (smaps' THPeligible): private anonymous memory
 * with room for an aligned one, where the setting or its advice allows it. Of shared memory and
 * files none does, as the settings are by default.
 *
 * Linux: mm/huge_memory.c thp_vma_allowable_orders, vma_thp_disabled; include/linux/huge_mm.h
 * thp_vma_suitable_order
 */
export function isHugeEligible(mm: AddressSpace, area: number): boolean {
  const { areas, memory } = mm;
  const huge = hugePages(mm);
  // Below the first huge page's end the last place for one wraps around, and lies in the area.
  const wraps = areas.end[area] < huge;
  if (!wraps && (Math.ceil(areas.start[area] / huge) + 1) * huge > areas.end[area]) return false;
  const flags = areas.flags[area];
  if (areas.backing[area] !== null) return false;
  if ((flags & (VM_SPECIAL | VM_HUGETLB | VM_NOHUGEPAGE)) !== 0) return false;
  if (isHugeDisabled(mm, flags)) return false;
  const { thp, thpEnabled } = memory.settings.values;
  if (!thp || thpEnabled === "never") return false;
  return thpEnabled === "always" || (flags & VM_HUGEPAGE) !== 0;
}

/**
 * Whether prctl(PR_SET_THP_DISABLE) keeps huge pages out of an area; since 6.18 it may except those
 * that were advised. Linux: include/linux/huge_mm.h vma_thp_disabled
 */
export function isHugeDisabled({ hugeDisabled }: AddressSpace, flags: number): boolean {
  return hugeDisabled === 1 || (hugeDisabled === 3 && (flags & VM_HUGEPAGE) === 0);
}
