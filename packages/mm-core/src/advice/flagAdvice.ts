import { MADV, type Refusal } from "@kadvise/uapi";
import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DROPPABLE,
  VM_HUGEPAGE,
  VM_HUGETLB,
  VM_IO,
  VM_MERGEABLE,
  VM_NOHUGEPAGE,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SPECIAL,
  VM_WIPEONFORK,
} from "../flags.ts";
import { unmerge } from "../ksm.ts";
import { mergeable } from "../mergeAny.ts";
import { modifyArea, TOO_MANY_AREAS } from "../modify.ts";
import { reasons } from "../reasons.ts";
import { isSignalPending } from "../signal.ts";

/**
 * Advice that only changes an area's flags: NORMAL, RANDOM, SEQUENTIAL, DONTFORK and DOFORK,
 * DONTDUMP and DODUMP, WIPEONFORK and KEEPONFORK, MERGEABLE and UNMERGEABLE, HUGEPAGE and
 * NOHUGEPAGE.
 *
 * Flags that are already as wanted change nothing: no cut, no limit, no objection of the mapping.
 * Linux: mm/madvise.c madvise_vma_behavior, madvise_update_vma
 */
export const changeFlags: AdviceAction = (mm, area, start, end, _actor, advice) => {
  const old = mm.areas.flags[area];
  const flags = wantedFlags(mm, area, old, advice);
  if (typeof flags !== "number") return flags;
  if (flags === old) return undefined;
  // The pages come apart before the area does, whatever comes of that; a signal ends it at once.
  if (advice === MADV.MADV_UNMERGEABLE) {
    const mayHavePages = mm.areas.anon[area] !== 0 || mm.touchedUnseen;
    if (mayHavePages && isSignalPending(mm, start, end))
      return reasons.refuse(mm.memory.ports.checks, "madvise/interrupted", addressOf(mm, start));
    unmerge(mm, area, start, end);
  }
  const changed = modifyArea(mm, area, start, end, flags);
  if (changed >= 0) return undefined;
  const { checks } = mm.memory.ports;
  if (changed === TOO_MANY_AREAS) {
    const { adviseMapCountErrno } = mm.memory.features;
    const id =
      adviseMapCountErrno === "EAGAIN" ? "madvise/too-many-areas-eagain" : "madvise/too-many-areas";
    return reasons.refuse(checks, id, mm.areas.count, mm.memory.settings.values.maxMapCount);
  }
  return reasons.refuse(checks, "madvise/special-split", addressOf(mm, start));
};

function wantedFlags(
  mm: AddressSpace,
  area: number,
  old: number,
  advice: number,
): number | Refusal {
  const { checks } = mm.memory.ports;
  const { features } = mm.memory;
  const address = addressOf(mm, mm.areas.start[area]);
  switch (advice) {
    case MADV.MADV_NORMAL:
      return (old & ~(VM_RAND_READ | VM_SEQ_READ)) >>> 0;
    case MADV.MADV_SEQUENTIAL:
      return ((old & ~VM_RAND_READ) | VM_SEQ_READ) >>> 0;
    case MADV.MADV_RANDOM:
      return ((old & ~VM_SEQ_READ) | VM_RAND_READ) >>> 0;
    case MADV.MADV_DONTFORK:
      return (old | VM_DONTCOPY) >>> 0;
    case MADV.MADV_DOFORK: {
      const refused = features.doforkRefuses === "special" ? VM_SPECIAL : VM_IO;
      if ((old & refused) !== 0) return reasons.refuse(checks, "madvise/dofork-special", address);
      return (old & ~VM_DONTCOPY) >>> 0;
    }
    case MADV.MADV_WIPEONFORK:
      if (hasFile(mm, area) || (old & (VM_SHARED | VM_HUGETLB)) !== 0) {
        return reasons.refuse(checks, "madvise/wipeonfork-not-anonymous", address);
      }
      return (old | VM_WIPEONFORK) >>> 0;
    case MADV.MADV_KEEPONFORK:
      if ((old & VM_DROPPABLE) !== 0)
        return reasons.refuse(checks, "madvise/keeponfork-droppable", address);
      return (old & ~VM_WIPEONFORK) >>> 0;
    case MADV.MADV_DONTDUMP:
      return (old | VM_DONTDUMP) >>> 0;
    case MADV.MADV_DODUMP: {
      const special = (old & VM_SPECIAL) !== 0 && (old & VM_HUGETLB) === 0;
      if (special || (old & VM_DROPPABLE) !== 0)
        return reasons.refuse(checks, "madvise/dodump-special", address);
      return (old & ~VM_DONTDUMP) >>> 0;
    }
    case MADV.MADV_MERGEABLE:
      return mergeable(old);
    case MADV.MADV_UNMERGEABLE:
      return (old & ~VM_MERGEABLE) >>> 0;
    case MADV.MADV_HUGEPAGE:
      return ((old & ~VM_NOHUGEPAGE) | VM_HUGEPAGE) >>> 0;
    case MADV.MADV_NOHUGEPAGE:
      return ((old & ~VM_HUGEPAGE) | VM_NOHUGEPAGE) >>> 0;
    default:
      throw new RangeError(`expected an advice that madvise knows, got ${advice}`);
  }
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}

/** The kernel's own mappings (vdso, vvar) show no file. Linux: mm/vma.c __install_special_mapping */
function hasFile(mm: AddressSpace, area: number): boolean {
  const backing = mm.areas.backing[area] ?? null;
  return backing !== null && backing.object.kind !== "special";
}
