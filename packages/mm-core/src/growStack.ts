import { countPages, mayExpand, mayLock } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { mayCommit } from "./commit.ts";
import { VM_ACCESS, VM_GROWSDOWN, VM_LOCKED } from "./flags.ts";
import { STACK_GUARD_PAGES } from "./layout.ts";
import { ensureAnon } from "./newPage.ts";
import { lowestPage } from "./placement.ts";

/**
 * Lets a stack grow down to a page. Linux: mm/vma.c expand_downwards, acct_stack_growth
 *
 * Any distance at once, as far as RLIMIT_STACK allows; an accessible area that is no stack must
 * stay 256 pages away, one without access or another stack may be touched.
 */
export function growStack(mm: AddressSpace, area: number, page: number, actor: Actor): boolean {
  const { areas } = mm;
  const flags = areas.flags[area];
  if (page < lowestPage(mm)) return false;
  const below = areas.previous(area);
  if (
    below >= 0 &&
    (areas.flags[below] & VM_GROWSDOWN) === 0 &&
    (areas.flags[below] & VM_ACCESS) !== 0 &&
    page - areas.end[below] < STACK_GUARD_PAGES
  ) {
    return false;
  }
  const growth = areas.start[area] - page;
  const limitPages = Math.floor(actor.limit("RLIMIT_STACK") / mm.memory.pageBytes);
  if (areas.end[area] - page > limitPages) return false;
  if ((flags & VM_LOCKED) !== 0 && !mayLock(mm, growth, actor)) return false;
  if (mayExpand(mm, flags, growth, actor) !== undefined) return false;
  if (mayCommit(mm, { flags, pages: growth }, actor) !== undefined) return false;
  ensureAnon(mm, area);
  areas.setOffset(area, areas.offset[area] - growth);
  areas.setStart(area, page);
  countPages(mm, flags, growth);
  return true;
}
