import { MAP, MREMAP, type Refusal, type Result, success } from "@kadvise/uapi";
import { countPages } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import { addArea } from "./addArea.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { belowMinimum, choosePlace } from "./choosePlace.ts";
import { VM_ACCOUNT, VM_LOCKED, VM_LOCKED_MASK, VM_MAYSHARE } from "./flags.ts";
import { mayCommit } from "./commit.ts";
import { maySplit, splitArea } from "./modify.ts";
import { moveEntries } from "./moveEntries.ts";
import { unreserved } from "./hugetlb/reservation.ts";
import { populate } from "./populate.ts";
import { reasons } from "./reasons.ts";
import type { RemapRequest } from "./remap.ts";
import { unmap } from "./unmap.ts";

/**
 * Moves part of one area to another place, which is free by now. Linux: mm/mremap.c move_vma
 *
 * The new pages join neighbours as a new mapping would; where the pages were never touched their
 * offset follows the new place. Then the old range is unmapped, unless it is to stay.
 */
export function moveArea(
  mm: AddressSpace,
  source: number,
  request: RemapRequest,
  actor: Actor,
): Result<number> {
  const { areas } = mm;
  const { page, oldPages, newPages } = request;
  const keeps = (request.flags & MREMAP.MREMAP_DONTUNMAP) !== 0;
  const flags = areas.flags[source];
  const place = placeFor(mm, source, request, actor);
  if (typeof place !== "number") return place;
  const growth = newPages - oldPages;
  const promise = { flags, pages: keeps ? newPages : growth };
  const refusal = checkCuts(mm, source, request) ?? mayCommit(mm, promise, actor);
  if (refusal !== undefined) return refusal;

  const backing = areas.backing[source] ?? null;
  const anon = areas.anon[source];
  const isWhole = areas.start[source] === page && areas.end[source] === page + oldPages;
  const isUntouched = backing === null && anon === 0;
  const offset = isUntouched ? place : areas.offset[source] + (page - areas.start[source]);
  mm.stateRange(place, place + newPages);
  // Since 7.2 what MREMAP_DONTUNMAP leaves behind is unlocked first, and what it moves stays apart.
  const isFirst = keeps && mm.memory.features.mremapDontunmapUnlocks === "range";
  const apartFrom = isFirst ? unlockRange(mm, source, page, newPages) : -1;
  const inherited = areas.inherited[source] === 1;
  const brought = { anon, inherited, label: areas.labelOf(source), apartFrom };
  const moved = addArea(mm, place, place + newPages, flags, offset, backing, brought);
  if (moveEntries(mm, page, place, oldPages)) mm.memory.work.tlbFlushes++;
  countPages(mm, flags, newPages);
  if (keeps) {
    leaveEmpty(mm, page, newPages, isWhole, moved);
    if (mm.memory.features.mremapDontunmapChargesNext && (flags & VM_ACCOUNT) !== 0)
      chargeNext(mm, page, page + newPages, moved);
  } else if (oldPages > 0) {
    // All of the area loses what is reserved, also where a part was moved: it went with that.
    // Linux: mm/hugetlb.c clear_vma_resv_huge_pages
    if (backing?.reservation !== undefined) areas.setBacking(source, unreserved(backing));
    unmap(mm, page, page + oldPages);
  }
  if ((flags & VM_LOCKED) !== 0 && growth > 0)
    populate(mm, place + oldPages, place + newPages, actor);
  return success(place);
}

/**
 * Up to 5.10, where the middle of an area was moved, the area above is taken for what the cut left of
 * it, and gets the mark of a commit charge. Linux: mm/mremap.c move_vma, the end
 */
function chargeNext(mm: AddressSpace, start: number, end: number, moved: number): void {
  const { areas } = mm;
  const left = areas.at(start);
  if (left === moved || areas.start[left] >= start || areas.end[left] <= end) return;
  const next = areas.next(left);
  if (next < 0 || (areas.flags[next] & VM_ACCOUNT) !== 0) return;
  mm.memory.ports.journal.save(mm, "promisedBeyond");
  mm.promisedBeyond -= areas.end[next] - areas.start[next];
  areas.setFlags(next, (areas.flags[next] | VM_ACCOUNT) >>> 0);
}

