import type { AddressSpace } from "./addressSpace.ts";
import { P_GUARD, P_PRESENT, P_SWAP, P_YOUNG, P_ZERO } from "./pageTable.ts";

/** What a page is, at a glance. */
export type PageState = "untouched" | "zero" | "used" | "cold" | "swapped" | "guarded";

/** The state of a page: `used` was accessed since anybody looked, `cold` was not. */
export function pageState(mm: AddressSpace, page: number): PageState {
  const bits = mm.pages.bitsOf(page);
  if ((bits & P_SWAP) !== 0) return "swapped";
  if ((bits & P_GUARD) !== 0) return "guarded";
  if ((bits & P_PRESENT) === 0) return "untouched";
  if ((bits & P_ZERO) !== 0) return "zero";
  return (bits & P_YOUNG) !== 0 ? "used" : "cold";
}
