import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "mlock/hole": {
    errno: "ENOMEM",
    text: "part of the range is not mapped",
    linux: "mm/mlock.c apply_vma_lock_flags",
    since: "2.6",
    remedy: "name mapped pages only; areas before the hole are already locked",
    compares: ["address"],
  },
  "mlock/too-many-areas": {
    errno: "ENOMEM",
    text: "the change needs one area more than vm.max_map_count allows",
    linux: "mm/mlock.c mlock_fixup",
    since: "2.6",
    remedy: "lock whole areas, or raise vm.max_map_count",
    compares: ["areas", "maxMapCount"],
  },
  "mlock/cannot-populate": {
    errno: "ENOMEM",
    text: "a page of the range cannot be brought in; the range is marked locked all the same",
    linux: "mm/mlock.c __mlock_posix_error_return",
    since: "2.6",
    remedy: "lock only pages that can be read",
    compares: ["address"],
  },
} as const;

export type MlockReason = keyof typeof entries;

/** Why mlock and munlock refuse. Linux: mm/mlock.c */
export const mlockReasons: { readonly [id in MlockReason]: ReasonEntry } = entries;
