import type { Change } from "../change.ts";

/** mremap. */
export const MREMAP_CHANGES: readonly Change[] = [
  {
    id: "mremap-looks-up-first",
    subject: "mremap looks for an area at its source before it unmaps the destination",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "mm/mremap.c mremap; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { mm: { mremap: "looks-up-first" } },
  },
  {
    id: "mremap-growth-merges",
    subject: "an area that mremap grows in place joins one of its kind behind it",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "ca3d76b0aa80; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { mm: { mremapGrowthMerges: true } },
  },
  {
    id: "mremap-dontunmap-any",
    subject: "MREMAP_DONTUNMAP moves shared and file mappings too",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "mm/mremap.c vma_to_resize; asked on 5.10.223 (without) and 6.1.170 (with)",
    set: { mm: { mremapDontunmap: "any" } },
  },
  {
    id: "mremap-dontunmap-doubles-locked",
    subject: "MREMAP_DONTUNMAP of a locked area counts its pages as locked twice",
    mainline: "6.16.12",
    lastWithout: "6.12",
    source: "VmLck, asked on 6.12.117 (without) and 6.16.12 (with)",
    set: { mm: { mremapDontunmapDoublesLocked: true } },
  },
  {
    id: "mremap-many-areas",
    subject: "mremap moves several areas at once, and checks its source before it unmaps",
    mainline: "6.17",
    source: "mm/mremap.c remap_move; asked on 6.16.12 (without) and 6.17.13 (with)",
    set: {
      mm: { mremap: "checks-first", mremapManyAreas: true, mremapTooLongErrno: "EINVAL" },
    },
  },
  {
    id: "mremap-dontunmap-counts-once",
    subject: "MREMAP_DONTUNMAP of a locked area counts its pages as locked once again",
    mainline: "7.2.12",
    lastWithout: "7.1.13",
    source: "VmLck, asked on 7.1.13 (without) and 7.2.12 (with)",
    set: { mm: { mremapDontunmapDoublesLocked: false } },
  },
];
