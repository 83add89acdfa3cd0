import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "prctl/name-hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped; the mapped parts got the name all the same",
    linux: "mm/madvise.c madvise_walk_vmas",
    since: "5.17",
    remedy: "name mapped pages only",
    compares: ["address"],
  },
  "prctl/name-file": {
    errno: "EBADF",
    text: "a file's mapping has its own name; up to 6.1 that of shared anonymous memory has too",
    linux: "mm/madvise.c madvise_vma_anon_name",
    since: "5.17",
    remedy: "leave the area out",
    compares: ["address"],
  },
  "prctl/name-too-many-areas": {
    errno: "EAGAIN",
    text: "the cut needs one area more than vm.max_map_count allows",
    linux: "mm/madvise.c madvise_vma_anon_name",
    since: "5.17",
    remedy: "name whole areas, or raise vm.max_map_count",
    compares: ["areas", "maxMapCount"],
  },
  "prctl/name-special": {
    errno: "EINVAL",
    text: "part of a special mapping (vdso) cannot get a name",
    linux: "mm/mmap.c special_mapping_split",
    since: "5.17",
    remedy: "name it whole, or leave it out",
    compares: ["address"],
  },
} as const;

export type NameReason = keyof typeof entries;

/** Why a range gets no name. Linux: mm/madvise.c */
export const nameReasons: { readonly [id in NameReason]: ReasonEntry } = entries;
