import type { Journal } from "@kadvise/ports";
import { MAP, type Refusal } from "@kadvise/uapi";
import type { Backing, PageObject } from "../backing.ts";
import type { MapRequest } from "../map.ts";
import type { Memory } from "../memory.ts";
import { reasons } from "../reasons.ts";
import { hugeShiftOf, pagesOfHuge } from "./hugeSize.ts";

/**
 * The object behind MAP_ANONYMOUS|MAP_HUGETLB: a file of the kernel's own hugetlbfs, which nobody
 * else can open. Linux: fs/hugetlbfs/inode.c hugetlb_file_setup
 */
export class AnonymousHuge implements PageObject {
  readonly kind = "hugetlb";
  readonly canPunch = true;
  readonly hugeShift: number;
  sizeBytes: number;
  /** How many areas show it: with the last it ends. */
  mappings = 0;

  constructor(hugeShift: number, sizeBytes: number) {
    this.hugeShift = hugeShift;
    this.sizeBytes = sizeBytes;
  }

  resize(journal: Journal, sizeBytes: number): void {
    journal.save(this, "sizeBytes");
    this.sizeBytes = sizeBytes;
  }
}

/**
 * A request for huge pages as do_mmap gets it: with a file, and of whole huge pages. Others stay as
 * they are. Linux: mm/mmap.c ksys_mmap_pgoff
 */
export function withHugeFile(memory: Memory, request: MapRequest): MapRequest | Refusal {
  const { flags, backing, pages } = request;
  const { pageShift, pageBytes } = memory;
  if (backing !== null) {
    if (backing.object.kind !== "hugetlb") return request;
    return { ...request, pages: wholePages(pages, pagesOfHuge(backing.object, pageShift)) };
  }
  if ((flags & MAP.MAP_HUGETLB) === 0) return request;
  const shift = hugeShiftOf(flags, pageShift);
  if (shift === undefined) {
    const hex = `0x${(flags >>> 0).toString(16)}`;
    return reasons.refuse(memory.ports.checks, "mmap/huge-size", hex);
  }
  const whole = wholePages(pages, 2 ** (shift - pageShift));
  const file: Backing = {
    object: new AnonymousHuge(shift, whole * pageBytes),
    name: "/anon_hugepage (deleted)",
    readable: true,
    writable: true,
    faultsAlone: true,
    identity: `00:0f ${memory.newSharedFile()}`,
  };
  return { ...request, pages: whole, backing: file };
}

function wholePages(pages: number, huge: number): number {
  return Math.ceil(pages / huge) * huge;
}
