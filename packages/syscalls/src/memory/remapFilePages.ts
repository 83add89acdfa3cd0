import { remapFile } from "@kadvise/mm-core";
import { PROT, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { addressPages } from "../registers.ts";
import { parameter } from "../signature.ts";
import { MAP_FLAGS } from "./mmap.ts";

const entries = {
  "remap_file_pages/protection": {
    errno: "EINVAL",
    text: "the protection stays what it is: only 0 may be passed",
    passes: "no protection is passed",
    linux: "mm/mmap.c remap_file_pages",
    since: "2.6",
    remedy: "pass 0, and call mprotect",
    compares: ["prot"],
  },
  "remap_file_pages/range": {
    errno: "EINVAL",
    text: "the range is empty, or wraps around",
    passes: "the range is one",
    linux: "mm/mmap.c remap_file_pages",
    since: "2.6",
    remedy: "name a page at least",
    compares: ["page", "pages"],
  },
  "remap_file_pages/offset-wraps": {
    errno: "EINVAL",
    text: "the offset in pages wraps around at the end of the range",
    passes: "the offset does not wrap",
    linux: "mm/mmap.c remap_file_pages",
    since: "2.6",
    remedy: "name an offset in pages, not in bytes",
    compares: ["pgoff"],
  },
} as const;

/** The reasons of remap_file_pages' argument checks; the memory model has the others. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * remap_file_pages(2). Address and length are cut to pages. Since 4.0 it is carried out by mapping
 * the file anew. Linux: mm/mmap.c remap_file_pages
 */
export const remapFilePages: SystemCall = {
  name: "remap_file_pages",
  parameters: [
    parameter("addr", "address"),
    parameter("size", "size"),
    parameter("prot", { flags: PROT }),
    parameter("pgoff", "size"),
    parameter("flags", { flags: MAP_FLAGS, unknown: "MAP_???" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const { pageShift } = task.machine.memory;
    if (!registers.isZero(2))
      return reasons.refuse(checks, "remap_file_pages/protection", registers.hex(2));
    reasons.passed(checks, "remap_file_pages/protection", "0x0");
    const at = registers.page(0, pageShift);
    const pages = registers.page(1, pageShift);
    if (pages === 0 || at + pages >= addressPages(pageShift))
      return reasons.refuse(checks, "remap_file_pages/range", at, pages);
    reasons.passed(checks, "remap_file_pages/range", at, pages);
    if (registers.big(3) + BigInt(pages) >= 2n ** 64n)
      return reasons.refuse(checks, "remap_file_pages/offset-wraps", registers.hex(3));
    reasons.passed(checks, "remap_file_pages/offset-wraps", registers.hex(3));
    const request = { at, pages, offsetPages: registers.number(3), flags: registers.low(4) };
    const result = remapFile(task.space, request, task.actor);
    return result.ok ? success(0) : result;
  },
};
