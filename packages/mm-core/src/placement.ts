import { MAP } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_GROWSDOWN } from "./flags.ts";
import { placeHuge } from "./hugetlb/placeHuge.ts";
import { STACK_GUARD_PAGES } from "./layout.ts";
import { hugePages } from "./modify.ts";

/** What placement looks at. */
export interface PlacementRequest {
  /** The hint, as a page; 0 for none. */
  readonly hint: number;
  readonly pages: number;
  /** MAP_* bits. */
  readonly flags: number;
  /**
   * Whether the mapping shows a file (then its offset decides the alignment), and at which page of
   * it.
   */
  readonly fileOffset: number | null;
  /** Unshared anonymous memory: the only kind that newer kernels align to huge pages. */
  readonly anonymous: boolean;
  /** Pages of a huge page, where such are mapped: they lie at whole ones. */
  readonly huge?: number;
  /** A 32-bit caller: another window, and no huge-page alignment. */
  readonly compat: boolean;
}

/**
 * Where Linux puts a mapping that did not ask for a fixed address, or -1.
 *
 * The hint if it is free, else the highest free stretch below the base, else the lowest one from
 * the legacy base up. Linux: mm/mmap.c __get_unmapped_area, arch/x86/kernel/sys_x86_64.c
 * arch_get_unmapped_area_topdown
 */
export function findPlace(mm: AddressSpace, request: PlacementRequest): number {
  const { layout } = mm;
  const { pages, flags } = request;
  const minimum = lowestPage(mm);
  const limit = request.compat ? compatLimit(mm) : layout.limit;
  const base = request.compat ? compatBase(mm, limit) : layout.base;
  if (request.huge !== undefined)
    return placeHuge(mm, request, {
      ...{ lowest: minimum, base, limit, legacyBase: layout.legacyBase },
      isFree: (page) => hintIsFree(mm, page, pages, limit),
      guard: (area) => guard(mm, area),
    });
  const hint = request.hint > 0 ? Math.max(request.hint, minimum) : 0;
  if ((flags & MAP.MAP_32BIT) !== 0 && !request.compat) {
    const low = 2 ** (30 - mm.memory.pageShift);
    if (hint > 0 && hint <= 2 * low - pages && isFree(mm, hint, pages)) return hint;
    return aligned(mm, request, (need) =>
      mm.areas.order.lowestGap(need, low, 2 * low, (area) => guard(mm, area)),
    );
  }
  if (hint > 0 && hintIsFree(mm, hint, pages, limit)) return hint;
  if (layout.legacy) return upwards(mm, pages, limit);
  const place = aligned(mm, request, (need) => highestGap(mm, need, minimum, base));
  return place >= 0 ? place : upwards(mm, pages, limit);
}

/** Whether pages are free, and far enough below a stack. */
export function isFree(mm: AddressSpace, page: number, pages: number): boolean {
  const above = mm.areas.find(page);
  return above < 0 || page + pages <= mm.areas.start[above] - guard(mm, above);
}

/**
 * The highest free stretch. Linux: mm/vma.c unmapped_area_topdown, which starts again below a stack's
 * guard gap where that takes the end of what it found; before 6.3 it looked for what is free without
 * the gaps (mm/mmap.c, vm_unmapped_area of red-black trees)
 */
function highestGap(mm: AddressSpace, need: number, low: number, high: number): number {
  const restarts = mm.memory.features.gapSearchRestarts;
  return mm.areas.order.highestGap(need, low, high, (area) => guard(mm, area), restarts);
}

/** The lowest page that a hint or a search may give. */
export function lowestPage(mm: AddressSpace): number {
  const { values } = mm.memory.settings;
  return Math.ceil(Math.max(values.mmapMinAddr, values.lsmMmapMinAddr, 1) / mm.memory.pageBytes);
}

/** Pages that must stay free below an area. */
function guard(mm: AddressSpace, area: number): number {
  return (mm.areas.flags[area] & VM_GROWSDOWN) !== 0 ? STACK_GUARD_PAGES : 0;
}

function hintIsFree(mm: AddressSpace, hint: number, pages: number, limit: number): boolean {
  if (hint > limit - pages) return false;
  const window = 2 ** (47 - mm.memory.pageShift) - 1;
  if (hint < window !== hint + pages <= window) return false;
  return isFree(mm, hint, pages);
}

function upwards(mm: AddressSpace, pages: number, limit: number): number {
  return mm.areas.order.lowestGap(pages, mm.layout.legacyBase, limit, (area) => guard(mm, area));
}

/**
 * Where a 32-bit call places downwards from: as far below the limit as 64-bit calls do, but at most
 * five sixths of its address space. Linux: arch/x86/mm/mmap.c mmap_base
 */
function compatBase({ layout }: AddressSpace, limit: number): number {
  const gap = Math.min(layout.limit - layout.base, Math.floor((limit / 6) * 5));
  return Math.min(layout.base, limit - gap);
}

/** Linux: arch/x86/include/asm/page_64_types.h IA32_PAGE_OFFSET */
export function compatLimit(mm: AddressSpace): number {
  return Math.floor(0xffff_e000 / mm.memory.pageBytes);
}

/**
 * Searches for a stretch that is congruent to the file offset modulo a huge page, where the release
 * does so.
 *
 * Linux: mm/huge_memory.c __thp_get_unmapped_area. It searches for the length plus one huge page,
 * and moves the start to the wanted remainder; where a downward search is already aligned, it takes
 * the upper part.
 */
function aligned(
  mm: AddressSpace,
  request: PlacementRequest,
  search: (need: number) => number,
): number {
  const huge = hugePages(mm);
  const offset = wantedRemainder(mm, request, huge);
  if (offset < 0) return search(request.pages);
  const padded = search(request.pages + huge);
  if (padded < 0) return search(request.pages);
  const shift = modulo(offset - padded, huge);
  return shift === 0 && !mm.layout.legacy ? padded + huge : padded + shift;
}

function wantedRemainder(mm: AddressSpace, request: PlacementRequest, huge: number): number {
  if (request.compat || !mm.memory.settings.values.thp) return -1;
  const { pages } = request;
  if (request.fileOffset !== null) {
    const toBoundary = modulo(-request.fileOffset, huge);
    return pages - toBoundary >= huge ? request.fileOffset % huge : -1;
  }
  if (!request.anonymous) return -1;
  const { hugeAlignment } = mm.memory.features;
  if (hugeAlignment === "large") return pages >= huge ? 0 : -1;
  if (hugeAlignment === "none" || pages % huge !== 0) return -1;
  return hugeAlignment === "multiple" || request.hint === 0 ? 0 : -1;
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
