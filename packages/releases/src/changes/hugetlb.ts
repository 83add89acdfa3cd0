import type { Change } from "../change.ts";

/** The pool of huge pages: who has what reserved, and where they are mapped. */
export const HUGETLB_CHANGES: readonly Change[] = [
  {
    id: "hugetlb-holes-zero-parts",
    subject: "a hole makes zeros of the parts of huge pages at its ends",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"hugetlbfs: zero partial pages during fallocate hole punch"; fs/hugetlbfs/inode.c ' +
      "hugetlbfs_punch_hole; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { hugetlbHolesZeroParts: true } },
  },
  {
    id: "hugetlb-forks-lazily",
    subject: "fork leaves shared huge pages to be faulted in by the child",
    mainline: "6.1",
    lastWithout: "5.10",
    source:
      '"hugetlb: lazy page table copies in fork()"; mm/memory.c ' +
      "vma_needs_copy; asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { hugetlbForksLazily: true } },
  },
  {
    id: "hugetlb-restores-reservation",
    subject: "DONTNEED gives who reserved a huge page its reservation back",
    mainline: "6.12",
    lastWithout: "6.1",
    source:
      '"mm/hugetlb: restore the reservation if needed"; mm/hugetlb.c __unmap_hugepage_range; asked ' +
      "on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { hugetlbRestoresReservation: true } },
  },
  {
    id: "hugetlb-hint-rounds-up",
    subject: "a hint for huge pages is rounded up, and MAP_32BIT counts for them",
    mainline: "6.16",
    lastWithout: "6.12",
    source:
      '"mm: make hugetlb mappings go through mm_get_unmapped_area_vmflags"; fs/hugetlbfs/inode.c ' +
      "hugetlb_get_unmapped_area; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { hugetlbHintRoundsUp: true } },
  },
];
