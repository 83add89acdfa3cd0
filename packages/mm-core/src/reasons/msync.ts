import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "msync/hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped",
    linux: "mm/msync.c msync",
    since: "2.6",
    remedy: "name mapped pages only",
    compares: ["address"],
  },
  "msync/locked": {
    errno: "EBUSY",
    text: "MS_INVALIDATE on locked memory",
    linux: "mm/msync.c msync",
    since: "2.6",
    remedy: "unlock it first",
    compares: ["address"],
  },
} as const;

export type MsyncReason = keyof typeof entries;

/** Why msync refuses. Linux: mm/msync.c */
export const msyncReasons: { readonly [id in MsyncReason]: ReasonEntry } = entries;
