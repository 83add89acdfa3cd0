import { pagesOfHuge, truncatePages } from "@kadvise/mm-core";
import { F_SEAL, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { checkNewSize, isSealedAgainstGrowth } from "./newSize.ts";

const entries = {
  "ftruncate/negative": {
    errno: "EINVAL",
    text: "the length is negative",
    linux: "fs/open.c do_sys_ftruncate",
    since: "2.6",
    remedy: "pass a length from 0 on",
  },
  "ftruncate/bad-fd": {
    errno: "EBADF",
    text: "the descriptor is not open, or was opened with O_PATH",
    linux: "fs/open.c do_sys_ftruncate",
    since: "2.6",
    remedy: "pass an open file",
    compares: ["fd"],
  },
  "ftruncate/not-writable": {
    errno: "EINVAL",
    text: "what the descriptor names is no regular file that is open for writing",
    linux: "fs/open.c do_ftruncate",
    since: "2.6",
    remedy: "open a regular file with O_RDWR",
    compares: ["fd"],
  },
  "ftruncate/pidfd": {
    errno: "EOPNOTSUPP",
    text: "a pidfd is a regular file that has no length",
    linux: "fs/pidfs.c pidfs_setattr",
    since: "6.12",
    remedy: "pass a file that has one",
    compares: ["fd"],
  },
  "ftruncate/append-only": {
    errno: "EPERM",
    text: "the file can only be appended to",
    linux: "fs/open.c do_ftruncate",
    since: "2.6",
    remedy: "clear the attribute",
    compares: ["fd"],
  },
  "ftruncate/huge-unaligned": {
    errno: "EINVAL",
    text: "a file of huge pages has whole huge pages",
    linux: "fs/hugetlbfs/inode.c hugetlbfs_setattr",
    since: "2.6",
    remedy: "pass a multiple of the huge page size",
    compares: ["length"],
  },
  "ftruncate/secret-sized": {
    errno: "EINVAL",
    text: "secret memory gets its length once",
    linux: "mm/secretmem.c secretmem_setattr",
    since: "5.14",
    remedy: "make another file",
    compares: ["length"],
  },
  "ftruncate/sealed": {
    errno: "EPERM",
    text: "a seal keeps the file from shrinking, or from growing",
    linux: "mm/shmem.c shmem_setattr",
    since: "3.17",
    remedy: "keep the length; a seal cannot be removed",
    compares: ["length", "seals"],
  },
} as const;

/** ftruncate's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** ftruncate(2). Linux: fs/open.c do_sys_ftruncate */
export const ftruncate: SystemCall = {
  name: "ftruncate",
  parameters: [parameter("fd", "fd"), parameter("length", "offset")],
  run(task, registers) {
    const { memory, ports } = task.machine;
    const { checks, journal } = ports;
    const length = task.abi === "i386" ? registers.int(1) : registers.signed(1);
    if (length < 0) return reasons.refuse(checks, "ftruncate/negative");
    const fd = registers.int(0);
    const file = task.files.get(fd)?.file;
    if (file === undefined || (file.kind === "file" && file.isPath))
      return reasons.refuse(checks, "ftruncate/bad-fd", fd);
    if (file.kind === "pidfd" && task.machine.profile.pidfd.fileKind !== "none")
      return reasons.refuse(checks, "ftruncate/pidfd", fd);
    const isRegular = file.kind === "file" && file.mappable && file.object.kind !== "special";
    if (!isRegular || !file.writable) return reasons.refuse(checks, "ftruncate/not-writable", fd);
    const { object } = file;
    if (object.appendOnly) return reasons.refuse(checks, "ftruncate/append-only", fd);
    const { sizeBytes, seals } = object;
    if (object.kind === "secret" && sizeBytes > 0)
      return reasons.refuse(checks, "ftruncate/secret-sized", length);
    const tooLarge = checkNewSize(task, object, length);
    if (tooLarge !== undefined) return tooLarge;
    const huge = object.kind === "hugetlb" ? pagesOfHuge(object, memory.pageShift) : 1;
    if (huge > 1 && length % (huge * memory.pageBytes) !== 0)
      return reasons.refuse(checks, "ftruncate/huge-unaligned", length);
    const isKept = length < sizeBytes && (seals & F_SEAL.F_SEAL_SHRINK) !== 0;
    if (isKept || isSealedAgainstGrowth(object, length))
      return reasons.refuse(checks, "ftruncate/sealed", length, seals);
    object.resize(journal, length);
    if (length < sizeBytes) truncatePages(memory, object, length);
    return success(0);
  },
};
