import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "munmap/too-many-areas": {
    errno: "ENOMEM",
    text: "a hole inside an area needs one area more than vm.max_map_count allows",
    linux: "mm/vma.c vms_gather_munmap_vmas",
    since: "2.6",
    remedy: "unmap up to an edge of the area",
    compares: ["areas", "maxMapCount"],
  },
  "munmap/special": {
    errno: "EINVAL",
    text: "part of a special mapping (vdso) cannot be cut off",
    linux: "mm/mmap.c special_mapping_split",
    since: "5.11",
    remedy: "unmap it whole",
    compares: ["address"],
  },
  "munmap/sealed": {
    errno: "EPERM",
    text: "the range holds a sealed area",
    linux: "mm/vma.c vms_gather_munmap_vmas",
    since: "6.10",
    remedy: "leave the area out; a seal cannot be removed",
    compares: ["address"],
  },
} as const;

export type MunmapReason = keyof typeof entries;

/** Why munmap refuses. Linux: mm/vma.c do_vmi_munmap */
export const munmapReasons: { readonly [id in MunmapReason]: ReasonEntry } = entries;
