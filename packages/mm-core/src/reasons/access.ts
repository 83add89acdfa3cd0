import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "access/no-area": {
    errno: "EFAULT",
    text: "nothing is mapped there (SIGSEGV, SEGV_MAPERR)",
    linux: "arch/x86/mm/fault.c do_user_addr_fault",
    since: "2.6",
    remedy: "map the page",
    compares: ["address"],
  },
  "access/protection": {
    errno: "EFAULT",
    text: "the area does not allow this access (SIGSEGV, SEGV_ACCERR)",
    linux: "arch/x86/mm/fault.c access_error",
    since: "2.6",
    remedy: "change the protection",
    compares: ["address"],
  },
  "access/protection-key": {
    errno: "EFAULT",
    text: "the thread's rights for the area's protection key deny it (SIGSEGV, SEGV_PKUERR)",
    linux: "arch/x86/mm/fault.c bad_area_access_from_pkeys",
    since: "4.6",
    remedy: "give the area another key, or the thread its rights back",
    compares: ["address", "key"],
  },
  "access/beyond-end": {
    errno: "EFAULT",
    text: "the page lies behind the end of the file (SIGBUS, BUS_ADRERR)",
    linux: "mm/filemap.c filemap_fault",
    since: "2.6",
    remedy: "make the file longer",
    compares: ["address"],
  },
  "access/no-huge-page": {
    errno: "EFAULT",
    text: "the pool has no huge page that nobody else reserved (SIGBUS, BUS_ADRERR)",
    linux: "mm/hugetlb.c hugetlb_no_page, hugetlb_wp",
    since: "2.6",
    remedy: "raise vm.nr_hugepages, or map without MAP_NORESERVE",
    compares: ["address"],
  },
  "access/huge-page-lost": {
    errno: "EFAULT",
    text: "the parent took a huge page of this mapping away for a copy of its own (SIGBUS, BUS_ADRERR)",
    linux: "mm/hugetlb.c unmap_ref_private, hugetlb_no_page",
    since: "2.6.27",
    remedy: "put more huge pages into the pool before the fork",
    compares: ["address"],
  },
  "access/guard": {
    errno: "EFAULT",
    text: "the page is guarded (SIGSEGV, SEGV_MAPERR)",
    linux: "mm/memory.c handle_pte_marker",
    since: "6.13",
    remedy: "remove the guard",
    compares: ["address"],
  },
} as const;

export type AccessReason = keyof typeof entries;

/**
 * Why a touched page answers with a signal; a system call that touches it gets EFAULT.
 * Linux: arch/x86/mm/fault.c, mm/memory.c
 */
export const accessReasons: { readonly [id in AccessReason]: ReasonEntry } = entries;
