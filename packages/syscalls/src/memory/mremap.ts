import { MREMAP, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { addressPages, type Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "mremap/unknown-flags": {
    errno: "EINVAL",
    text: "mremap knows MREMAP_MAYMOVE, MREMAP_FIXED and MREMAP_DONTUNMAP, and no other flag",
    linux: "mm/mremap.c check_mremap_params",
    since: "2.6",
    remedy: "pass MREMAP_* bits",
    compares: ["flags"],
  },
  "mremap/unaligned": {
    errno: "EINVAL",
    text: "the old address is not page-aligned",
    linux: "mm/mremap.c check_mremap_params",
    since: "2.6",
    remedy: "align the address",
    compares: ["offset"],
  },
  "mremap/zero-length": {
    errno: "EINVAL",
    text: "the new length is zero, or rounds up to zero",
    linux: "mm/mremap.c check_mremap_params",
    since: "2.6",
    remedy: "ask for at least one byte, or use munmap",
  },
  "mremap/needs-may-move": {
    errno: "EINVAL",
    text: "MREMAP_FIXED and MREMAP_DONTUNMAP need MREMAP_MAYMOVE",
    linux: "mm/mremap.c check_mremap_params",
    since: "2.6",
    remedy: "pass MREMAP_MAYMOVE too",
    compares: ["flags"],
  },
  "mremap/dontunmap-resizes": {
    errno: "EINVAL",
    text: "MREMAP_DONTUNMAP does not change the length",
    linux: "mm/mremap.c check_mremap_params",
    since: "5.7",
    remedy: "give the same length twice",
    compares: ["oldLength", "newLength"],
  },
} as const;

/** The reasons of mremap's argument checks; the memory model has the others. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const KNOWN: number = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP;
const TO_TARGET: number = MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP;

/** mremap(2). Linux: mm/mremap.c mremap */
export const mremap: SystemCall = {
  name: "mremap",
  parameters: [
    parameter("old_address", "address"),
    parameter("old_size", "size"),
    parameter("new_size", "size"),
    parameter("flags", { flags: MREMAP, unknown: "MREMAP_???" }),
    parameter("new_address", "address"),
  ],
  returns: "address",
  run(task, registers) {
    const { pageShift, pageBytes } = task.machine.memory;
    const refusal = checkArguments(task, registers);
    if (refusal !== undefined) return refusal;
    const result = task.space.remap(
      {
        page: registers.page(0, pageShift),
        oldPages: rounded(registers, 1, pageShift),
        newPages: rounded(registers, 2, pageShift),
        flags: registers.low(3),
        target: registers.page(4, pageShift),
        targetOffset: registers.offset(4, pageShift),
        compat: task.abi === "i386",
      },
      task.actor,
    );
    return result.ok ? success(result.value * pageBytes) : result;
  },
};

/** What is looked at before the address space is. */
function checkArguments(task: Task, registers: Registers): Refusal | undefined {
  const { memory, ports, profile } = task.machine;
  const { checks } = ports;
  const flags = registers.low(3);
  if (registers.high(3) !== 0 || (flags & ~KNOWN) !== 0)
    return reasons.refuse(checks, "mremap/unknown-flags", registers.hex(3));
  const offset = registers.offset(0, memory.pageShift);
  if (offset !== 0) return reasons.refuse(checks, "mremap/unaligned", offset);
  if (rounded(registers, 2, memory.pageShift) === 0)
    return reasons.refuse(checks, "mremap/zero-length");
  if ((flags & TO_TARGET) !== 0 && (flags & MREMAP.MREMAP_MAYMOVE) === 0)
    return reasons.refuse(checks, "mremap/needs-may-move", flags);
  // Since 6.17 the lengths are compared in pages.
  const inPages = profile.mm.mremap === "checks-first";
  const resizes = inPages
    ? rounded(registers, 1, memory.pageShift) !== rounded(registers, 2, memory.pageShift)
    : registers.big(1) !== registers.big(2);
  if ((flags & MREMAP.MREMAP_DONTUNMAP) !== 0 && resizes) {
    const [before, after] = [registers.hex(1), registers.hex(2)];
    return reasons.refuse(checks, "mremap/dontunmap-resizes", before, after);
  }
  return undefined;
}

/** A length in pages; the last page of all rounds up to nothing. Linux: PAGE_ALIGN */
function rounded(registers: Registers, i: number, pageShift: number): number {
  return registers.pagesUp(i, pageShift) % addressPages(pageShift);
}
