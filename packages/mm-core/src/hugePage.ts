import type { AddressSpace } from "./addressSpace.ts";
import { VM_WRITE } from "./flags.ts";
import { F_ANON, F_EXCLUSIVE } from "./frames.ts";
import { isFolioShared, splitFolio } from "./largeFolio.ts";
import { hugePages } from "./modify.ts";
import { ensureAnon, flagsOfNewFrame } from "./newPage.ts";
import {
  LEAF_PAGES,
  P_DIRTY,
  P_PRESENT,
  P_SOFT_DIRTY,
  P_WRITE,
  P_YOUNG,
  P_ZERO,
  type Leaf,
} from "./pageTable.ts";
import { isHugeEligible } from "./views/hugeEligible.ts";
import { countResident, dropMapping } from "./zap.ts";

/**
 * Transparent huge pages: a table of which one entry of the level above shows all pages at once.
 *
 * A huge page has 512 frames here as small pages have, and its table 512 entries that say the same;
 * the table is marked, and what Linux does to all of them at once is done to all. The frames are a
 * large folio, which outlives the mark.
 *
 * Linux: mm/huge_memory.c
 */

/** The first page of the table that holds a page. */
function tableStart(page: number): number {
  return Math.floor(page / LEAF_PAGES) * LEAF_PAGES;
}

/**
 * Brings a huge page in where a page of private anonymous memory is touched: the area has room for
 * it and allows it, no table is there yet, and a huge page can be had. Returns whether it was.
 *
 * Linux: mm/memory.c __handle_mm_fault (create_huge_pmd), mm/huge_memory.c
 * do_huge_pmd_anonymous_page: a read shows the huge page of zeros.
 */
export function faultHuge(mm: AddressSpace, area: number, page: number, write: boolean): boolean {
  const { areas, pages } = mm;
  const first = tableStart(page);
  if (first < areas.start[area] || first + LEAF_PAGES > areas.end[area]) return false;
  // Of a program that is only seen calling nobody knows which tables it has.
  if (pages.at(page) !== undefined || mm.touchedUnseen || !isHugeEligible(mm, area)) return false;
  if (hugePages(mm) !== LEAF_PAGES || !isToBeHad(mm, first)) return false;
  ensureAnon(mm, area);
  const leaf = pages.make(page);
  if (write) fillTable(mm, area, first);
  else for (let i = 0; i < LEAF_PAGES; i++) pages.set(first + i, 0, P_PRESENT | P_ZERO | P_YOUNG);
  markHuge(mm, leaf, true);
  return true;
}

/** Two megabytes of memory in one piece are not always to be had. Linux: vma_alloc_anon_folio_pmd */
function isToBeHad(mm: AddressSpace, first: number): boolean {
  const { pageBytes, ports } = mm.memory;
  return ports.choices.choose<boolean>({
    id: "fault/huge-page",
    usual: true,
    allows: () => true,
    describe: () =>
      `whether a huge page was to be had for 0x${(first * pageBytes).toString(16)}: memory may be in pieces`,
    alternatives: [true, false],
    pages: { start: first, end: first + LEAF_PAGES },
  });
}

/** Gives a table whose entries are free 512 frames of zeros. */
function fillTable(mm: AddressSpace, area: number, first: number): void {
  const { frames } = mm.memory;
  const flags = flagsOfNewFrame(mm, area);
  const bits = entryBits(mm, area);
  const all = new Int32Array(LEAF_PAGES);
  for (let i = 0; i < LEAF_PAGES; i++) {
    const frame = frames.allocate(flags, 1);
    all[i] = frame;
    countResident(mm, flags, 1);
    mm.pages.set(first + i, frame, bits);
  }
  mm.memory.folios.make(mm, all);
}

function entryBits(mm: AddressSpace, area: number): number {
  const write = (mm.areas.flags[area] & VM_WRITE) !== 0 ? P_WRITE : 0;
  return P_PRESENT | P_YOUNG | P_DIRTY | P_SOFT_DIRTY | write;
}

/** Notes that one entry shows all pages of a table, or that none does any more. */
export function markHuge(mm: AddressSpace, leaf: Leaf, huge: boolean): void {
  if (leaf.huge === huge) return;
  const { journal } = mm.memory.ports;
  journal.save(leaf, "huge");
  journal.save(mm, "hugeTables");
  leaf.huge = huge;
  mm.hugeTables += huge ? 1 : -1;
}

/** The table that shows a page, if it shows a huge one. */
function hugeTable(mm: AddressSpace, page: number): Leaf | undefined {
  if (mm.hugeTables === 0) return undefined;
  const leaf = mm.pages.at(page);
  return leaf?.huge === true ? leaf : undefined;
}

/**
 * An area is about to end or begin at a page: a huge page that lies across is mapped by small
 * entries from then on. Linux: mm/huge_memory.c vma_adjust_trans_huge
 */
