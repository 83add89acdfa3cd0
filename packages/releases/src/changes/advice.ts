import type { Change } from "../change.ts";

/** What madvise takes, and for which areas. */
export const ADVICE_CHANGES: readonly Change[] = [
  {
    id: "madv-populate",
    subject: "MADV_POPULATE_READ and MADV_POPULATE_WRITE",
    mainline: "5.14",
    source: "mm/madvise.c madvise_populate 5.14; asked on 5.10.223 (without) and 6.1.170 (with)",
    addsAdvice: ["MADV_POPULATE_READ", "MADV_POPULATE_WRITE"],
  },
  {
    id: "advise-map-count-eagain",
    subject: "a flag change that needs one area too many answers EAGAIN",
    mainline: "5.17",
    source:
      "mm/madvise.c madvise_vma_behavior 5.17; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { mm: { adviseMapCountErrno: "EAGAIN" } },
  },
  {
    id: "madv-dontneed-locked",
    subject: "MADV_DONTNEED_LOCKED",
    mainline: "5.18",
    source: "mm/madvise.c madvise_dontneed_free_valid_vma 5.18; asked on 6.1.170",
    addsAdvice: ["MADV_DONTNEED_LOCKED"],
  },
  {
    id: "hugetlb-dontneed",
    subject: "MADV_DONTNEED works on hugetlb; the end is rounded up to a huge page",
    mainline: "5.18",
    source: "mm/madvise.c madvise_dontneed_free_valid_vma 5.18; asked on 5.10.223 (without)",
    set: { mm: { hugetlbDontneed: "rounds-up" } },
  },
  {
    id: "inject-ignores-unsupported",
    subject: "injected memory failure of a page that cannot be handled is no error",
    mainline: "5.19",
    lastWithout: "5.15",
    source: "mm/madvise.c madvise_inject_error",
    set: { mm: { injectIgnoresUnsupported: true } },
  },
  {
    id: "madv-collapse",
    subject: "MADV_COLLAPSE",
    mainline: "6.1",
    source: "mm/khugepaged.c madvise_collapse 6.1; asked on 6.1.170",
    addsAdvice: ["MADV_COLLAPSE"],
  },
  {
    id: "hugetlb-dontneed-rounds-down",
    subject: "MADV_DONTNEED on hugetlb rounds the end down",
    mainline: "6.1",
    source: "8ebe0a5eaaeb; asked on 6.1.170",
    set: { mm: { hugetlbDontneed: "rounds-down" } },
  },
  {
    id: "collapse-goes-on",
    subject: "MADV_COLLAPSE goes on behind a stretch without a page table",
    mainline: "6.19",
    source: "mm/khugepaged.c madvise_collapse; asked on 6.18.15 (without) and 6.19.14 (with)",
    set: { mm: { collapseGoesOn: true } },
  },
  {
    id: "remove-needs-may-write",
    subject: "MADV_REMOVE accepts a read-only shared mapping of a file opened for writing",
    mainline: "6.7",
    stable: { "5.10": 241, "5.15": 190, "6.1": 149, "6.6": 103 },
    source:
      '"drop the assumption that VM_SHARED always implies writable"; reviews of 2025-08-26 for ' +
      "5.10.241 (446 of 523) and 6.6.103 (428 of 587), 5.15 and 6.1 with them; asked on 5.10.223 " +
      "(without) and 6.1.170 (with)",
    set: { mm: { removeNeeds: "may-write" } },
  },
  {
    id: "on-fault-lock-does-not-look",
    subject: "mlock2(MLOCK_ONFAULT) takes memory that may not be accessed",
    mainline: "5.18",
    lastWithout: "5.10",
    source:
      '"mm/munlock: delete FOLL_MLOCK and FOLL_POPULATE"; mm/gup.c populate_vma_page_range; asked ' +
      "on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { onFaultLockLooks: false } },
  },
  {
    id: "populate-stops-at-hole",
    subject: "MADV_POPULATE_* stops at the first hole",
    mainline: "6.10",
    source:
      '"don\'t perform madvise VMA walk for MADV_POPULATE_(READ|WRITE)"; mm/gup.c ' +
      "faultin_page_range 6.10; asked on 6.1.192 (without) and 6.12.100 (with)",
    set: { mm: { populateHole: "stop" } },
  },
  {
    id: "mseal",
    subject: "mseal; a sealed range is checked as a whole",
    mainline: "6.10",
    source: "mm/mseal.c can_modify_mm_madv 6.10; absent on 6.1.192",
    set: { mm: { seals: "whole-range" } },
    addsCalls: ["mseal"],
  },
  {
    id: "mseal-each-area",
    subject: "a sealed area is met inside the walk; areas before it are already changed",
    mainline: "6.12",
    source: "mm/mseal.c can_modify_vma_madv 6.12; asked on 6.12.100",
    set: { mm: { seals: "each-area" } },
  },
  {
    id: "guard-anonymous",
    subject: "MADV_GUARD_INSTALL and MADV_GUARD_REMOVE on private anonymous memory",
    mainline: "6.13",
    source: "mm/madvise.c madvise_guard_install 6.13; asked on 6.12.117 (without)",
    set: { mm: { guards: "private-anonymous" } },
    addsAdvice: ["MADV_GUARD_INSTALL", "MADV_GUARD_REMOVE"],
  },
  {
    id: "guard-any",
    subject: "guard markers in file-backed, shared and read-only areas",
    mainline: "6.15",
    source: "mm/madvise.c is_valid_guard_vma 6.15; asked on 6.16.12",
    set: { mm: { guards: "any" } },
  },
  {
    id: "collapse-read-only",
    subject: "MADV_COLLAPSE succeeds over read-only and zero-page entries",
    mainline: "6.18",
    source:
      '"enable khugepaged anonymous collapse on non-writable regions" of 2025-09-08; asked on ' +
      "6.17.13 (without) and 6.18.15 (with)",
    set: { mm: { collapseReadOnly: true } },
  },
  {
    id: "guard-flag",
    subject: "an area remembers that it may hold guard markers",
    mainline: "6.19",
    stable: { "6.18": [35, 44] },
    source:
      '"introduce VM_MAYBE_GUARD" of 2025-11-18; absent in 6.18.35, asked on 6.18.15 (without), ' +
      "6.18.44 and 6.19.14 (with)",
    set: { mm: { guardFlag: true } },
  },
  {
    id: "dofork-special",
    subject: "MADV_DOFORK refuses every special area",
    mainline: "7.0.13",
    lastWithout: "6.19.14",
    source: "mm/madvise.c madvise_vma_behavior; asked on 6.19.14 (without) and 7.0.13 (with)",
    set: { mm: { doforkRefuses: "special" } },
  },
  {
    id: "secret-memory-on",
    subject: "memfd_secret is switched on by default",
    mainline: "6.5",
    lastWithout: "6.1",
    source: "mm/secretmem.c 6.5 (b758fe6df50d); asked on 6.1.176 (without) and 6.12.107 (with)",
    set: { mm: { secretMemory: true } },
  },
  {
    id: "secret-memory-not-locked",
    subject: "memory of memfd_secret does not count as locked: DONTNEED, COLD and PAGEOUT succeed",
    mainline: "7.2.12",
    lastWithout: "7.1.13",
    stable: { "6.12": [107, 117] },
    source: "mm/secretmem.c; asked on 6.12.107, 7.1.13 (without), 6.12.117 and 7.2.12 (with)",
    set: { mm: { secretIsLocked: false } },
  },
  {
    id: "collapse-empty",
    subject: "MADV_COLLAPSE of a range without a whole huge page succeeds",
    mainline: "7.2.12",
    lastWithout: "7.1.13",
    source: "asked on 7.1.13 (without) and 7.2.12 (with)",
    set: { mm: { collapseEmpty: "done" } },
  },
];
