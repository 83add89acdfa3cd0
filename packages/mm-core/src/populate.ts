import type { Refusal } from "@kadvise/uapi";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCESS, VM_IO, VM_LOCKONFAULT, VM_PFNMAP, VM_SHARED, VM_WRITE } from "./flags.ts";
import { P_PRESENT, P_WRITE } from "./pageTable.ts";
import { noteUse, reach } from "./pin.ts";
import { keyAllows } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { unseenObstacle } from "./unseenObstacle.ts";

/**
 * Brings in every page of a range as mmap with MAP_POPULATE and mlock do: private writable memory
 * by writing, all else by reading. Stops at the first page that cannot be brought in, and returns
 * why.
 *
 * Linux: mm/gup.c populate_vma_page_range
 */
export function populate(
  mm: AddressSpace,
  start: number,
  end: number,
  actor: Actor = OMNIPOTENT,
): Refusal | undefined {
  const { areas } = mm;
  for (
    let area = areas.find(start);
    area >= 0 && areas.start[area] < end;
    area = areas.next(area)
  ) {
    const flags = areas.flags[area];
    if ((flags & (VM_IO | VM_PFNMAP)) !== 0) continue;
    // Linux: mm/gup.c check_vma_flags, vma_is_secretmem
    if (areas.backing[area]?.object.kind === "secret")
      return refuseProtection(mm, Math.max(start, areas.start[area]));
    const write = (flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
    const isAllowed = (flags & VM_ACCESS) !== 0 && keyAllows(mm, area, write, actor);
    if ((flags & VM_LOCKONFAULT) !== 0) {
      const looks = mm.memory.features.onFaultLockLooks && !isAllowed;
      if (looks) return refuseProtection(mm, Math.max(start, areas.start[area]));
      if (mm.memory.features.onFaultLockLooks) noteUses(mm, area, start, end);
      continue;
    }
    const from = Math.max(start, areas.start[area]);
    const to = Math.min(end, areas.end[area]);
    const unseen = isAllowed ? unseenObstacle(mm, area, from, to) : undefined;
    if (unseen === "refused") return refuseProtection(mm, from);
    if (unseen !== undefined) return unseen;
    for (let page = from; page < to; page++) {
      const refusal = isAllowed ? reach(mm, area, page, write) : refuseProtection(mm, page);
      if (refusal !== undefined) return refusal;
    }
  }
  return undefined;
}

/**
 * What is there already counts as used, but not what a write would have to copy first: it is looked
 * up as for a write, and passed over where that finds nothing. Linux: mm/gup.c follow_page_pte,
 * faultin_page with FOLL_MLOCK alone, 5.10
 */
function noteUses(mm: AddressSpace, area: number, start: number, end: number): void {
  const to = Math.min(end, mm.areas.end[area]);
  const write = (mm.areas.flags[area] & (VM_WRITE | VM_SHARED)) === VM_WRITE;
  const use = { write, isLocked: true };
  const needed = write ? P_PRESENT | P_WRITE : P_PRESENT;
  for (let page = Math.max(start, mm.areas.start[area]); page < to; page++) {
    if ((mm.pages.bitsOf(page) & needed) === needed) noteUse(mm, page, use);
  }
}

function refuseProtection(mm: AddressSpace, page: number): Refusal {
  const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
  return reasons.refuse(mm.memory.ports.checks, "access/protection", address);
}
