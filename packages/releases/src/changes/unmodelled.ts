import type { Change } from "../change.ts";

/**
 * Changes that real kernels show, or that were read, and that the model does not carry out: their
 * dates are known, and that is all.
 */
export const UNMODELLED_CHANGES: readonly Change[] = [
  {
    id: "untag-behind-the-checks",
    subject: "madvise strips address tags behind its checks, under the mmap lock",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "mm/madvise.c do_madvise, read in 6.1.192 (without) and 6.12.117 (with)",
    notModelled: "address tags are not modelled; x86-64 without LAM strips none",
  },
  {
    id: "collapse-missing-busy",
    subject: "MADV_COLLAPSE of too many missing pages under a userfaultfd is EBUSY",
    mainline: "6.12",
    lastWithout: "6.1",
    source:
      "mm/khugepaged.c madvise_collapse_errno; asked on 6.1.176 (without) and 6.12.107 (with)",
    notModelled: "userfaultfd is not modelled",
  },
  {
    id: "large-folios-advised",
    subject:
      "COLD and PAGEOUT take a large folio that they cover as a whole, and never stop at one",
    mainline: "6.10",
    source: "3931b871c493; mm/madvise.c madvise_cold_or_pageout_pte_range",
    notModelled: "large folios are not modelled",
  },
  {
    id: "cold-marks-workingset",
    subject: "COLD and PAGEOUT mark a page that was active as part of the working set",
    mainline: "6.12",
    lastWithout: "6.1",
    source: "mm/swap.c lru_deactivate, read in 6.1.192 (without) and 6.12.117 (with)",
    notModelled: "the working set is not modelled",
  },
  {
    id: "seal-private-dev-zero",
    subject: "a private mapping of /dev/zero counts as anonymous for a seal",
    mainline: "6.17",
    source: "mm/mseal.c can_modify_vma_madv; asked on 6.16.12 (without) and 6.17.13 (with)",
    notModelled: "files by path are not modelled",
  },
];
