import { Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";

const entries = {
  "munmap/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "mm/vma.c do_vmi_munmap",
    since: "2.6",
    remedy: "align the address",
    compares: ["offset"],
  },
  "munmap/beyond-limit": {
    errno: "EINVAL",
    text: "the range does not lie in the user half",
    linux: "mm/vma.c do_vmi_munmap",
    since: "2.6",
    remedy: "name user addresses only",
    compares: ["page", "pages"],
  },
  "munmap/zero-length": {
    errno: "EINVAL",
    text: "the length is zero, or rounds up to zero",
    linux: "mm/vma.c do_vmi_munmap",
    since: "2.6",
    remedy: "ask for at least one byte",
  },
} as const;

/** The reasons of munmap's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** munmap(2). Holes are fine; wholly unmapped ranges too. Linux: mm/vma.c do_vmi_munmap */
export const munmap: SystemCall = {
  name: "munmap",
  parameters: [parameter("addr", "address"), parameter("length", "size")],
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const { checks } = task.machine.ports;
    const { limit } = task.space.layout;
    const page = registers.page(0, pageShift);
    const offset = registers.offset(0, pageShift);
    const pages = registers.pagesUp(1, pageShift);
    if (offset !== 0) return reasons.refuse(checks, "munmap/unaligned", offset);
    // Linux compares the length as given, before it is rounded.
    if (page > limit || !fits(page, registers, limit, pageShift)) {
      return reasons.refuse(checks, "munmap/beyond-limit", page, pages);
    }
    if (pages === 0) return reasons.refuse(checks, "munmap/zero-length");
    const result = task.space.unmap(page, pages);
    return result.ok ? success(0) : result;
  },
};

function fits(
  page: number,
  registers: { page(i: number, s: number): number; offset(i: number, s: number): number },
  limit: number,
  pageShift: number,
): boolean {
  const whole = registers.page(1, pageShift);
  return whole < limit - page || (whole === limit - page && registers.offset(1, pageShift) === 0);
}
