import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "remap_file_pages/not-shared": {
    errno: "EINVAL",
    text: "no shared mapping begins at the address, or holds it: private memory has no file to show otherwise",
    passes: "a shared mapping holds the address",
    linux: "mm/mmap.c remap_file_pages",
    since: "2.6",
    remedy: "name pages that were mapped with MAP_SHARED from a file that may be written",
    compares: ["address"],
  },
  "remap_file_pages/several-mappings": {
    errno: "EINVAL",
    text: "the range reaches into a hole, into another file's mapping, or into one of other flags",
    passes: "one file is mapped in one way all over the range",
    linux: "mm/mmap.c remap_file_pages",
    since: "4.0",
    remedy: "end the range where the mapping ends",
    compares: ["address"],
  },
  "remap_file_pages/segment-gone": {
    errno: "EINVAL",
    text: "the segment was removed, and ended with the mapping that is replaced",
    linux: "ipc/shm.c shm_mmap",
    since: "4.4",
    remedy: "remap part of it, or attach it twice",
  },
} as const;

export type RemapFileReason = keyof typeof entries;

/** remap_file_pages' reasons, behind those of its arguments. */
export const remapFileReasons: { readonly [id in RemapFileReason]: ReasonEntry } = entries;
