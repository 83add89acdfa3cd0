import type { AddressSpace } from "./addressSpace.ts";
import { LEAF_PAGES, nextLeaf, type Leaf } from "./pageTable.ts";

/** Sees the entries [from, to) of one table; entry 0 stands for page `base`. */
export type EntryVisitor = (leaf: Leaf, from: number, to: number, base: number) => void;

/**
 * Visits the page tables that exist between two pages, in order, for a visitor that may change the
 * entries. Returns how many entries it was shown: pages without a table were not.
 *
 * Linux: mm/pagewalk.c walk_page_range. While somebody records, the entries are noted beforehand.
 */
export function walkEntries(
  mm: AddressSpace,
  start: number,
  end: number,
  visit: EntryVisitor,
): number {
  const { pages, memory } = mm;
  const { journal } = memory.ports;
  let shown = 0;
  for (
    let page = pages.nextUsed(start, end);
    page < end;
    page = pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = pages.at(page)!;
    const from = page % LEAF_PAGES;
    const to = Math.min(LEAF_PAGES, from + (end - page));
    if (journal.recording) {
      journal.saveCells(leaf.bits, from, to);
      journal.saveCells(leaf.value, from, to);
      journal.save(leaf, "used");
    }
    memory.work.pageTableWalks++;
    shown += to - from;
    visit(leaf, from, to, page - from);
  }
  return shown;
}
