import { F_ACTIVE, F_REFERENCED } from "./frames.ts";
import type { Memory } from "./memory.ts";

/**
 * The marks of a frame that was used once more: a use seen twice makes a page active, unless it is
 * locked. Multi-gen LRU counts further uses elsewhere, and none of locked pages.
 *
 * Linux: mm/swap.c folio_mark_accessed, folio_inc_refs
 */
export function used({ settings }: Memory, flags: number, isLocked = false): number {
  const { multiGenLru } = settings.values;
  if (multiGenLru && isLocked) return flags;
  if ((flags & F_REFERENCED) === 0) return flags | F_REFERENCED;
  if (isLocked || multiGenLru || (flags & F_ACTIVE) !== 0) return flags;
  return (flags & ~F_REFERENCED) | F_ACTIVE;
}
