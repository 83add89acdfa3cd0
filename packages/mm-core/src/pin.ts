import type { Refusal } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { unshare } from "./copyOnWrite.ts";
import { areaFor, bringIn } from "./fault.ts";
import { VM_HUGETLB, VM_IO, VM_LOCKED, VM_PFNMAP, VM_READ, VM_WRITE } from "./flags.ts";
import { F_ACTIVE, F_ANON, F_BATCHED, F_DIRTY, F_EXCLUSIVE, F_REFERENCED } from "./frames.ts";
import { touchHuge } from "./hugePage.ts";
import { hugeWrite } from "./hugetlb/hugeFault.ts";
import { P_DIRTY, P_PRESENT, P_WRITE, P_YOUNG, P_ZERO } from "./pageTable.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";
import { used } from "./used.ts";

/**
 * The kernel takes hold of a page by its page table, as mlock, MAP_POPULATE and process_vm_readv
 * do: it faults in what is not there, and the page counts as used; the entry's own marks stay as
 * they are.
 *
 * Linux: mm/gup.c faultin_page, follow_page_pte
 */
export function reach(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
  unshares = false,
): Refusal | undefined {
  const { pages } = mm;
  const bits = pages.bitsOf(page);
  const before = (bits & P_PRESENT) !== 0 ? pages.valueOf(page) : 0;
  if (before === 0 || (write && (bits & P_WRITE) === 0)) {
    const refusal = bringIn(mm, area, page, write);
    if (refusal !== undefined) return refusal;
  }
  // Before the page is marked: what the others keep was not used.
  if (unshares && mayBeShared(mm, page)) {
    if ((mm.areas.flags[area] & VM_HUGETLB) === 0) unshare(mm, area, page);
    else {
      const refusal = hugeWrite(mm, area, page, "unshares");
      if (refusal !== undefined) return refusal;
    }
  }
  // What is new waits in a batch before the lists know it.
  const isNew = pages.valueOf(page) !== before;
  const isLocked = (mm.areas.flags[area] & VM_LOCKED) !== 0;
  noteUse(mm, page, { write, isLocked: isLocked && !isNew });
  if (isNew) noteBatch(mm, page);
  return undefined;
}

/**
 * The kernel holds a page of somebody's memory to copy from or to it. What a fork may share is
 * copied first even to be read, for what is seen must stay its own. Before 6.5 a stack grew for it,
 * as far as the one allows who reaches in.
 *
 * Linux: mm/gup.c check_vma_flags, gup_must_unshare (since 5.19)
 */
export function pin(
  mm: AddressSpace,
  page: number,
  access: "read" | "write",
  actor: Actor,
): Refusal | undefined {
  const { features, ports } = mm.memory;
  unveil(mm, page, page + 1);
  const area = features.pinGrowsStack ? areaFor(mm, page, actor) : mm.areas.at(page);
  if (area < 0) return reasons.refuse(ports.checks, "access/no-area", addressOf(mm, page));
  const wanted = access === "write" ? VM_WRITE : VM_READ;
  const isSecret = mm.areas.backing[area]?.object.kind === "secret";
  const flags = mm.areas.flags[area];
  if ((flags & wanted) === 0 || (flags & (VM_IO | VM_PFNMAP)) !== 0 || isSecret)
    return reasons.refuse(ports.checks, "access/protection", addressOf(mm, page));
  return reach(mm, area, page, access === "write", features.pinUnshares);
}

/** Whether a page may be somebody else's too, and cannot be written where it is. */
function mayBeShared(mm: AddressSpace, page: number): boolean {
  if ((mm.pages.bitsOf(page) & (P_WRITE | P_ZERO)) !== 0) return false;
  const flags = mm.memory.frames.flags[mm.pages.valueOf(page)];
  return (flags & (F_ANON | F_EXCLUSIVE)) === F_ANON;
}

/** What is noted of a use. */
const MARKS = F_REFERENCED | F_ACTIVE | F_DIRTY;

/** Linux: mm/gup.c follow_page_pte with FOLL_TOUCH */
export function noteUse(
  mm: AddressSpace,
  page: number,
  { write, isLocked }: { readonly write: boolean; readonly isLocked: boolean },
): void {
  const { frames } = mm.memory;
  const bits = mm.pages.bitsOf(page);
  if ((bits & P_ZERO) !== 0) return;
  // Of a huge page the entry is marked, on x86 only where it gets dirty too (mm/huge_memory.c
  // touch_pmd, arch/x86/mm/pgtable.c pmdp_set_access_flags).
  if (touchHuge(mm, page, write ? bits | P_YOUNG | P_DIRTY : bits)) return;
  const frame = mm.pages.valueOf(page);
  const old = frames.flags[frame];
  const dirty = write && (bits & P_DIRTY) === 0 ? F_DIRTY : 0;
  const isUnevictable = isLocked || isLockedElsewhere(mm, page, frame);
  const flags = used(mm.memory, old, isUnevictable) | dirty;
  if (flags === old) return;
  const folio = mm.memory.folios.count > 0 ? mm.memory.folios.find(frame) : undefined;
  if (folio === undefined) return frames.setFlags(frame, flags);
  // The marks are those of all of a large folio; whose a page is, each knows for itself.
  for (const one of folio.frames)
    if (one !== 0) frames.setFlags(one, (frames.flags[one] & ~MARKS) | (flags & MARKS));
}

/**
 * With multi-gen LRU, the use of a new page may count only until the batch is drained, which the next
 * page may cause: of locked ones everywhere, of others on some kernels (asked: 6.12.117 forgets it,
 * 6.12.43, 6.12.107 and 6.16.12 do not; mm/swap.c lru_add, include/linux/mm_inline.h
 * lru_gen_add_folio).
 */
function noteBatch({ memory, pages }: AddressSpace, page: number): void {
  if (!memory.settings.values.multiGenLru || (pages.bitsOf(page) & P_ZERO) !== 0) return;
  const frame = pages.valueOf(page);
  memory.frames.setFlags(frame, memory.frames.flags[frame] | F_BATCHED);
}

/**
 * Whether another process has locked what a fork left to both: the lists leave it alone then. A page
 * that was moved since is not found. Linux: mm/swap.c folio_mark_accessed (folio_test_unevictable)
 */
function isLockedElsewhere({ memory }: AddressSpace, page: number, frame: number): boolean {
  if (memory.frames.mapCount[frame] < 2) return false;
  for (const { areas, pages } of memory.spaces) {
    if ((pages.bitsOf(page) & P_PRESENT) === 0 || pages.valueOf(page) !== frame) continue;
    if ((areas.flags[areas.at(page)] & VM_LOCKED) !== 0) return true;
  }
  return false;
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
