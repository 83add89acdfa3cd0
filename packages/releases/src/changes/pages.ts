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
    id: "pin-leaves-stack",
    subject: "A stack no longer grows for who reaches into it from outside",
    mainline: "6.5",
    stable: { "6.4": 1, "6.3": 11, "6.1": 37 },
    source:
      'a425ac5365f6 "gup: add warning if some caller would seem to want stack expansion"; ' +
      "mm/gup.c __get_user_pages; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { pinGrowsStack: false } },
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
  {
    id: "split-keeps-young",
    subject: "what a split of a huge page leaves counts as used as the huge page did",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"mm: remember young/dirty bit for page migrations"; smaps asked on 5.10.223 (without) and ' +
      "6.1.176 (with)",
    set: { mm: { splitKeepsYoung: true } },
  },
  {
    id: "protect-loses-huge-dirty",
    subject: "mprotect of a huge page that was written leaves it clean",
    mainline: "6.12",
    lastWithout: "6.1",
    source:
      "arch/x86/include/asm/pgtable.h pmd_modify, which clears _PAGE_DIRTY for shadow stacks; smaps " +
      "asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { protectKeepsHugeDirty: false } },
  },
  {
    id: "protect-keeps-huge-dirty",
    subject: "mprotect of a huge page that was written leaves it dirty again",
    mainline: "7.2",
    stable: { "6.18": [15, 44], "6.12": [107, 117] },
    source:
      "arch/x86/include/asm/pgtable.h pmd_modify; smaps asked on 6.12.107, 6.18.15, 6.19.14, 7.1.13 " +
      "(without), 6.12.117, 6.18.44, 7.2.12 (with)",
    set: { mm: { protectKeepsHugeDirty: true } },
  },
  {
    id: "rewritten-huge-page-stays",
    subject: "PAGEOUT leaves a huge page in one piece that was given up and written since",
    mainline: "6.15",
    lastWithout: "6.12",
    source:
      '"mm: avoid splitting pmd for lazyfree pmd-mapped THP in try_to_unmap"; mm/rmap.c ' +
      "try_to_unmap_one; smaps asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { rewrittenStaysHuge: true } },
  },
  {
    id: "rewritten-huge-page-in-entries",
    subject: "PAGEOUT has small entries show a huge page that was given up and written since",
    mainline: "7.3.4",
    lastWithout: "7.2.12",
    stable: { "6.18": [15, 44] },
    source:
      "mm/rmap.c try_to_unmap_one; smaps asked on 6.18.15, 6.19.14, 7.2.12 (without), 6.18.44, " +
      "7.3.4 (with)",
    set: { mm: { rewrittenStaysHuge: false } },
  },
  {
    id: "split-frees-zero-pages",
    subject: "the pages of a split huge page that hold only zeros are given back",
    mainline: "6.12",
    source: "mm/huge_memory.c split_huge_page; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { splitFreesZeroPages: true } },
  },
  {
    id: "huge-page-shared-by-count",
    subject: "COLD, PAGEOUT and FREE leave a huge page alone of which any page is mapped elsewhere",
    mainline: "6.12",
    lastWithout: "6.1",
    source:
      "mm/madvise.c madvise_cold_or_pageout_pte_range, folio_likely_mapped_shared; asked on " +
      "6.1.176 (without: only the first page counts) and 6.12.107 (with)",
    set: { mm: { hugeShared: "by-count" } },
  },
  {
    id: "huge-page-shared-by-process",
    subject: "COLD, PAGEOUT and FREE leave a huge page alone that another process maps any page of",
    mainline: "6.15",
    lastWithout: "6.12",
    source:
      "mm/madvise.c, folio_maybe_mapped_shared with CONFIG_MM_ID; asked on 6.12.107 (without) and " +
      "6.16.12 (with)",
    set: { mm: { hugeShared: "by-process" } },
  },
  {
    id: "huge-zero-page-write",
    subject: "the first write to a huge zero page brings a whole huge page",
    mainline: "6.16.12",
    lastWithout: "6.12",
    source: "mm/huge_memory.c do_huge_pmd_wp_page; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { hugeZeroWrite: "huge" } },
  },
  {
    id: "dontneed-frees-tables",
    subject: "DONTNEED of all that a page table shows takes the table away: a huge page fits again",
    mainline: "6.14",
    lastWithout: "6.12",
    source: "mm/pt_reclaim.c try_get_and_clear_pmd; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { dontneedFreesTables: true } },
  },
  {
    id: "unmerged-pages-clean",
    subject: "a page that KSM unmerged is clean",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "mm/ksm.c; smaps, seen on 6.1.176 (without) and 6.12.107 (with); present in 6.12.107",
    set: { mm: { unmergedPagesClean: true } },
  },
  {
    id: "ksm-zero-pages-break",
    subject: "UNMERGEABLE gives pages back for which KSM showed the page of zeros",
    mainline: "6.6",
    lastWithout: "6.1",
    source:
      "mm/ksm.c replace_page, ksm_map_zero_page; asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { ksmZeroPagesBreak: true } },
  },
];