/** Where to. Linux: mm/mremap.c vrm_set_new_addr */
function placeFor(
  mm: AddressSpace,
  source: number,
  request: RemapRequest,
  actor: Actor,
): number | Refusal {
  const { page, newPages, target } = request;
  if ((request.flags & MREMAP.MREMAP_FIXED) !== 0) return belowMinimum(mm, target, actor) ?? target;
  const { areas } = mm;
  const backing = areas.backing[source] ?? null;
  const shared = (areas.flags[source] & VM_MAYSHARE) !== 0;
  return choosePlace(mm, {
    hint: (request.flags & MREMAP.MREMAP_DONTUNMAP) !== 0 ? target : 0,
    pages: newPages,
    flags: shared ? MAP.MAP_SHARED : 0,
    fileOffset:
      backing?.object.kind === "file" ? areas.offset[source] + (page - areas.start[source]) : null,
    anonymous: backing === null,
    compat: request.compat ?? false,
  });
}

/**
 * What would stop the old range from being cut out afterwards. Linux: mm/mremap.c prep_move_vma
 *
 * Before 5.11 the vdso alone objected to being moved in parts (arch/x86/entry/vdso/vma.c
 * vdso_mremap).
 */
function checkCuts(
  mm: AddressSpace,
  source: number,
  { page, oldPages }: RemapRequest,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const max = mm.memory.settings.get("maxMapCount");
  if (areas.count >= max - 3)
    return reasons.refuse(checks, "mremap/too-many-areas", areas.count, max);
  const { backing } = areas;
  const isOldVdso = mm.memory.features.specialMaySplit && backing[source]?.name === "[vdso]";
  for (const cut of [page, page + oldPages]) {
    const isEdge = cut === areas.start[source] || cut === areas.end[source];
    if (!isEdge && (isOldVdso || !maySplit(mm, source, cut))) {
      const address = `0x${(cut * mm.memory.pageBytes).toString(16)}`;
      return reasons.refuse(checks, "mremap/special", address);
    }
  }
  return undefined;
}

/**
 * MREMAP_DONTUNMAP: the old area stays, without pages and without a lock; before 7.2 all of it, also
 * where only a part was moved. Linux: mm/mremap.c dontunmap_complete
 *
 * Who counts the locked pages, and how often, changed: the count is kept as Linux keeps it.
 */
function leaveEmpty(
  mm: AddressSpace,
  page: number,
  pages: number,
  isWhole: boolean,
  moved: number,
): void {
  const { areas } = mm;
  const { features, ports } = mm.memory;
  const left = areas.at(page);
  const flags = areas.flags[left];
  if (isWhole && left !== moved) areas.setAnon(left, 0, false);
  const unlocked = (flags & ~VM_LOCKED_MASK) >>> 0;
  if ((flags & VM_LOCKED) !== 0) {
    ports.journal.save(mm, "lockedPages");
    if (!features.mremapDontunmapDoublesLocked) mm.lockedPages -= pages;
    const area = areas.end[left] - areas.start[left];
    ports.journal.save(mm, "lockedBeyond");
    mm.lockedBeyond += area - (features.mremapDontunmapDoublesLocked ? 0 : pages);
  }
  const charge = features.mremapDontunmapUncharges ? VM_ACCOUNT : 0;
  if ((flags & charge) !== 0) {
    ports.journal.save(mm, "promisedBeyond");
    mm.promisedBeyond += areas.end[left] - areas.start[left];
  }
  areas.setFlags(left, (unlocked & ~charge) >>> 0);
}

/**
 * Cuts out what is about to be left behind and unlocks it; returns the area that holds it then. No
 * neighbour of that kind takes it in.
 */
function unlockRange(mm: AddressSpace, source: number, page: number, pages: number): number {
  const { areas } = mm;
  const flags = areas.flags[source];
  if ((flags & VM_LOCKED) === 0) return source;
  const middle = areas.start[source] < page ? splitArea(mm, source, page, false) : source;
  if (areas.end[middle] > page + pages) splitArea(mm, middle, page + pages, false);
  mm.memory.ports.journal.save(mm, "lockedPages");
  mm.lockedPages -= pages;
  areas.setFlags(middle, (flags & ~VM_LOCKED_MASK) >>> 0);
  return middle;
}
