import { MS, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { addressPages } from "../registers.ts";

const entries = {
  "msync/flags": {
    errno: "EINVAL",
    text: "unknown flags, or MS_ASYNC and MS_SYNC together",
    linux: "mm/msync.c msync",
    since: "2.6",
    remedy: "pass MS_ASYNC or MS_SYNC, with MS_INVALIDATE if wanted",
    compares: ["flags"],
  },
  "msync/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "mm/msync.c msync",
    since: "2.6",
    remedy: "align the address",
    compares: ["offset"],
  },
  "msync/range-wraps": {
    errno: "ENOMEM",
    text: "the range wraps around",
    linux: "mm/msync.c msync",
    since: "2.6",
    remedy: "name a range that ends below 2^64",
  },
} as const;

/** The reasons of msync's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** msync(2). Linux: mm/msync.c */
export const msync: SystemCall = {
  name: "msync",
  parameters: [
    parameter("addr", "address"),
    parameter("length", "size"),
    parameter("flags", { flags: MS }),
  ],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const { checks } = task.machine.ports;
    const flags = registers.int(2);
    const both = MS.MS_ASYNC | MS.MS_SYNC;
    if ((flags & ~(both | MS.MS_INVALIDATE)) !== 0)
      return reasons.refuse(checks, "msync/flags", flags);
    const offset = registers.offset(0, pageShift);
    if (offset !== 0) return reasons.refuse(checks, "msync/unaligned", offset);
    if ((flags & both) === both) return reasons.refuse(checks, "msync/flags", flags);
    const wrap = addressPages(pageShift);
    const page = registers.page(0, pageShift);
    const pages = registers.pagesUp(1, pageShift) % wrap;
    if (page + pages > wrap) return reasons.refuse(checks, "msync/range-wraps");
    const result = task.space.sync(
      page,
      pages,
      (flags & MS.MS_INVALIDATE) !== 0,
      flags === MS.MS_ASYNC,
    );
    return result.ok ? success(0) : result;
  },
};
