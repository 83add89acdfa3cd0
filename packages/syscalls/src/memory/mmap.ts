import { hugeShiftOf, pagesOfHuge, type Backing } from "@kadvise/mm-core";
import { errnoName, MAP, PROT, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { addressPages, type Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { mappedFile } from "./mappedFile.ts";

const entries = {
  "mmap/unaligned-offset": {
    errno: "EINVAL",
    text: "the file offset is not page-aligned",
    linux: "arch/x86/kernel/sys_x86_64.c mmap",
    since: "2.6",
    remedy: "align the offset",
    compares: ["offset"],
  },
  "mmap/zero-length": {
    errno: "EINVAL",
    text: "the length is zero",
    linux: "mm/mmap.c do_mmap",
    since: "2.6.12",
    remedy: "ask for at least one byte",
  },
  "mmap/length-wraps": {
    errno: "ENOMEM",
    text: "the length rounds up to zero",
    linux: "mm/mmap.c do_mmap",
    since: "2.6",
    remedy: "ask for less",
  },
  "mmap/address-reads-as-error": {
    errno: "EPERM",
    text: "an address in the last page of all, where the kernel keeps its error numbers",
    linux: "mm/mmap.c do_mmap IS_ERR_VALUE",
    since: "2.6",
    remedy: "name an address of the user half; -1 is MAP_FAILED, not an address",
    compares: ["address"],
  },
} as const;

/** The reasons of mmap's argument checks; the memory model has the others. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** mmap's flags as logs print them: the type first. */
export const MAP_FLAGS: { readonly [name: string]: number } = MAP;

/**
 * mmap(2). Checks come in this order: offset, descriptor, huge pages, length, and then the memory
 * model's.
 *
 * Linux: arch/x86/kernel/sys_x86_64.c mmap, mm/mmap.c ksys_mmap_pgoff, do_mmap
 */
export const mmap: SystemCall = {
  name: "mmap",
  parameters: [
    parameter("addr", "address"),
    parameter("length", "size"),
    parameter("prot", { flags: PROT }),
    parameter("flags", { flags: MAP_FLAGS, unknown: "MAP_???" }),
    parameter("fd", "fd"),
    parameter("offset", "offset"),
  ],
  returns: "address",
  run(task, registers) {
    const { pageShift } = task.machine.memory;
    const rest = registers.offset(5, pageShift);
    if (rest !== 0) return reasons.refuse(task.machine.ports.checks, "mmap/unaligned-offset", rest);
    return mapPages(task, registers, registers.page(5, pageShift));
  },
};

/** i386's mmap2: the offset counts pages of 4096 bytes. */
export const mmap2: SystemCall = {
  ...mmap,
  name: "mmap2",
  run: (task, registers) => mapPages(task, registers, registers.low(5)),
};

function mapPages(task: Task, registers: Registers, offsetPages: number): Outcome {
  const { checks } = task.machine.ports;
  const { pageShift, pageBytes } = task.machine.memory;
  const flags = registers.low(3);
  const backing = mappedFile(task, registers.int(4), flags);
  if (backing !== null && "ok" in backing) return backing;
  const pages = registers.pagesUp(1, pageShift);
  const huge = hugeLength(task, backing, flags);
  if (huge !== "unknown") {
    if (pages === 0 || (huge !== undefined && pages > addressPages(pageShift) - huge))
      return reasons.refuse(checks, "mmap/zero-length");
    if (pages >= addressPages(pageShift)) return reasons.refuse(checks, "mmap/length-wraps");
  }
  const mapped = task.space.mapPages(
    {
      at: registers.page(0, pageShift),
      atOffset: registers.offset(0, pageShift),
      pages,
      prot: registers.low(2),
      flags,
      backing,
      offsetPages,
      compat: task.abi === "i386",
    },
    task.actor,
  );
  if (mapped.ok) return success(mapped.value * pageBytes);
  return mapped.reason.id === "mmap/beyond-limit"
    ? addressAsError(task, registers, mapped)
    : mapped;
}

/**
 * The pages of a huge page. A length of such is rounded up to whole ones before anybody looks at it:
 * one that wraps is zero then. A size that no kernel has is refused earlier still, by the memory
 * model. Linux: mm/mmap.c ksys_mmap_pgoff
 */
function hugeLength(
  task: Task,
  backing: Backing | null,
  flags: number,
): number | "unknown" | undefined {
  const { pageShift } = task.machine.memory;
  if (backing !== null)
    return backing.object.kind === "hugetlb" ? pagesOfHuge(backing.object, pageShift) : undefined;
  if ((flags & MAP.MAP_HUGETLB) === 0) return undefined;
  const shift = hugeShiftOf(flags, pageShift);
  return shift === undefined ? "unknown" : 2 ** (shift - pageShift);
}

/**
 * With MAP_FIXED the address passes for the place that was found; one of the last 4095 is then
 * taken for an error number. Linux: mm/mmap.c __get_unmapped_area, IS_ERR_VALUE
 */
function addressAsError(task: Task, registers: Registers, refusal: Refusal): Refusal {
  const address = registers.big(0);
  const errno = Number(2n ** 64n - address);
  const code = errno < MAX_ERRNO ? errnoName(errno) : undefined;
  if (code === undefined) return refusal;
  const id = "mmap/address-reads-as-error";
  return { ...reasons.refuse(task.machine.ports.checks, id, registers.hex(0)), code, errno };
}

/** Linux: include/linux/err.h */
const MAX_ERRNO = 4096;
