import { Inode, OpenFile } from "@kadvise/files";
import { hugeShiftOf } from "@kadvise/mm-core";
import { F_SEAL, MFD, O, Reasons } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { userFault } from "../copyUser.ts";
import { parameter } from "../signature.ts";

const entries = {
  "memfd_create/flags": {
    errno: "EINVAL",
    text: "memfd_create does not know one of the flags",
    linux: "mm/memfd.c sanitize_flags",
    since: "3.17",
    remedy: "pass MFD_* bits that the release has",
    compares: ["flags"],
  },
  "memfd_create/exec-and-noexec": {
    errno: "EINVAL",
    text: "MFD_EXEC and MFD_NOEXEC_SEAL together",
    linux: "mm/memfd.c sanitize_flags",
    since: "6.3",
    remedy: "give one of them",
  },
  "memfd_create/name-too-long": {
    errno: "EINVAL",
    text: "the name is longer than 249 bytes",
    linux: "mm/memfd.c alloc_name",
    since: "3.17",
    remedy: "give a shorter name",
    compares: ["bytes"],
  },
  "memfd_create/huge-size": {
    errno: "ENODEV",
    text: "the machine has no huge pages of the size that the flags name",
    linux: "fs/hugetlbfs/inode.c hugetlb_file_setup, get_hstate_idx",
    since: "4.14",
    remedy: "pass MFD_HUGE_2MB, MFD_HUGE_1GB, or no size",
    compares: ["flags"],
  },
} as const;

/** memfd_create's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** NAME_MAX without "memfd:". Linux: mm/memfd.c MFD_NAME_MAX_LEN */
const LONGEST_NAME = 249;
/** Where MFD_HUGETLB keeps the binary logarithm of the page size: as mmap does. */
const HUGE_SIZES: number = 0x3f * 2 ** 26;
const EVERYBODY_EXECUTES = 0o111;

/** memfd_create(2): a file that lies in memory alone. Linux: mm/memfd.c memfd_create */
export const memfdCreate: SystemCall = {
  name: "memfd_create",
  parameters: [parameter("name", "text"), parameter("flags", { flags: MFD, unknown: "MFD_???" })],
  returns: "fd",
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    const { memfdExec } = machine.profile.mm;
    const flags = registers.low(1);
    const isHuge = (flags & MFD.MFD_HUGETLB) !== 0;
    const known =
      MFD.MFD_CLOEXEC |
      MFD.MFD_ALLOW_SEALING |
      MFD.MFD_HUGETLB |
      (memfdExec ? MFD.MFD_EXEC | MFD.MFD_NOEXEC_SEAL : 0) |
      (isHuge ? HUGE_SIZES : 0);
    if ((flags & ~known) !== 0) return reasons.refuse(checks, "memfd_create/flags", flags);
    const isNoExec = (flags & MFD.MFD_NOEXEC_SEAL) !== 0;
    if (isNoExec && (flags & MFD.MFD_EXEC) !== 0)
      return reasons.refuse(checks, "memfd_create/exec-and-noexec");

    const { pageShift } = machine.memory;
    const bytes = new Uint8Array(LONGEST_NAME + 1);
    const page = registers.page(0, pageShift);
    const read = task.memory.read(page, registers.offset(0, pageShift), bytes);
    const end = bytes.subarray(0, read).indexOf(0);
    if (end < 0) {
      return read < bytes.length
        ? userFault(task, registers, 0)
        : reasons.refuse(checks, "memfd_create/name-too-long", bytes.length);
    }
    const name = String.fromCharCode(...bytes.subarray(0, end));
    const hugeShift = isHuge ? hugeShiftOf(flags, pageShift) : undefined;
    if (isHuge && hugeShift === undefined)
      return reasons.refuse(checks, "memfd_create/huge-size", flags);
    const isSealable = isNoExec || (flags & MFD.MFD_ALLOW_SEALING) !== 0;
    const { credentials } = task.subject;
    const inode = new Inode({
      kind: isHuge ? "hugetlb" : "shmem",
      ...(hugeShift === undefined ? {} : { hugeShift }),
      sizeBytes: 0,
      mode: isNoExec ? 0o777 & ~EVERYBODY_EXECUTES : 0o777,
      uid: credentials.fsuid,
      gid: credentials.fsgid,
      seals: (isSealable ? 0 : F_SEAL.F_SEAL_SEAL) | (isNoExec ? F_SEAL.F_SEAL_EXEC : 0),
    });
    const file = new OpenFile(inode, {
      flags: O.O_RDWR | O.O_LARGEFILE,
      path: `/memfd:${name} (deleted)`,
      identity: `00:01 ${machine.memory.newSharedFile()}`,
    });
    const closesOnExec = (flags & MFD.MFD_CLOEXEC) !== 0;
    return task.files.open(file, closesOnExec, task.limits.soft("RLIMIT_NOFILE"));
  },
};
