import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "mprotect/hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "name mapped pages only; areas before the hole are already changed",
    compares: ["address"],
  },
  "mprotect/not-growsdown": {
    errno: "EINVAL",
    text: "PROT_GROWSDOWN on memory that does not grow down",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "drop PROT_GROWSDOWN",
  },
  "mprotect/grows-up": {
    errno: "EINVAL",
    text: "PROT_GROWSUP: no area of this architecture grows up",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "drop PROT_GROWSUP",
  },
  "mprotect/access": {
    errno: "EACCES",
    text: "the file behind the area does not allow this protection",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "open the file for writing, or map it private",
    compares: ["address"],
  },
  "mprotect/write-exec": {
    errno: "EACCES",
    text: "memory-deny-write-execute is on and the area would gain execution",
    linux: "include/linux/mman.h map_deny_write_exec",
    since: "6.3",
    remedy: "map executable memory that was never writable",
    compares: ["address"],
  },
  "mprotect/sealed": {
    errno: "EPERM",
    text: "the area is sealed",
    linux: "mm/mprotect.c mprotect_fixup",
    since: "6.10",
    remedy: "leave the area out; a seal cannot be removed",
    compares: ["address"],
  },
  "mprotect/data-limit": {
    errno: "ENOMEM",
    text: "the area would become private writable memory beyond RLIMIT_DATA",
    linux: "mm/mprotect.c mprotect_fixup",
    since: "4.5",
    remedy: "raise RLIMIT_DATA",
  },
  "mprotect/commit-limit": {
    errno: "ENOMEM",
    text: "the machine does not promise so much memory (vm.overcommit_memory)",
    linux: "mm/mprotect.c mprotect_fixup",
    since: "2.6",
    remedy: "ask for less",
    compares: ["pages"],
  },
  "mprotect/too-many-areas": {
    errno: "ENOMEM",
    text: "the change needs one area more than vm.max_map_count allows",
    linux: "mm/vma.c __split_vma",
    since: "2.6",
    remedy: "change whole areas, or raise vm.max_map_count",
    compares: ["areas", "maxMapCount"],
  },
  "mprotect/special": {
    errno: "EINVAL",
    text: "part of a special mapping (vdso) cannot be changed",
    linux: "mm/mmap.c special_mapping_split",
    since: "5.11",
    remedy: "change it whole",
    compares: ["address"],
  },
} as const;

export type MprotectReason = keyof typeof entries;

/** Why mprotect refuses. Linux: mm/mprotect.c */
export const mprotectReasons: { readonly [id in MprotectReason]: ReasonEntry } = entries;
