import { Inode, OpenFile } from "@kadvise/files";
import { must, type Process } from "@kadvise/kernel";
import { MAP, O, PROT } from "@kadvise/uapi";
import { flagsOfCodes } from "../model/vmFlagCodes.ts";
import { ADDRESS, hugePageBytes, type AdvisedArea } from "./advisedAreas.ts";

const RW = PROT.PROT_READ | PROT.PROT_WRITE;
const ANONYMOUS = MAP.MAP_ANONYMOUS | MAP.MAP_FIXED_NOREPLACE;
const PRIVATE = MAP.MAP_PRIVATE | ANONYMOUS;

interface Range {
  readonly base: bigint;
  readonly length: number;
}

/** Maps a page, or more; nothing where this kernel has no such memory. */
function map(process: Process, prot: number, flags: number, fd = -1): Range | undefined {
  const { pageBytes } = process.kernel.machine.memory;
  const { outcome } = process.call("mmap", ADDRESS, pageBytes, prot, flags, fd, 0);
  return outcome.ok ? { base: ADDRESS, length: pageBytes } : undefined;
}

/** Private anonymous memory that was written to, and what became of it then. */
function written(name: string, change?: (process: Process, range: Range) => boolean): AdvisedArea {
  return {
    name,
    make(process) {
      const range = map(process, RW, PRIVATE);
      if (range === undefined) return undefined;
      must(process.touch(range.base, range.length));
      return change?.(process, range) === false ? undefined : range;
    },
  };
}

/** A mapping of the kernel's own, as execve makes it. Linux: arch/x86/entry/vdso/vma.c */
function special(name: string, codesOf: (process: Process) => string): AdvisedArea {
  return {
    name,
    make(process) {
      const { pageBytes } = process.kernel.machine.memory;
      const first = Number(ADDRESS / BigInt(pageBytes));
      const inode = new Inode({ kind: "special", sizeBytes: pageBytes });
      const file = new OpenFile(inode, { flags: O.O_RDONLY, path: `[${name}]` });
      const flags = flagsOfCodes(codesOf(process).split(" "));
      process.task.space.areas.insert(first, first + 1, flags, 0, file);
      return { base: ADDRESS, length: pageBytes };
    },
  };
}

/** Memory that refuses some advice, by the words for it. */
export const NAMED_AREAS: { readonly [name: string]: AdvisedArea } = {
  anonymous: written("private anonymous memory"),
  shared: {
    name: "shared anonymous memory",
    make: (process) => map(process, RW, MAP.MAP_SHARED | ANONYMOUS),
  },
  "read-only": written("read-only private anonymous memory", (process, { base, length }) => {
    return process.mprotect(base, length, "r").ok;
  }),
  "no-access": written("private anonymous memory that may not be accessed", (process, range) => {
    return process.mprotect(range.base, range.length, PROT.PROT_NONE).ok;
  }),
  locked: written("locked memory", (process, { base, length }) => {
    return process.call("mlock", base, length).outcome.ok;
  }),
  sealed: written("sealed read-only memory (mseal)", (process, { base, length }) => {
    must(process.mprotect(base, length, "r"));
    return process.call("mseal", base, length, 0).outcome.ok;
  }),
  droppable: {
    name: "MAP_DROPPABLE memory",
    make: (process) => map(process, RW, MAP.MAP_DROPPABLE | ANONYMOUS),
  },
  secret: {
    name: "memory of memfd_secret",
    make(process) {
      const { outcome } = process.call("memfd_secret", 0);
      if (!outcome.ok) return undefined;
      const { pageBytes } = process.kernel.machine.memory;
      must(process.call("ftruncate", outcome.value, pageBytes).outcome);
      return map(process, RW, MAP.MAP_SHARED | MAP.MAP_FIXED_NOREPLACE, outcome.value);
    },
  },
  "within-huge-page": {
    name: "a page within a huge page of private anonymous memory",
    make(process) {
      const { pageBytes } = process.kernel.machine.memory;
      const length = hugePageBytes(pageBytes);
      must(process.call("mmap", ADDRESS, length, RW, PRIVATE, -1, 0).outcome);
      must(process.touch(ADDRESS, pageBytes));
      return { base: ADDRESS + BigInt(pageBytes), length: pageBytes };
    },
  },
  vdso: special("vdso", () => "rd ex mr mw me de"),
  vvar: special("vvar", ({ kernel }) => {
    const { vvar, vvarIsIo } = kernel.profile.mm;
    return `rd mr de dd ${vvar === "pfnmap" ? "pf" : "mm"}${vvarIsIo ? " io" : ""}`;
  }),
};
