import { Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { addressPages } from "../registers.ts";

const entries = {
  "mseal/flags": {
    errno: "EINVAL",
    text: "mseal takes no flags",
    linux: "mm/mseal.c do_mseal",
    since: "6.10",
    remedy: "pass 0 as the flags",
    compares: ["flags"],
  },
  "mseal/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "mm/mseal.c do_mseal",
    since: "6.10",
    remedy: "align the address",
    compares: ["offset"],
  },
  "mseal/range-wraps": {
    errno: "EINVAL",
    text: "the range wraps around, or its length rounds up to zero",
    linux: "mm/mseal.c do_mseal",
    since: "6.10",
    remedy: "name a range that ends below 2^64",
  },
} as const;

/** The reasons of mseal's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** mseal(2): a seal stays until the process ends or executes a program. Linux: mm/mseal.c */
export const mseal: SystemCall = {
  name: "mseal",
  parameters: [parameter("addr", "address"), parameter("len", "size"), parameter("flags", "ulong")],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const { checks } = task.machine.ports;
    if (!registers.isZero(2)) return reasons.refuse(checks, "mseal/flags", registers.hex(2));
    const offset = registers.offset(0, pageShift);
    if (offset !== 0) return reasons.refuse(checks, "mseal/unaligned", offset);
    const page = registers.page(0, pageShift);
    const pages = registers.pagesUp(1, pageShift);
    const wrap = addressPages(pageShift);
    if (pages >= wrap || page + pages >= wrap) return reasons.refuse(checks, "mseal/range-wraps");
    if (pages === 0) return success(0);
    const result = task.space.seal(page, pages);
    return result.ok ? success(0) : result;
  },
};
