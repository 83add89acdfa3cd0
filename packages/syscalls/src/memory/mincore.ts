import type { AddressSpace } from "@kadvise/mm-core";
import { Reasons, success } from "@kadvise/uapi";
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

/**
 * mincore(2): which pages are resident. Both ranges are compared with the user half before anything
 * is looked at. What was found of one area is written before the next is looked at: where the answer
 * lies in the range that is asked of, its own pages count as resident from the second area on, and
 * what lies before a hole is written all the same. Linux: mm/mincore.c mincore, do_mincore
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
    for (let done = 0; done < pages;) {
      const most = Math.min(pages - done, task.machine.memory.pageBytes);
      const count = pagesOfOneArea(task.space, page + done, most);
      const bytes = task.space.residency(page + done, count, task.actor, done);
      if (!bytes.ok) return bytes;
      if (!task.memory.write(vecPage, vecOffset + done, bytes.value)) {
        return reasons.refuse(checks, "mincore/vector-fault", registers.hex(2));
      }
      done += count;
    }
    return success(0);
  },
};

/** How many of the pages from one on its area holds, at most so many; all of them from a hole on. */
function pagesOfOneArea({ areas }: AddressSpace, from: number, most: number): number {
  const area = areas.at(from);
  return area < 0 || areas.start[area] > from ? most : Math.min(areas.end[area] - from, most);
}
