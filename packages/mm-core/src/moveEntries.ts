import type { AddressSpace } from "./addressSpace.ts";
import { markHuge } from "./hugePage.ts";
import { LEAF_PAGES, P_PRESENT, P_SOFT_DIRTY, P_SWAP, type Leaf } from "./pageTable.ts";
import { walkEntries } from "./walk.ts";

/**
 * Moves what page-table entries hold from one range to another that holds nothing: frames, places in
 * swap, guards. Returns whether anything moved that a TLB may hold.
 *
 * Linux: mm/mremap.c move_ptes. What moved counts as soft-dirty: its new place shows it anew.
 */
export function moveEntries(mm: AddressSpace, from: number, to: number, pages: number): boolean {
  return walkEntries(mm, from, from + pages, moveTable, to - from);
}

function moveTable(
  mm: AddressSpace,
  leaf: Leaf,
  first: number,
  last: number,
  base: number,
  distance: number,
): boolean {
  const { work } = mm.memory;
  let flush = false;
  const isWhole = last - first === LEAF_PAGES && distance % LEAF_PAGES === 0;
  const isHuge = leaf.huge;
  markHuge(mm, leaf, false);
  for (let i = first; i < last; i++) {
    const bits = leaf.bits[i];
    if (bits === 0) continue;
    const value = leaf.value[i];
    leaf.bits[i] = 0;
    leaf.value[i] = 0;
    leaf.used--;
    if ((bits & P_PRESENT) !== 0) flush = true;
    const mark = (bits & (P_PRESENT | P_SWAP)) !== 0 ? P_SOFT_DIRTY : 0;
    mm.pages.set(base + i + distance, value, bits | mark);
    work.pagesTouched++;
  }
  // Between aligned places a table moves as it is, and so does a huge page (move_huge_pmd).
  if (isWhole) mm.pages.prune(base, base + LEAF_PAGES);
  if (isWhole && isHuge) markHuge(mm, mm.pages.at(base + distance)!, true);
  return flush;
}
