import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "mbind/hole": {
    errno: "EFAULT",
    text: "part of the range is not mapped; of MPOL_DEFAULT all of it",
    linux: "mm/mempolicy.c queue_pages_test_walk",
    since: "2.6.16",
    remedy: "name mapped pages only",
    compares: ["address"],
  },
  "mbind/misplaced": {
    errno: "EIO",
    text: "MPOL_MF_STRICT, and a page is there that the policy would not have put there",
    linux: "mm/mempolicy.c queue_folios_pte_range",
    since: "2.6.16",
    remedy: "let the pages be moved (MPOL_MF_MOVE), or drop MPOL_MF_STRICT",
    compares: ["address"],
  },
  "mbind/too-many-areas": {
    errno: "ENOMEM",
    text: "the policy cuts an area, and the process has as many as it may have",
    linux: "mm/mempolicy.c mbind_range, mm/vma.c split_vma",
    since: "2.6.16",
    remedy: "bind whole areas, or raise vm.max_map_count",
    compares: ["areas", "limit"],
  },
  "mbind/special": {
    errno: "EINVAL",
    text: "part of one of the kernel's own mappings, which are not cut",
    linux: "mm/mmap.c special_mapping_split",
    since: "4.14",
    remedy: "leave the mapping out",
    compares: ["address"],
  },
} as const;

export type BindReason = keyof typeof entries;

/** mbind's reasons, behind those of its arguments. */
export const bindReasons: { readonly [id in BindReason]: ReasonEntry } = entries;
