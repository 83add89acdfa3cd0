import { PROT, type Refusal } from "@kadvise/uapi";
import { countPages, fitsData, fitsSpace, isData } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { mayCommit } from "./commit.ts";
import {
  VM_ACCESS,
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_NORESERVE,
  VM_READ,
  VM_SEALED,
  VM_SHARED,
  VM_WRITE,
} from "./flags.ts";
import { relabelled } from "./label.ts";
import { modifyArea, TOO_MANY_AREAS } from "./modify.ts";
import { entryOf, LEAF_PAGES, nextLeaf, P_DIRTY, P_PRESENT, P_WRITE } from "./pageTable.ts";
import { populate } from "./populate.ts";
import { keyOfProtected } from "./protectionKeys.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";
import { writesUnnoticed } from "./writeNotify.ts";

/** What a range is to allow. */
export interface Protection {
  /** PROT_* bits. */
  readonly prot: number;
  /** The protection key; NO_KEY where each area keeps its own. */
  readonly key: number;
  readonly actor: Actor;
}

/**
 * Changes the protection of [start, end). Linux: mm/mprotect.c do_mprotect_pkey, mprotect_fixup
 *
 * Areas are changed one by one: those before a hole or a refusal stay changed.
 */
export function protect(
  mm: AddressSpace,
  start: number,
  end: number,
  request: Protection,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const { prot } = request;
  mm.memory.work.mmapLocks++;
  unveil(mm, start, end, "mprotect");
  let area = areas.find(start);
  if (area < 0 || (areas.start[area] > start && (prot & PROT.PROT_GROWSDOWN) === 0))
    return hole(mm, start);
  if (mm.memory.features.seals === "whole-range") {
    const refusal = sealedWithin(mm, start, end);
    if (refusal !== undefined) return refusal;
  }
  let from = start;
  if ((prot & PROT.PROT_GROWSDOWN) !== 0) {
    if (areas.start[area] >= end) return hole(mm, start);
    if ((areas.flags[area] & VM_GROWSDOWN) === 0)
      return reasons.refuse(checks, "mprotect/not-growsdown");
    from = areas.start[area]!;
  } else if ((prot & PROT.PROT_GROWSUP) !== 0) {
    return reasons.refuse(checks, "mprotect/grows-up");
  }
  while (from < end) {
    if (area < 0 || areas.start[area] > from) return hole(mm, from);
    const to = Math.min(end, areas.end[area]);
    const refusal = protectArea(mm, area, from, to, request);
    if (refusal !== undefined) return refusal;
    from = to;
    area = areas.find(from);
  }
  return undefined;
}

/** Up to 6.11 the range is looked at as a whole. Linux: mm/mseal.c can_modify_mm */
function sealedWithin(mm: AddressSpace, start: number, end: number): Refusal | undefined {
  const { areas } = mm;
  for (let area = areas.find(start); area >= 0 && areas.start[area] < end; area = areas.next(area))
    if ((areas.flags[area] & VM_SEALED) !== 0) {
      return reasons.refuse(mm.memory.ports.checks, "mprotect/sealed", hex(mm, areas.start[area]));
    }
  return undefined;
}

