import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "mincore/hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped",
    linux: "mm/mincore.c do_mincore",
    since: "2.6",
    remedy: "name mapped pages only",
    compares: ["address"],
  },
} as const;

export type MincoreReason = keyof typeof entries;

/** Why mincore refuses. Linux: mm/mincore.c */
export const mincoreReasons: { readonly [id in MincoreReason]: ReasonEntry } = entries;
