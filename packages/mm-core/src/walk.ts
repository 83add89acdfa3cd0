import type { AddressSpace } from "./addressSpace.ts";
import { entryOf, LEAF_PAGES, nextLeaf, type Leaf } from "./pageTable.ts";

/**
 * Sees the entries [from, to) of one table; entry 0 stands for page `base`. Tells whether it changed
 * what a TLB may hold.
 */
export type EntryVisitor<Context> = (
  mm: AddressSpace,
  leaf: Leaf,
  from: number,
  to: number,
  base: number,
  context: Context,
) => boolean;

/**
 * Visits the page tables that exist between two pages, in order, for a visitor that may change the
 * entries; pages without a table are not shown. Returns whether the visitor changed what a TLB may
 * hold. What the visitor must know comes along as `context`: it is made once, not for every area.
 *
 * Linux: mm/pagewalk.c walk_page_range. While somebody records, the entries are noted beforehand.
 */
export function walkEntries<Context>(
  mm: AddressSpace,
  start: number,
  end: number,
  visit: EntryVisitor<Context>,
  context: Context,
): boolean {
  const { pages, memory } = mm;
  const { journal } = memory.ports;
  let flush = false;
  let page = pages.nextUsed(start, end);
  while (page < end) {
    const leaf = pages.at(page)!;
    const from = entryOf(page);
    const rest = end - page;
    const to = rest < LEAF_PAGES - from ? from + rest : LEAF_PAGES;
    if (journal.recording) {
      journal.saveCells(leaf.bits, from, to);
      journal.saveCells(leaf.value, from, to);
      journal.save(leaf, "used");
    }
    memory.work.pageTableWalks++;
    if (visit(mm, leaf, from, to, page - from, context)) flush = true;
    if (to < LEAF_PAGES) break;
    page = pages.nextUsed(nextLeaf(page), end);
  }
  return flush;
}
