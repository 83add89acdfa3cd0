import { countPages } from "./accounting.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCESS, VM_GROWSDOWN } from "./flags.ts";
import { STACK_GUARD_PAGES } from "./layout.ts";
import { lowestPage } from "./placement.ts";

/**
 * Lets a stack grow down to a page. Linux: mm/mmap.c expand_downwards
 *
 * Any distance at once; an accessible area that is no stack must stay 256 pages away, one without
 * access or another stack may be touched.
 */
export function growStack(mm: AddressSpace, area: number, page: number): boolean {
  const { areas } = mm;
  if (page < lowestPage(mm)) return false;
  const below = areas.previous(area);
  if (
    below >= 0 &&
    (areas.flags[below] & VM_GROWSDOWN) === 0 &&
    (areas.flags[below] & VM_ACCESS) !== 0
  ) {
    if (page - areas.end[below] < STACK_GUARD_PAGES) return false;
  }
  const growth = areas.start[area] - page;
  areas.setOffset(area, areas.offset[area] - growth);
  areas.setStart(area, page);
  countPages(mm, areas.flags[area], growth);
  if (areas.anon[area] === 0) areas.setAnon(area, mm.memory.newAnon(), false);
  return true;
}
