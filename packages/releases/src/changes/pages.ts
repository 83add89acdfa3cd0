import type { Change } from "../change.ts";

/** Pages: which list they are on, and what reclaim does to them. */
export const PAGE_CHANGES: readonly Change[] = [
  {
    id: "anonymous-starts-inactive",
    subject: "a new anonymous page starts on the inactive list",
    mainline: "5.9",
    source: "mm/swap.c lru_cache_add_inactive_or_unevictable 5.9; asked on 5.10.223",
    set: { mm: { newAnonymousIsActive: false } },
  },
  {
    id: "pageout-unowned-anonymous",
    subject: "MADV_PAGEOUT pages out the private copies of a file that the caller may not write",
    mainline: "6.2",
    source: "fd3b1bc3c86e; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { pageoutUnowned: "private-anonymous-only" } },
  },
  {
    id: "pin-unshares",
    subject: "A page that is pinned to be read is no longer shared with a child",
    mainline: "5.19",
    lastWithout: "5.10",
    source:
      '"mm/gup: trigger FAULT_FLAG_UNSHARE when R/O-pinning a possibly shared anonymous page"; ' +
      "mm/gup.c gup_must_unshare; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { pinUnshares: true } },
  },
  {
    id: "lru-batch-31",
    subject: "31 pages wait per CPU for the LRU",
    mainline: "6.9",
    source:
      '9cecde80aae0 "increase folio batch size"; include/linux/pagevec.h PAGEVEC_SIZE; asked on ' +
      "6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { lruBatch: 31 } },
  },
  {
    id: "pageout-keeps-young",
    subject: "MADV_PAGEOUT no longer clears the young bit",
    mainline: "6.9",
    source: "2864f3d0f583; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { pageoutKeepsYoung: true } },
  },
  {
    id: "zeros-leave-at-once",
    subject: "A page of zeros is not written to swap: MADV_PAGEOUT lets it go at once",
    mainline: "6.12",
    source:
      '0ca0c24e3211 "mm: store zero pages to be swapped out in a bitmap"; mm/page_io.c ' +
      "swap_writepage; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { swapNotesZeros: true } },
  },
  {
    id: "new-page-is-referenced",
    subject: "Multi-gen LRU marks new pages as referenced",
    mainline: "7.2",
    source: "smaps asked on 7.1.13 (without) and 7.2.12 (with), both with multi-gen LRU",
    set: { mm: { newPageIsReferenced: true } },
  },
  {
    id: "drops-under-area-lock",
    subject: "DONTNEED and FREE of a range within one area leave the mmap lock alone",
    mainline: "6.17",
    source: "mm/madvise.c try_vma_read_lock 6.17; locks traced on 6.18.44 (none)",
    set: { mm: { dropLock: "area" } },
  },
];