export function splitTableAt(mm: AddressSpace, page: number): void {
  const leaf = page % LEAF_PAGES === 0 ? undefined : hugeTable(mm, page);
  if (leaf !== undefined) markHuge(mm, leaf, false);
}

/** A use of one page of a huge page is one of all of it; tells whether it is one. */
export function touchHuge(mm: AddressSpace, page: number, bits: number): boolean {
  const leaf = hugeTable(mm, page);
  if (leaf === undefined) return false;
  setAll(mm, leaf, bits);
  return true;
}

function setAll(mm: AddressSpace, leaf: Leaf, bits: number): void {
  const { journal } = mm.memory.ports;
  if (journal.recording) journal.saveCells(leaf.bits, 0, LEAF_PAGES);
  leaf.bits.fill(bits);
}

/**
 * A write to a huge page that is write-protected: taken over as a whole by who has it alone, and
 * split otherwise, so that one page is copied. Returns whether that is all there is to do.
 *
 * Linux: mm/huge_memory.c do_huge_pmd_wp_page, do_huge_zero_wp_pmd
 */
export function writeHuge(mm: AddressSpace, area: number, page: number, bits: number): boolean {
  const leaf = hugeTable(mm, page);
  if (leaf === undefined) return false;
  const isZero = (bits & P_ZERO) !== 0;
  if (isZero && mm.memory.features.hugeZeroWrite === "huge") {
    fillTable(mm, area, tableStart(page));
    return true;
  }
  if (isZero || !ownAll(mm, leaf)) {
    markHuge(mm, leaf, false);
    return false;
  }
  setAll(mm, leaf, bits | P_WRITE | P_DIRTY | P_YOUNG | P_SOFT_DIRTY);
  return true;
}

/** The same for a page that is only to be read, by whoever holds it. */
export function unshareHuge(mm: AddressSpace, page: number): boolean {
  const leaf = hugeTable(mm, page);
  if (leaf === undefined) return false;
  if (ownAll(mm, leaf)) return true;
  markHuge(mm, leaf, false);
  return false;
}

/** Marks all frames of a huge page as owned alone, if they are. */
function ownAll(mm: AddressSpace, leaf: Leaf): boolean {
  const { frames } = mm.memory;
  if (leaf.value.some((frame) => frames.mapCount[frame] !== 1)) return false;
  for (const frame of leaf.value) frames.setFlags(frame, frames.flags[frame] | F_EXCLUSIVE);
  return true;
}

/**
 * COLD, PAGEOUT or FREE come to entries of a huge page: they leave it alone where others map it
 * too, and split it where they mean only a part. Tells whether to go on, with its pages or with
 * all of it.
 *
 * Linux: mm/madvise.c madvise_cold_or_pageout_pte_range, mm/huge_memory.c madvise_free_huge_pmd
 */
export function entersHuge(
  mm: AddressSpace,
  leaf: Leaf,
  from: number,
  to: number,
  isToBeFreed = false,
): boolean {
  if ((leaf.bits[0] & P_ZERO) !== 0) return true;
  const { memory } = mm;
  const folio = memory.folios.find(leaf.value[0])!;
  if (isFolioShared(memory, folio, leaf.value[0])) return false;
  // Where one page's count speaks for all, FREE asks for the sum of all: total_mapcount.
  if (isToBeFreed && leaf.value.some((frame) => memory.frames.mapCount[frame] !== 1)) return false;
  if (to - from < LEAF_PAGES) splitFolio(mm, folio);
  return true;
}

/**
 * Makes a huge page of what a table shows, whatever it is: present or not, shared or in swap; all is
 * there by now. Linux: mm/khugepaged.c collapse_huge_page
 */
export function collapseTable(mm: AddressSpace, area: number, first: number): void {
  const { pages, memory } = mm;
  const { frames } = memory;
  const flags = flagsOfNewFrame(mm, area);
  const entry = entryBits(mm, area);
  const all = new Int32Array(LEAF_PAGES);
  for (let page = first; page < first + LEAF_PAGES; page++) {
    const bits = pages.bitsOf(page);
    const old = (bits & P_ZERO) === 0 ? pages.valueOf(page) : 0;
    const frame = frames.allocate(flags, 1);
    all[page - first] = frame;
    countResident(mm, flags, 1);
    if (old !== 0) {
      frames.contents.copy(old, frame);
      dropMapping(mm, old, bits);
    }
    pages.set(page, frame, entry);
  }
  memory.folios.make(mm, all);
  markHuge(mm, pages.at(first)!, true);
}

/** Whether a table shows a huge page that holds something. */
export function isHugeAnonymous(mm: AddressSpace, leaf: Leaf): boolean {
  return leaf.huge && (mm.memory.frames.flags[leaf.value[0]] & F_ANON) !== 0;
}
