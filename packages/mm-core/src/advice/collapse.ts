import type { AdviceAction } from "../advise.ts";
import type { AddressSpace } from "../addressSpace.ts";
import {
  VM_EXEC,
  VM_HUGETLB,
  VM_LOCKED,
  VM_LOCKONFAULT,
  VM_NOHUGEPAGE,
  VM_SPECIAL,
} from "../flags.ts";
import { collapseTable } from "../hugePage.ts";
import { hugePages } from "../modify.ts";
import { LEAF_PAGES, P_GUARD, P_PRESENT, P_SWAP, P_WRITE, P_ZERO } from "../pageTable.ts";
import { reasons } from "../reasons.ts";
import { swapIn } from "../swapIn.ts";

/**
 * MADV_COLLAPSE: makes huge pages of whole, aligned stretches. Since 6.1. Linux: mm/khugepaged.c
 * madvise_collapse
 *
 * A stretch without a page table cannot be collapsed; up to 6.17 neither can one without a writable
 * page, as after fork. Of shared memory and files the answer is all that is modelled.
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
  // Where advised areas are excepted, to collapse is to advise.
  if (mm.hugeDisabled === 1) return refuse();
  const roomStart = Math.ceil(areas.start[area] / huge) * huge;
  if (roomStart + huge > areas.end[area]) return refuse();
  if (backing === null && areas.anon[area] === 0 && !wasTouchedUnseen(mm, start, end))
    return refuse();
  if (backing !== null && backing.object.kind !== "shmem") {
    // CONFIG_READ_ONLY_THP_FOR_FS lets text be collapsed.
    if (!mm.touchedUnseen || (flags & VM_EXEC) === 0 || !mayHavePages(mm, start, end))
      return refuse();
  }

  const from = Math.ceil(start / huge) * huge;
  const to = Math.floor(end / huge) * huge;
  if (from > to) return memory.features.collapseEmpty === "done" ? undefined : refuse();
  if (!mm.touchedUnseen) return collapseTables(mm, area, from, to) ? undefined : refuse();
  for (let page = from; page < to; page += huge) {
    if (isLocked(mm, area) && suits(mm, page, huge) === "yes") continue;
    if (!mayHavePages(mm, from, to)) return refuse();
    break;
  }
  const met = obstacle(mm, from, to);
  return met === "none" ? undefined : reasons.refuse(checks, `madvise/${met}`, address);
};

/**
 * Collapses what it can; tells whether it was all. What is in the way ends it; newer releases pass
 * by what has no page table. Linux: mm/khugepaged.c madvise_collapse
 */
function collapseTables(mm: AddressSpace, area: number, from: number, to: number): boolean {
  const huge = hugePages(mm);
  const isAnonymous = mm.areas.backing[area] === null && huge === LEAF_PAGES;
  let all = true;
  for (let page = from; page < to; page += huge) {
    const suitable = suits(mm, page, huge);
    if (suitable === "no" || (suitable === "nothing" && !mm.memory.features.collapseGoesOn))
      return false;
    if (suitable === "nothing") all = false;
    else if (isAnonymous && mm.pages.at(page)?.huge !== true) {
      bringBack(mm, area, page);
      collapseTable(mm, area, page);
    }
  }
  return all;
}

/** What lies in swap is read first. Linux: mm/khugepaged.c __collapse_huge_page_swapin */
function bringBack(mm: AddressSpace, area: number, first: number): void {
  for (let page = first; page < first + LEAF_PAGES; page++) {
    if ((mm.pages.bitsOf(page) & P_SWAP) !== 0) swapIn(mm, area, page, false);
  }
}

type Obstacle = "none" | "collapse-pages-busy" | "collapse-not-charged" | "collapse-no-huge-page";
const OBSTACLES: readonly Obstacle[] = [
  ...(["none", "collapse-pages-busy", "collapse-not-charged", "collapse-no-huge-page"] as const),
];

/**
 * What stood in the way of pages that can be collapsed otherwise: somebody else held one, or the
 * huge page was not to be had. Of a recorded program nobody saw it; elsewhere nothing does.
 *
 * Linux: mm/khugepaged.c madvise_collapse_errno
 */
function obstacle(mm: AddressSpace, start: number, end: number): Obstacle {
  const { pageBytes, ports } = mm.memory;
  if (!mm.touchedUnseen || start === end) return "none";
  return ports.choices.choose<Obstacle>({
    id: "collapse/obstacle",
    usual: "none",
    allows: () => true,
    describe: () =>
      `whether pages at 0x${(start * pageBytes).toString(16)} were held, and a huge page was to be had`,
    alternatives: OBSTACLES,
    pages: { start, end },
  });
}

/** Of a recorded program only locked pages are known. */
function isLocked(mm: AddressSpace, area: number): boolean {
  return (mm.areas.flags[area] & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED;
}

/**
 * Whether a stretch has pages that Linux accepts, none at all, or a guard, which cannot be brought
 * in. Linux: mm/khugepaged.c hpage_collapse_scan_pmd
 */
function suits(mm: AddressSpace, from: number, huge: number): "yes" | "no" | "nothing" {
  const leaf = mm.pages.at(from);
  if (leaf?.huge === true) return "yes";
  if (leaf === undefined) return "nothing";
  const { collapseReadOnly } = mm.memory.features;
  // A table is enough where no page need be writable.
  let accepted = collapseReadOnly && mm.areas.backing[mm.areas.at(from)] === null;
  for (let page = from; page < from + huge; page++) {
    const bits = mm.pages.bitsOf(page);
    if ((bits & P_GUARD) !== 0) return "no";
    if ((bits & P_PRESENT) === 0) continue;
    accepted ||= collapseReadOnly || (bits & (P_WRITE | P_ZERO)) === P_WRITE;
  }
  return accepted ? "yes" : "no";
}

/** A program that is only seen calling may have touched its memory meanwhile. */
function wasTouchedUnseen(mm: AddressSpace, start: number, end: number): boolean {
  return mm.touchedUnseen && asked(mm, start, end, "collapse/touched", "was ever written to");
}

function mayHavePages(mm: AddressSpace, start: number, end: number): boolean {
  return asked(mm, start, end, "collapse/contents", "has pages that can be collapsed");
}

function asked(mm: AddressSpace, start: number, end: number, id: string, what: string): boolean {
  const { pageBytes, ports } = mm.memory;
  return ports.choices.choose<boolean>({
    id,
    usual: true,
    allows: () => true,
    describe: () => `whether the memory at 0x${(start * pageBytes).toString(16)} ${what}`,
    alternatives: [true, false],
    pages: { start, end },
  });
}
