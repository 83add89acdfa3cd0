import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "mseal/hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped; nothing was sealed",
    linux: "mm/mseal.c check_mm_seal",
    since: "6.10",
    remedy: "name mapped pages only",
    compares: ["address"],
  },
  "mseal/too-many-areas": {
    errno: "ENOMEM",
    text: "the cut needs one area more than vm.max_map_count allows",
    linux: "mm/mseal.c mseal_fixup",
    since: "6.10",
    remedy: "seal whole areas, or raise vm.max_map_count",
    compares: ["areas", "maxMapCount"],
  },
  "mseal/special": {
    errno: "EINVAL",
    text: "part of a special mapping (vdso) or of a huge page cannot be sealed",
    linux: "mm/mseal.c mseal_fixup",
    since: "6.10",
    remedy: "seal it whole",
    compares: ["page"],
  },
} as const;

export type MsealReason = keyof typeof entries;

/** Why mseal refuses. Linux: mm/mseal.c */
export const msealReasons: { readonly [id in MsealReason]: ReasonEntry } = entries;
