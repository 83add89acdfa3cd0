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
import { hugePages } from "../modify.ts";
import { P_PRESENT, P_WRITE, P_ZERO } from "../pageTable.ts";
import { reasons } from "../reasons.ts";

/**
 * MADV_COLLAPSE: makes huge pages of whole, aligned stretches. Since 6.1. Linux: mm/khugepaged.c
 * madvise_collapse
 *
 * Huge pages themselves are not modelled; the answer is. A stretch in which nothing is present
 * cannot be collapsed; up to 6.17 neither can one without a writable page, as after fork.
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
  for (let page = from; page < to; page += huge) {
    if (isCollapsible(mm, area, page, huge)) continue;
    if (!mm.touchedUnseen || !mayHavePages(mm, from, to)) return refuse();
    break;
  }
  const met = obstacle(mm, from, to);
  return met === "none" ? undefined : reasons.refuse(checks, `madvise/${met}`, address);
};

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

/**
 * Whether a stretch has a page that Linux accepts; of a recorded program only locked pages count.
 */
function isCollapsible(mm: AddressSpace, area: number, from: number, huge: number): boolean {
  const locked = (mm.areas.flags[area] & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED;
  if (mm.touchedUnseen && !locked) return false;
  const { collapseReadOnly } = mm.memory.features;
  for (let page = from; page < from + huge; page++) {
    const bits = mm.pages.bitsOf(page);
    if ((bits & P_PRESENT) === 0) continue;
    if (collapseReadOnly || (bits & (P_WRITE | P_ZERO)) === P_WRITE) return true;
  }
  return false;
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
