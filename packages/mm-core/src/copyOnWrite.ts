import type { AddressSpace } from "./addressSpace.ts";
import { VM_SHARED } from "./flags.ts";
import { F_ANON, F_DIRTY, F_EXCLUSIVE, F_KSM, F_SWAPCACHE } from "./frames.ts";
import { unshareHuge, writeHuge } from "./hugePage.ts";
import { mapNew } from "./newPage.ts";
import { P_DIRTY, P_SOFT_DIRTY, P_WRITE, P_YOUNG, P_ZERO } from "./pageTable.ts";
import { isSwappedNowhere, leaveSwapCache } from "./swapCache.ts";
import { dropMapping } from "./zap.ts";

/**
 * A write to a page that is there but write-protected: take it over, or copy it. Linux: mm/memory.c
 * do_wp_page
 */
export function writeProtected(mm: AddressSpace, area: number, page: number, bits: number): void {
  const { memory } = mm;
  const { frames } = memory;
  if (writeHuge(mm, area, page, bits)) return;
  if ((bits & P_ZERO) !== 0) {
    mapNew(mm, area, page, 0);
    return;
  }
  const frame = mm.pages.valueOf(page);
  const flags = frames.flags[frame];
  const written = bits | P_WRITE | P_DIRTY | P_YOUNG | P_SOFT_DIRTY;
  if ((mm.areas.flags[area] & VM_SHARED) !== 0) {
    frames.setFlags(frame, flags | F_DIRTY);
    mm.pages.set(page, frame, written);
  } else if ((flags & F_ANON) !== 0 && ownsAlone(mm, frame)) {
    frames.setFlags(frame, frames.flags[frame] | F_EXCLUSIVE);
    mm.pages.set(page, frame, written);
  } else copyPage(mm, area, page);
}

/** An anonymous copy in place of a page that others see too. Linux: mm/memory.c wp_page_copy */
function copyPage(mm: AddressSpace, area: number, page: number): void {
  const frame = mm.pages.valueOf(page);
  const bits = mm.pages.bitsOf(page);
  // The old page must still be there while its bytes are copied.
  mapNew(mm, area, page, frame);
  dropMapping(mm, frame, bits);
}

/**
 * An anonymous page becomes a process' own without being written: taken over where nobody else has
 * it, or copied. Linux: mm/memory.c do_wp_page with FAULT_FLAG_UNSHARE
 */
export function unshare(mm: AddressSpace, area: number, page: number): void {
  const { frames } = mm.memory;
  if (unshareHuge(mm, page)) return;
  const frame = mm.pages.valueOf(page);
  const bits = mm.pages.bitsOf(page);
  if (ownsAlone(mm, frame)) {
    frames.setFlags(frame, frames.flags[frame] | F_EXCLUSIVE);
    return;
  }
  copyPage(mm, area, page);
  const clean = mm.pages.bitsOf(page) & ~(P_WRITE | P_DIRTY | P_SOFT_DIRTY);
  mm.pages.set(page, mm.pages.valueOf(page), clean | (bits & P_SOFT_DIRTY));
}

/**
 * Whether nobody else maps an anonymous page or names it in swap; its place in swap is then given
 * up. Linux: mm/memory.c wp_can_reuse_anon_folio
 */
function ownsAlone(mm: AddressSpace, frame: number): boolean {
  const { memory } = mm;
  const flags = memory.frames.flags[frame];
  if ((flags & (F_EXCLUSIVE | F_KSM)) !== 0) return (flags & F_KSM) === 0;
  if (memory.frames.mapCount[frame] !== 1) return false;
  const folio = memory.folios.count > 0 ? memory.folios.find(frame) : undefined;
  // Part of a large folio was never taken over before all of it could be (6.15).
  if (folio !== undefined)
    return memory.features.hugeShared === "by-process" && folio.mappers.size === 1;
  if ((flags & F_SWAPCACHE) === 0) return true;
  if (!isSwappedNowhere(memory, frame)) return false;
  leaveSwapCache(memory, frame);
  return true;
}
