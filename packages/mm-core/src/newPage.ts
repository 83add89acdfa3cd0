import type { AddressSpace } from "./addressSpace.ts";
import {
  VM_ACCESS,
  VM_DROPPABLE,
  VM_LOCKED,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SPECIAL,
  VM_STICKY,
  VM_WRITE,
} from "./flags.ts";
import { F_ACTIVE, F_ANON, F_EXCLUSIVE, F_LRU, F_REFERENCED, F_SWAPBACKED } from "./frames.ts";
import { P_DIRTY, P_PRESENT, P_SOFT_DIRTY, P_WRITE, P_YOUNG } from "./pageTable.ts";
import { countResident } from "./zap.ts";
import { keyIn, policyIn, type Label } from "./label.ts";

/**
 * Maps a fresh anonymous page, writable if the area is: a copy of the frame `original`, or zeros
 * where that is 0. Linux: mm/memory.c do_anonymous_page, wp_page_copy
 */
export function mapNew(mm: AddressSpace, area: number, page: number, original: number): void {
  const { frames } = mm.memory;
  const flags = mm.areas.flags[area];
  ensureAnon(mm, area);
  const frameFlags = flagsOfNewFrame(mm, area);
  const frame = frames.allocate(frameFlags, 1);
  if (original !== 0) frames.contents.copy(original, frame);
  countResident(mm, frameFlags, 1);
  const write = (flags & VM_WRITE) !== 0 ? P_WRITE : 0;
  mm.pages.set(page, frame, P_PRESENT | P_YOUNG | P_DIRTY | P_SOFT_DIRTY | write);
}

/**
 * With which flags a new frame of an area's own begins. Droppable memory never claims a place in
 * swap (mm/rmap.c folio_add_new_anon_rmap).
 */
export function flagsOfNewFrame(mm: AddressSpace, area: number): number {
  const { features } = mm.memory;
  let flags = F_ANON | F_EXCLUSIVE | F_LRU;
  if ((mm.areas.flags[area] & VM_DROPPABLE) === 0) flags |= F_SWAPBACKED;
  if (features.newAnonymousIsActive) flags |= F_ACTIVE;
  // Pages of a locked area are on no list that ages (mm/swap.c folio_add_lru_vma).
  const isLocked = (mm.areas.flags[area] & (VM_LOCKED | VM_SPECIAL)) === VM_LOCKED;
  if (!isLocked && isNoted(mm, area)) flags |= F_REFERENCED;
  return flags;
}

/**
 * Whether multi-gen LRU takes note that a fault in an area made a page, of the area's own or of its
 * file: of one that is read here and there, or once from end to end, it does not.
 *
 * Linux: include/linux/mm_inline.h vma_has_recency, lru_gen_in_fault; mm/swap.c folio_add_lru
 */
export function isNoted({ memory, areas }: AddressSpace, area: number): boolean {
  if (!memory.features.newPageIsReferenced || !memory.settings.values.multiGenLru) return false;
  return (areas.flags[area] & (VM_RAND_READ | VM_SEQ_READ)) === 0;
}

/**
 * Gives an area a reverse map when its first anonymous page appears. A neighbour that could merge
 * donates its own, so that areas that mprotect cut apart can join again.
 *
 * Linux: mm/rmap.c __anon_vma_prepare, mm/vma.c find_mergeable_anon_vma; the next area is asked
 * before the previous one.
 */
export function ensureAnon(mm: AddressSpace, area: number): void {
  const { areas } = mm;
  if (areas.anon[area] !== 0) return;
  const next = areas.next(area);
  const previous = areas.previous(area);
  let anon = 0;
  if (next >= 0 && mayDonate(mm, next, area, next)) anon = areas.anon[next];
  else if (previous >= 0 && mayDonate(mm, previous, previous, area)) anon = areas.anon[previous];
  areas.setAnon(area, anon !== 0 ? anon : mm.memory.newAnon(), false);
}

/** The key lies in the flags there; a name keeps no areas apart. */
function isBoundAlike(one: Label, other: Label): boolean {
  return one === other || (keyIn(one) === keyIn(other) && policyIn(one) === policyIn(other));
}

/** Linux: mm/vma.c reusable_anon_vma, anon_vma_compatible: what never keeps areas apart is ignored */
function mayDonate(mm: AddressSpace, donor: number, low: number, high: number): boolean {
  const { areas } = mm;
  return (
    areas.anon[donor] !== 0 &&
    areas.inherited[donor] === 0 &&
    areas.end[low] === areas.start[high] &&
    areas.backing[low] === areas.backing[high] &&
    isBoundAlike(areas.labelOf(low), areas.labelOf(high)) &&
    ((areas.flags[low] ^ areas.flags[high]) & ~(VM_ACCESS | VM_STICKY)) === 0 &&
    areas.offset[low] + (areas.end[low] - areas.start[low]) === areas.offset[high]
  );
}
