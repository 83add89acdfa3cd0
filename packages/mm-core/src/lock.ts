import type { Refusal } from "@kadvise/uapi";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import {
  VM_DROPPABLE,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_LOCKONFAULT,
  VM_SPECIAL,
} from "./flags.ts";
import { modifyArea, TOO_MANY_AREAS } from "./modify.ts";
import { populate } from "./populate.ts";
import { reasons } from "./reasons.ts";
import { isPoisoned } from "./unseenObstacle.ts";
import { unveil } from "./unveil.ts";

/** What happens to the range: locked and brought in, locked when touched, unlocked. */
export type LockMode = "lock" | "on-fault" | "unlock";

/**
 * Marks [start, end) as locked or not, area by area, and brings locked pages in.
 *
 * Linux: mm/mlock.c apply_vma_lock_flags, mlock_fixup. Areas before a hole stay marked; nothing is
 * brought in then. A page that cannot be brought in is an error, but the mark stays.
 */
export function lockRange(
  mm: AddressSpace,
  start: number,
  end: number,
  mode: LockMode,
  actor: Actor = OMNIPOTENT,
): Refusal | undefined {
  if (start === end) return undefined;
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  mm.memory.work.mmapLocks++;
  unveil(mm, start, end, "mlock");
  let from = start;
  let area = areas.at(start);
  while (from < end) {
    if (area < 0 || areas.start[area] > from) {
      return reasons.refuse(checks, "mlock/hole", `0x${(from * mm.memory.pageBytes).toString(16)}`);
    }
    const to = Math.min(end, areas.end[area]);
    if (!markArea(mm, area, from, to, mode)) {
      return reasons.refuse(
        checks,
        "mlock/too-many-areas",
        areas.count,
        mm.memory.settings.values.maxMapCount,
      );
    }
    from = to;
    area = areas.find(from);
  }
  if (mode === "unlock") return undefined;
  const refusal = populate(mm, start, end, actor);
  // Linux: mm/gup.c populate_vma_page_range, without FOLL_HWPOISON: it is a fault like others.
  if (refusal === undefined && mode === "lock" && isPoisoned(mm, start, end))
    return reasons.refuse(
      checks,
      "mlock/cannot-populate",
      `0x${(start * mm.memory.pageBytes).toString(16)}`,
    );
  if (refusal === undefined) return undefined;
  const { address } = refusal.reason.compared;
  return reasons.refuseBecause(checks, "mlock/cannot-populate", refusal, address ?? null);
}

/**
 * mlockall: the areas that exist, those to come, or both. Errors while locking what exists are
 * ignored by Linux.
 */
export function lockAll(
  mm: AddressSpace,
  which: { readonly current: boolean; readonly future: boolean; readonly onFault: boolean },
  actor: Actor,
): void {
  const { current, future, onFault } = which;
  mm.memory.ports.journal.save(mm, "defaultFlags");
  const rest = mm.defaultFlags & ~VM_LOCKED_MASK;
  mm.defaultFlags = (future ? rest | VM_LOCKED | (onFault ? VM_LOCKONFAULT : 0) : rest) >>> 0;
  if (current) everyArea(mm, onFault ? "on-fault" : "lock", actor);
}

/** munlockall. */
export function unlockAll(mm: AddressSpace): void {
  mm.memory.ports.journal.save(mm, "defaultFlags");
  mm.defaultFlags = (mm.defaultFlags & ~VM_LOCKED_MASK) >>> 0;
  for (let area = mm.areas.first(); area >= 0;) {
    const end = mm.areas.end[area];
    markArea(mm, area, mm.areas.start[area], end, "unlock");
    area = mm.areas.find(end);
  }
}

function everyArea(mm: AddressSpace, mode: "lock" | "on-fault", actor: Actor): void {
  for (let area = mm.areas.first(); area >= 0;) {
    const start = mm.areas.start[area];
    const end = mm.areas.end[area];
    markArea(mm, area, start, end, mode);
    area = mm.areas.find(end);
  }
  // What cannot be locked is brought in all the same. Linux: mm/mlock.c mlockall, mm_populate
  for (const area of mm.areas) populate(mm, mm.areas.start[area], mm.areas.end[area], actor);
}

/**
 * Marks part of an area; false where the limit of areas is reached. Special areas are passed over
 * in silence.
 */
function markArea(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
  mode: LockMode,
): boolean {
  const { areas } = mm;
  const old = areas.flags[area];
  const add = mode === "lock" ? VM_LOCKED : mode === "on-fault" ? VM_LOCKED | VM_LOCKONFAULT : 0;
  const flags = ((old & ~VM_LOCKED_MASK) | add) >>> 0;
  if (flags === old) return true;
  const secret = areas.backing[area]?.object.kind === "secret";
  if ((old & (VM_SPECIAL | VM_HUGETLB | VM_DROPPABLE)) !== 0 || secret) return true;
  const changed = modifyArea(mm, area, start, end, flags);
  if (changed === TOO_MANY_AREAS) return false;
  if (changed < 0) return true;
  mm.memory.ports.journal.save(mm, "lockedPages");
  if ((old & VM_LOCKED) === 0 && (flags & VM_LOCKED) !== 0) mm.lockedPages += end - start;
  if ((old & VM_LOCKED) !== 0 && (flags & VM_LOCKED) === 0) mm.lockedPages -= end - start;
  return true;
}
