import type { OpenFile } from "@kadvise/files";
import { MAP, PROT, Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "mmap/unaligned-offset": {
    errno: "EINVAL",
    text: "the file offset is not page-aligned",
    linux: "arch/x86/kernel/sys_x86_64.c mmap",
    since: "2.6",
    remedy: "align the offset",
    compares: ["offset"],
  },
  "mmap/bad-fd": {
    errno: "EBADF",
    text: "the mapping is not anonymous and the descriptor is not open (or was opened with O_PATH)",
    linux: "mm/mmap.c ksys_mmap_pgoff",
    since: "2.6",
    remedy: "pass an open file, or MAP_ANONYMOUS",
    compares: ["fd"],
  },
  "mmap/huge-needs-hugetlbfs": {
    errno: "EINVAL",
    text: "MAP_HUGETLB with a file that is not of hugetlbfs",
    linux: "mm/mmap.c ksys_mmap_pgoff",
    since: "2.6.32",
    remedy: "drop MAP_HUGETLB",
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
  "mmap/not-mappable": {
    errno: "ENODEV",
    text: "what the descriptor names cannot be mapped",
    linux: "mm/mmap.c do_mmap",
    since: "2.6",
    remedy: "map a regular file or shared memory",
    compares: ["fd"],
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
  const { machine } = task;
  const { checks } = machine.ports;
  const { pageShift, pageBytes } = machine.memory;
  const flags = registers.low(3);
  const anonymous = (flags & MAP.MAP_ANONYMOUS) !== 0;
  let backing: OpenFile | null = null;
  if (!anonymous) {
    const fd = registers.int(4);
    const file = task.files.get(fd)?.file;
    if (file === undefined || (file.kind === "file" && file.isPath))
      return reasons.refuse(checks, "mmap/bad-fd", fd);
    if (file.kind === "unstated") return unstatedFile(task, fd);
    if (file.kind !== "file") return reasons.refuse(checks, "mmap/not-mappable", fd);
    if (file.kindUnstated) stateKind(task, fd, file);
    backing = file;
    if ((flags & MAP.MAP_HUGETLB) !== 0 && file.object.kind !== "hugetlb") {
      return reasons.refuse(checks, "mmap/huge-needs-hugetlbfs");
    }
  }
  const pages = registers.pagesUp(1, pageShift);
  if (pages === 0) return reasons.refuse(checks, "mmap/zero-length");
  if (pages >= 2 ** (64 - pageShift)) return reasons.refuse(checks, "mmap/length-wraps");
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
  return mapped.ok ? success(mapped.value * pageBytes) : mapped;
}

/** A file of which nobody said whether it is regular: whoever maps it, learns it. */
function stateKind(task: Task, fd: number, file: OpenFile): void {
  const { choices, journal } = task.machine.ports;
  const mappable = choices.choose<boolean>({
    id: "mmap/unstated-kind",
    usual: true,
    allows: () => true,
    describe: () => `whether what descriptor ${fd} names (${file.name}) can be mapped`,
    alternatives: [true, false],
  });
  file.state(journal, mappable);
}

/**
 * A descriptor that was open before anybody watched: what it names, and whether that can be mapped,
 * is not known.
 */
function unstatedFile(task: Task, fd: number): Outcome {
  const { choices, checks } = task.machine.ports;
  choices.choose<never>({
    id: "mmap/unstated-file",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what descriptor ${fd} names: it was open before`,
  });
  return reasons.refuse(checks, "mmap/not-mappable", fd);
}
