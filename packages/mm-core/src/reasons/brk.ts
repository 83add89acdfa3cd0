import type { ReasonEntry } from "@kadvise/uapi";

const entries = {
  "brk/no-room": {
    errno: "ENOMEM",
    text: "the heap cannot grow: something is mapped there",
    linux: "mm/mmap.c brk",
    since: "2.6",
    remedy: "unmap what lies above the heap",
    compares: ["address"],
  },
  "brk/below-start": {
    errno: "ENOMEM",
    text: "the break would lie below the start of the heap",
    linux: "mm/mmap.c brk",
    since: "2.6",
    remedy: "ask for a higher break",
    compares: ["address"],
  },
  "brk/data-limit": {
    errno: "ENOMEM",
    text: "the heap would exceed RLIMIT_DATA",
    linux: "mm/mmap.c brk",
    since: "2.6",
    remedy: "raise RLIMIT_DATA",
    compares: ["address"],
  },
  "brk/lock-limit": {
    errno: "EAGAIN",
    text: "the heap is locked (MCL_FUTURE) and would exceed RLIMIT_MEMLOCK",
    linux: "mm/mmap.c do_brk_flags",
    since: "2.6",
    remedy: "raise RLIMIT_MEMLOCK",
    compares: ["address"],
  },
} as const;

export type BrkReason = keyof typeof entries;

/** Why the break stays where it is: the call itself cannot fail. Linux: mm/mmap.c brk */
export const brkReasons: { readonly [id in BrkReason]: ReasonEntry } = entries;