function protectArea(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
  { prot: asked, key, actor }: Protection,
): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const prot = asked & ~(PROT.PROT_GROWSDOWN | PROT.PROT_GROWSUP);
  const old = areas.flags[area];
  let flags = old & ~VM_ACCESS;
  if ((prot & PROT.PROT_READ) !== 0) flags |= VM_READ;
  if ((prot & PROT.PROT_WRITE) !== 0) flags |= VM_WRITE;
  if ((prot & PROT.PROT_EXEC) !== 0) flags |= VM_EXEC;
  flags >>>= 0;
  const before = areas.labelOf(area);
  const label = relabelled(before, { key: keyOfProtected(mm, area, { prot, key, actor }) });

  // VM_MAY* stand four bits above the rights that they allow.
  if ((flags & ~(flags >>> 4) & VM_ACCESS) !== 0)
    return reasons.refuse(checks, "mprotect/access", hex(mm, start));
  if (
    mm.denyWriteExec &&
    (flags & VM_EXEC) !== 0 &&
    ((old & VM_EXEC) === 0 || (flags & VM_WRITE) !== 0)
  ) {
    return reasons.refuse(checks, "mprotect/write-exec", hex(mm, start));
  }
  if ((old & VM_SEALED) !== 0) return reasons.refuse(checks, "mprotect/sealed", hex(mm, start));
  if (flags === old && label === before) return undefined;

  const pages = end - start;
  // Where RLIMIT_AS would refuse so many pages whatever they are, nobody looks at what they become.
  const becomesData = isData(flags) && !isData(old);
  if (becomesData && fitsSpace(mm, pages, actor) && !fitsData(mm, pages, actor)) {
    return reasons.refuse(checks, "mprotect/data-limit");
  }
  if ((flags & VM_WRITE) !== 0) {
    if ((old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE | VM_HUGETLB)) === 0) {
      if (mayCommit(mm, { flags: VM_ACCOUNT, pages }, actor) !== undefined) {
        return reasons.refuse(checks, "mprotect/commit-limit", pages);
      }
      flags = (flags | VM_ACCOUNT) >>> 0;
    }
  } else if (
    mm.memory.features.readOnlyUncharges &&
    areas.backing[area] === null &&
    areas.anon[area] === 0
  ) {
    flags = (flags & ~VM_ACCOUNT) >>> 0;
  }

  const changed = modifyArea(mm, area, start, end, flags, label);
  if (changed === TOO_MANY_AREAS) {
    return reasons.refuse(
      checks,
      "mprotect/too-many-areas",
      areas.count,
      mm.memory.settings.values.maxMapCount,
    );
  }
  if (changed < 0) return reasons.refuse(checks, "mprotect/special", hex(mm, start));
  countPages(mm, old, -pages);
  countPages(mm, flags, pages);
  if (mm.hugeTables > 0 && !mm.memory.features.protectKeepsHugeDirty) cleanHuge(mm, start, end);
  if ((flags & VM_WRITE) === 0) {
    if (changeEntries(mm, start, end, ~P_WRITE, 0)) mm.memory.work.tlbFlushes++;
  } else if ((old & VM_WRITE) === 0 && writesUnnoticed(mm, changed)) {
    changeEntries(mm, start, end, ~0, P_WRITE);
  }
  if (
    (old & (VM_LOCKED | VM_SHARED)) === VM_LOCKED &&
    (old & VM_WRITE) === 0 &&
    (flags & VM_WRITE) !== 0
  ) {
    populate(mm, start, end, actor);
  }
  return undefined;
}

/**
 * Changes the bits of present entries: the right to write is taken, so that the next write faults, or
 * given. Linux: mm/mprotect.c change_pte_range
 */
function changeEntries(
  mm: AddressSpace,
  start: number,
  end: number,
  keeps: number,
  gives: number,
): boolean {
  const { journal } = mm.memory.ports;
  let flush = false;
  for (
    let page = mm.pages.nextUsed(start, end);
    page < end;
    page = mm.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = mm.pages.at(page)!;
    const from = entryOf(page);
    const to = Math.min(LEAF_PAGES, from + (end - page));
    journal.saveCells(leaf.bits, from, to);
    mm.memory.work.pageTableWalks++;
    for (let i = from; i < to; i++) {
      if ((leaf.bits[i] & P_PRESENT) === 0) continue;
      leaf.bits[i] = (leaf.bits[i] & keeps) | gives;
      flush = true;
    }
  }
  return flush;
}

/**
 * Writable entries of huge pages lose their dirt, for which some releases have another bit but do not
 * set it; of those that a fork made read-only the dirt lies there already. Linux:
 * arch/x86/include/asm/pgtable.h pmd_modify
 */
function cleanHuge(mm: AddressSpace, start: number, end: number): void {
  for (
    let page = mm.pages.nextUsed(start, end);
    page < end;
    page = mm.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = mm.pages.at(page);
    if (leaf?.huge !== true || (leaf.bits[0] & P_WRITE) === 0) continue;
    mm.memory.ports.journal.saveCells(leaf.bits, 0, LEAF_PAGES);
    for (let i = 0; i < LEAF_PAGES; i++) leaf.bits[i] &= ~P_DIRTY;
  }
}

function hole(mm: AddressSpace, page: number): Refusal {
  return reasons.refuse(mm.memory.ports.checks, "mprotect/hole", hex(mm, page));
}

function hex(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
