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
    id: "mremap-dontunmap-charges-own",
    subject: "MREMAP_DONTUNMAP of an area's middle leaves the next area's commit charge alone",
    mainline: "6.1",
    lastWithout: "5.10",
    source: "mm/mremap.c move_vma; smaps, asked on 5.10.223 (without) and 6.1.176 (with)",
    set: { mm: { mremapDontunmapChargesNext: false } },
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
    id: "mremap-target-first",
    subject: "mremap looks at the new address before it looks at the old one",
    mainline: "6.15",
    lastWithout: "6.12",
    source: "mm/mremap.c check_mremap_params; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { mremap: "target-first" } },
  },
  {
    id: "mremap-dontunmap-uncharges",
    subject: "what MREMAP_DONTUNMAP leaves behind gives its commit charge back",
    mainline: "6.15",
    lastWithout: "6.12",
    source: "mm/mremap.c dontunmap_complete; asked on 6.12.107 (without) and 6.16.12 (with)",
    set: { mm: { mremapDontunmapUncharges: true } },
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
    id: "mremap-dontunmap-stays-charged",
    subject: "what MREMAP_DONTUNMAP leaves behind keeps its commit charge again",
    mainline: "6.17",
    source: "smaps VmFlags, asked on 6.16.12 (without) and 6.17.13 (with)",
    set: { mm: { mremapDontunmapUncharges: false } },
  },
  {
    id: "mremap-dontunmap-counts-once",
    subject: "MREMAP_DONTUNMAP unlocks what it moved and no more, and counts it once again",
    mainline: "7.2.12",
    lastWithout: "7.1.13",
    stable: { "6.1": [176, 192], "6.12": [113, 115] },
    source:
      "VmLck and VmFlags, asked on 6.1.176, 6.12.113, 6.18.44, 7.1.13 (without), 6.1.192, 6.12.115, " +
      "6.12.117, 7.2.12 (with)",
    set: { mm: { mremapDontunmapDoublesLocked: false, mremapDontunmapUnlocks: "range" } },
  },
];
