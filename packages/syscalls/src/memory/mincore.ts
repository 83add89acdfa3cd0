import type { AddressSpace } from "@kadvise/mm-core";
import { Reasons, type Refusal, success } from "@kadvise/uapi";
import { accessOk } from "../accessOk.ts";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

const entries = {
  "mincore/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "mm/mincore.c mincore",
    since: "2.6",
    remedy: "align the address",
    compares: ["offset"],
  },
  "mincore/beyond-limit": {
    errno: "ENOMEM",
    text: "the range does not lie in the user half",
    linux: "mm/mincore.c mincore",
    since: "2.6",
    remedy: "name user addresses only",
    compares: ["page", "pages"],
  },
  "mincore/vector-fault": {
    errno: "EFAULT",
    text: "the result cannot be written to the caller's memory",
    linux: "mm/mincore.c mincore",
    since: "2.6",
    remedy: "pass one writable byte a page",
    compares: ["address"],
  },
} as const;

/** The reasons of mincore's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The kernel fills a page of bytes at a time. */
const CHUNK_PAGES = 4096;

/**
 * mincore(2): which pages are resident. Both ranges are compared with the user half before anything
 * is looked at. Linux: mm/mincore.c mincore
 */
export const mincore: SystemCall = {
  name: "mincore",
  parameters: [
    parameter("addr", "address"),
    parameter("length", "size"),
    parameter("vec", { structure: "bytes", direction: "out", count: "length" }),
  ],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const { checks } = task.machine.ports;
    const page = registers.page(0, pageShift);
    const offset = registers.offset(0, pageShift);
    const pages = registers.pagesUp(1, pageShift);
    if (offset !== 0) return reasons.refuse(checks, "mincore/unaligned", offset);
    if (!accessOk(task, page, 0, registers.page(1, pageShift), registers.offset(1, pageShift))) {
      return reasons.refuse(checks, "mincore/beyond-limit", page, pages);
    }
    const vecPage = registers.page(2, pageShift);
    const vecOffset = registers.offset(2, pageShift);
    const wholePages = Math.floor(pages / task.machine.memory.pageBytes);
    const rest = pages % task.machine.memory.pageBytes;
    if (!accessOk(task, vecPage, vecOffset, wholePages, rest)) {
      return reasons.refuse(checks, "mincore/vector-fault", registers.hex(2));
    }
    for (let done = 0; done < pages; done += CHUNK_PAGES) {
      const refusal = writeChunk(page + done, Math.min(CHUNK_PAGES, pages - done), done);
      if (refusal !== undefined) return refusal;
    }
    return success(0);

    function writeChunk(from: number, count: number, done: number): Refusal | undefined {
      const bytes = task.space.residency(from, count, task.actor, done);
      if (bytes.ok) return write(bytes.value.subarray(0, count), done);
      // Linux goes area by area: what lies before the hole is written all the same.
      const before = mappedPages(task.space, from, from + count);
      const known = before > 0 ? task.space.residency(from, before, task.actor, done) : bytes;
      return (known.ok ? write(known.value.subarray(0, before), done) : undefined) ?? bytes;
    }

    function write(bytes: Uint8Array, done: number): Refusal | undefined {
      return task.memory.write(vecPage, vecOffset + done, bytes)
        ? undefined
        : reasons.refuse(checks, "mincore/vector-fault", registers.hex(2));
    }
  },
};

/** Pages from the start of a range up to its first hole. */
function mappedPages(mm: AddressSpace, start: number, end: number): number {
  const { areas } = mm;
  let to = start;
  for (let area = areas.at(start); area >= 0 && areas.start[area] <= to; area = areas.next(area)) {
    to = areas.end[area];
  }
  return Math.min(to, end) - start;
}
