import type { Refusal } from "@kadvise/uapi";
import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import {
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  VM_MAYWRITE,
  VM_SHARED,
  VM_SPECIAL,
} from "../flags.ts";
import { ensureAnon } from "../newPage.ts";
import { entryOf, LEAF_PAGES, nextLeaf, P_GUARD } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { zapRange } from "../zap.ts";

/**
 * MADV_GUARD_INSTALL: every page of the range becomes a trap: any access is a SIGSEGV. Contents are
 * dropped. Since 6.13.
 *
 * Linux: mm/madvise.c madvise_guard_install
 */
export const guardInstall: AdviceAction = (mm, area, start, end) => {
  const flags = mm.areas.flags[area];
  if ((flags & VM_LOCKED) !== 0) return unsuitable(mm, start);
  if (!mayGuard(mm, area)) return unsuitable(mm, start);
  if (mm.memory.features.guards === "private-anonymous" && (flags & VM_MAYWRITE) === 0)
    return unsuitable(mm, start);
  // What keeps its guards in mind needs a reverse map for its pages only.
  const isAnonymous = mm.areas.backing[area] === null;
  if (isAnonymous || !mm.memory.features.guardFlag) ensureAnon(mm, area);
  if (mm.memory.features.guardFlag) mm.areas.setFlags(area, (flags | VM_MAYBE_GUARD) >>> 0);
  if (zapRange(mm, start, end, "drop-guards")) mm.memory.work.tlbFlushes++;
  for (let page = start; page < end; page++) mm.pages.set(page, 0, P_GUARD);
  return undefined;
};

/**
 * MADV_GUARD_REMOVE: takes the traps away and nothing else; the area still counts as one that may
 * hold them.
 */
export const guardRemove: AdviceAction = (mm, area, start, end) => {
  if (!mayGuard(mm, area)) return unsuitable(mm, start);
  for (
    let page = mm.pages.nextUsed(start, end);
    page < end;
    page = mm.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = mm.pages.at(page)!;
    const from = entryOf(page);
    const to = Math.min(LEAF_PAGES, from + (end - page));
    for (let i = from; i < to; i++)
      if ((leaf.bits[i] & P_GUARD) !== 0) mm.pages.set(page - from + i, 0, 0);
  }
  return undefined;
};

/** Linux: mm/madvise.c is_valid_guard_vma; private anonymous memory only in 6.13 and 6.14. */
function mayGuard(mm: AddressSpace, area: number): boolean {
  const flags = mm.areas.flags[area];
  if ((flags & (VM_SPECIAL | VM_HUGETLB)) !== 0) return false;
  if (mm.memory.features.guards === "any") return true;
  return mm.areas.backing[area] === null && (flags & VM_SHARED) === 0;
}

function unsuitable(mm: AddressSpace, page: number): Refusal {
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, "madvise/guard-unsuitable", address);
}
