import type { OpenFile } from "@kadvise/files";
import {
  allocateHugePages,
  allocatePages,
  missingPages,
  objectionToHole,
  pagesOfHuge,
  punchHole,
} from "@kadvise/mm-core";
import { FALLOC_FL, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { OpenEntry, Task } from "../task.ts";
import { objectionToMode } from "./fallocateMode.ts";
import { checkNewSize, isSealedAgainstGrowth } from "./newSize.ts";

const entries = {
  "fallocate/bad-fd": {
    errno: "EBADF",
    text: "the descriptor is not open, or was opened with O_PATH",
    linux: "fs/open.c ksys_fallocate",
    since: "2.6.23",
    remedy: "pass an open file",
    compares: ["fd"],
  },
  "fallocate/bad-range": {
    errno: "EINVAL",
    text: "the offset is negative, or the length is not positive",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.23",
    remedy: "pass an offset from 0 on and a length from 1 on",
    compares: ["offset", "length"],
  },
  "fallocate/unknown-mode": {
    errno: "EOPNOTSUPP",
    text: "this kernel does not know the mode, or not with these flags",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.38",
    remedy: "pass one mode; a hole is punched with FALLOC_FL_KEEP_SIZE",
    compares: ["mode"],
  },
  "fallocate/mixed-modes": {
    errno: "EINVAL",
    text: "the mode stands alone (before 6.12; then it is one that is not supported)",
    linux: "fs/open.c vfs_fallocate",
    since: "3.15",
    remedy: "pass one mode",
    compares: ["mode"],
  },
  "fallocate/not-writable": {
    errno: "EBADF",
    text: "the descriptor is not open for writing",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.23",
    remedy: "open the file with O_RDWR",
    compares: ["fd"],
  },
  "fallocate/append-only": {
    errno: "EPERM",
    text: "the file can only be appended to: it takes no hole",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.38",
    remedy: "clear the attribute",
    compares: ["fd"],
  },
  "fallocate/immutable": {
    errno: "EPERM",
    text: "nobody may change the file: a pidfd up to 6.16",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.38",
    remedy: "pass another file",
    compares: ["fd"],
  },
  "fallocate/pipe": {
    errno: "ESPIPE",
    text: "the descriptor names a pipe",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.23",
    remedy: "pass a regular file",
    compares: ["fd"],
  },
  "fallocate/not-a-file": {
    errno: "ENODEV",
    text: "the descriptor names neither a regular file nor a block device",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.23",
    remedy: "pass a regular file",
    compares: ["fd"],
  },
  "fallocate/too-large": {
    errno: "EFBIG",
    text: "the range ends behind the largest file that there can be",
    linux: "fs/open.c vfs_fallocate",
    since: "2.6.23",
    remedy: "ask for less",
  },
  "fallocate/not-supported": {
    errno: "EOPNOTSUPP",
    text: "the file knows no such mode, or cannot be asked for room at all",
    linux: "fs/open.c vfs_fallocate, mm/shmem.c shmem_fallocate",
    since: "2.6.23",
    remedy: "use the modes 0, KEEP_SIZE, and PUNCH_HOLE with KEEP_SIZE",
    compares: ["mode"],
  },
  "fallocate/sealed": {
    errno: "EPERM",
    text: "a seal keeps the file from growing, or from a hole",
    linux: "mm/shmem.c shmem_fallocate",
    since: "3.17",
    remedy: "keep within the file; a seal cannot be removed",
    compares: ["seals"],
  },
  "fallocate/no-room": {
    errno: "ENOSPC",
    text: "there is no room: no huge page is free, or less memory than that",
    linux: "mm/shmem.c shmem_fallocate, fs/hugetlbfs/inode.c hugetlbfs_fallocate",
    since: "3.5",
    remedy: "ask for less, or put huge pages into the pool",
    compares: ["pages"],
  },
} as const;

/** fallocate's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const { FALLOC_FL_KEEP_SIZE: KEEP_SIZE, FALLOC_FL_PUNCH_HOLE: PUNCH_HOLE } = FALLOC_FL;
const HOLE: number = KEEP_SIZE | PUNCH_HOLE;
/** MAX_LFS_FILESIZE. */
const LARGEST = 2n ** 63n - 1n;

/** fallocate(2): room for a range of a file, or a hole in it. Linux: fs/open.c ksys_fallocate */
export const fallocate: SystemCall = {
  name: "fallocate",
  parameters: [
    parameter("fd", "fd"),
    parameter("mode", { flags: FALLOC_FL, unknown: "FALLOC_FL_???" }),
    parameter("offset", "long"),
    parameter("len", "long"),
  ],
  run: (task, registers) =>
    allocate(task, registers, {
      offset: BigInt.asIntN(64, registers.big(2)),
      length: BigInt.asIntN(64, registers.big(3)),
    }),
};

/** i386's fallocate: each number comes in two halves. Linux: arch/x86/kernel/sys_ia32.c */
export const ia32Fallocate: SystemCall = {
  name: "ia32_fallocate",
  parameters: [
    ...fallocate.parameters.slice(0, 2),
    parameter("offset_low", "uint"),
    parameter("offset_high", "uint"),
    parameter("len_low", "uint"),
    parameter("len_high", "uint"),
  ],
  run: (task, registers) =>
    allocate(task, registers, { offset: joined(registers, 2), length: joined(registers, 4) }),
};

function joined(registers: Registers, low: number): bigint {
  const high = BigInt(registers.low(low + 1));
  return BigInt.asIntN(64, (high << 32n) | BigInt(registers.low(low)));
}

interface ByteRange {
  readonly offset: bigint;
  readonly length: bigint;
}

/** Linux: fs/open.c vfs_fallocate; the order of the refusals is its. */
function allocate(task: Task, registers: Registers, { offset, length }: ByteRange): Outcome {
  const { checks } = task.machine.ports;
  const fd = registers.int(0);
  const mode = registers.int(1);
  const file = task.files.get(fd)?.file;
  if (file === undefined || (file.kind === "file" && file.isPath))
    return reasons.refuse(checks, "fallocate/bad-fd", fd);
  if (offset < 0n || length <= 0n)
    return reasons.refuse(checks, "fallocate/bad-range", String(offset), String(length));
  const objection = objectionToMode(task.machine, mode);
  if (objection === "unsupported") return reasons.refuse(checks, "fallocate/unknown-mode", mode);
  if (objection === "mixed") return reasons.refuse(checks, "fallocate/mixed-modes", mode);
  const refusal = checkFile(task, file, fd, mode);
  if (refusal !== undefined) return refusal;
  if (offset + length > LARGEST) return reasons.refuse(checks, "fallocate/too-large");
  const isMemory = file.kind === "file" && file.object.kind !== "secret";
  if (!isMemory || (mode & ~HOLE) !== 0)
    return reasons.refuse(checks, "fallocate/not-supported", mode);
  const [from, to] = [Number(offset), Number(offset + length)];
  if ((mode & PUNCH_HOLE) !== 0) return punch(task, file, from, to);
  return makeRoom(task, file, { from, to, keepsSize: (mode & KEEP_SIZE) !== 0 });
}

/** What the descriptor names, and how it was opened. */
function checkFile(task: Task, file: OpenEntry, fd: number, mode: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  if (file.kind === "pidfd") {
    const { fileKind } = task.machine.profile.pidfd;
    if (fileKind === "immutable") return reasons.refuse(checks, "fallocate/immutable", fd);
    return fileKind === "none" ? reasons.refuse(checks, "fallocate/not-a-file", fd) : undefined;
  }
  if (file.kind === "unstated") return reasons.refuse(checks, "fallocate/not-a-file", fd);
  if (!file.writable) return reasons.refuse(checks, "fallocate/not-writable", fd);
  const { object } = file;
  if (object.appendOnly && (mode & ~KEEP_SIZE) !== 0)
    return reasons.refuse(checks, "fallocate/append-only", fd);
  if (object.isPipe) return reasons.refuse(checks, "fallocate/pipe", fd);
  return file.mappable && object.kind !== "special"
    ? undefined
    : reasons.refuse(checks, "fallocate/not-a-file", fd);
}

/** Linux: mm/shmem.c shmem_fallocate, fs/hugetlbfs/inode.c hugetlbfs_punch_hole */
function punch(task: Task, { object }: OpenFile, from: number, to: number): Outcome {
  const { memory, ports } = task.machine;
  const huge =
    object.kind === "hugetlb" ? pagesOfHuge(object, memory.pageShift) * memory.pageBytes : 0;
  const objection = objectionToHole(object);
  if (objection === "unsupported")
    return reasons.refuse(ports.checks, "fallocate/not-supported", HOLE);
  if (objection !== undefined && (huge === 0 || isHoleInHuge(task, from / huge, to / huge)))
    return reasons.refuse(ports.checks, "fallocate/sealed", object.seals);
  punchHole(memory, object, from, to);
  return success(0);
}

/** Older kernels ask the seals only where whole huge pages go. */
function isHoleInHuge({ machine }: Task, from: number, to: number): boolean {
  const isWhole = Math.ceil(from) < Math.floor(to);
  return isWhole || machine.profile.mm.sealsKeepSmallHoles;
}

interface Room {
  readonly from: number;
  readonly to: number;
  readonly keepsSize: boolean;
}

/** Linux: mm/shmem.c shmem_fallocate; the size counts even where it stays as it is. */
function makeRoom(task: Task, { object }: OpenFile, { from, to, keepsSize }: Room): Outcome {
  const { memory, ports } = task.machine;
  const { checks, journal } = ports;
  const refusal = checkNewSize(task, object, to);
  if (refusal !== undefined) return refusal;
  if (isSealedAgainstGrowth(object, to))
    return reasons.refuse(checks, "fallocate/sealed", object.seals);
  if (object.kind === "hugetlb") {
    const huge = pagesOfHuge(object, memory.pageShift) * memory.pageBytes;
    const [first, last] = [Math.floor(from / huge), Math.ceil(to / huge)];
    if (!allocateHugePages(memory, object, first, last))
      return reasons.refuse(checks, "fallocate/no-room", last - first);
  }
  // A disk has its own room: no page comes into memory for it.
  if (object.kind === "shmem") {
    const first = Math.floor(from / memory.pageBytes);
    const last = Math.ceil(to / memory.pageBytes);
    const pages = missingPages(memory, object, first, last);
    if (pages > memory.settings.get("commitPages"))
      return reasons.refuse(checks, "fallocate/no-room", pages);
    const promised = task.space.mayPromise(pages, "one-by-one", task.actor);
    if (!promised.ok) return reasons.refuseBecause(checks, "fallocate/no-room", promised, pages);
    allocatePages(memory, object, first, last);
  }
  if (!keepsSize && to > object.sizeBytes) object.resize(journal, to);
  return success(0);
}
