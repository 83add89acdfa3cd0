import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { filePage, indexOf } from "./filePage.ts";
import { VM_SHARED } from "./flags.ts";
import { F_DIRTY, F_NOT_READY } from "./frames.ts";
import { ensureAnon, mapNew } from "./newPage.ts";
import { LEAF_PAGES, P_DIRTY, P_PRESENT, P_SOFT_DIRTY, P_WRITE, P_YOUNG } from "./pageTable.ts";
import { reasons } from "./reasons.ts";
import { countResident } from "./zap.ts";
import { writesUnnoticed } from "./writeNotify.ts";

/**
 * Pages that a read fault maps at once, if they are in the cache. Linux: mm/memory.c
 * fault_around_bytes, 64 KiB
 */
const AROUND_PAGES = 16;

/**
 * A page of a file or of shared memory is touched for the first time.
 *
 * Linux: mm/memory.c do_read_fault (with neighbours), do_cow_fault (a private copy at once),
 * do_shared_fault
 */
export function fileFault(
  mm: AddressSpace,
  area: number,
  page: number,
  write: boolean,
): Refusal | undefined {
  const { frames, ports } = mm.memory;
  const isShared = (mm.areas.flags[area] & VM_SHARED) !== 0;
  // The reverse map is prepared before the file is asked, and stays if there is no such page.
  if (write && !isShared) ensureAnon(mm, area);
  const frame = filePage(mm, area, page);
  const isAround = !write && mm.areas.backing[area]?.faultsAlone !== true;
  if (frame === 0) {
    // The neighbours are mapped before the file is asked for the page.
    if (isAround) mapAround(mm, area, page);
    const address = `0x${(page * mm.memory.pageBytes).toString(16)}`;
    return reasons.refuse(ports.checks, "access/beyond-end", address);
  }
  if (write && !isShared) {
    mapNew(mm, area, page, frame);
  } else if (write) {
    frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
    mapCached(mm, page, frame, P_PRESENT | P_YOUNG | P_DIRTY | P_WRITE | P_SOFT_DIRTY);
  } else {
    mapCached(mm, page, frame, bitsOfRead(mm, area));
    if (isAround) mapAround(mm, area, page);
  }
  return undefined;
}

/** Linux: mm/memory.c set_pte_range, with the rights of the area */
function bitsOfRead(mm: AddressSpace, area: number): number {
  return P_PRESENT | P_YOUNG | (writesUnnoticed(mm, area) ? P_WRITE : 0);
}

function mapCached(mm: AddressSpace, page: number, frame: number, bits: number): void {
  mm.memory.frames.countMapping(frame, 1);
  countResident(mm, mm.memory.frames.flags[frame], 1);
  mm.pages.set(page, frame, bits);
}

/**
 * Maps the cached neighbours of a page that was read: 64 KiB from the aligned address before it, or
 * from the start of the area if that is nearer, cut to the area and the page table.
 *
 * Linux: mm/memory.c do_fault_around, mm/filemap.c filemap_map_pages
 */
function mapAround(mm: AddressSpace, area: number, page: number): void {
  const { memory, areas, pages } = mm;
  const cache = memory.cache(areas.backing[area]!.object);
  const table = Math.floor(page / LEAF_PAGES) * LEAF_PAGES;
  const window = Math.floor(page / AROUND_PAGES) * AROUND_PAGES;
  const bits = bitsOfRead(mm, area);
  const from = Math.max(window, areas.start[area], table);
  const to = Math.min(from + AROUND_PAGES, areas.end[area], table + LEAF_PAGES);
  for (let near = from; near < to; near++) {
    if (near === page || pages.bitsOf(near) !== 0) continue;
    const frame = cache.get(indexOf(mm, area, near));
    if (frame === 0 || (memory.frames.flags[frame] & F_NOT_READY) !== 0) continue;
    mapCached(mm, near, frame, bits);
  }
}
