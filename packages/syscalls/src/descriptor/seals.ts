import type { OpenFile } from "@kadvise/files";
import { isMappedWritable } from "@kadvise/mm-core";
import { F_SEAL, Reasons, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import type { Task } from "../task.ts";

const entries = {
  "fcntl/seal-not-writable": {
    errno: "EPERM",
    text: "seals are added through a descriptor that is open for writing",
    linux: "mm/memfd.c memfd_add_seals",
    since: "3.17",
    remedy: "open the file with O_RDWR",
  },
  "fcntl/unknown-seals": {
    errno: "EINVAL",
    text: "this kernel does not know one of the seals",
    linux: "mm/memfd.c memfd_add_seals",
    since: "3.17",
    remedy: "pass F_SEAL_* bits that the release has",
    compares: ["seals"],
  },
  "fcntl/not-sealable": {
    errno: "EINVAL",
    text: "only files in memory have seals",
    linux: "mm/memfd.c memfd_file_seals_ptr",
    since: "3.17",
    remedy: "use memfd_create with MFD_ALLOW_SEALING",
  },
  "fcntl/sealed-against-seals": {
    errno: "EPERM",
    text: "the file takes no more seals (F_SEAL_SEAL)",
    linux: "mm/memfd.c memfd_add_seals",
    since: "3.17",
    remedy: "use memfd_create with MFD_ALLOW_SEALING",
    compares: ["seals"],
  },
  "fcntl/mapped-writable": {
    errno: "EBUSY",
    text: "the file is mapped shared and may be written through that mapping",
    linux: "mm/memfd.c memfd_add_seals, include/linux/fs.h mapping_deny_writable",
    since: "3.17",
    remedy: "unmap it first, or use F_SEAL_FUTURE_WRITE",
  },
} as const;

/** The reasons of F_ADD_SEALS and F_GET_SEALS. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const ALL: number = Object.values(F_SEAL).reduce<number>((all, seal) => all | seal, 0);
/** What sealing execution of an executable file brings along. */
const WITH_EXEC: number =
  F_SEAL.F_SEAL_SHRINK | F_SEAL.F_SEAL_GROW | F_SEAL.F_SEAL_WRITE | F_SEAL.F_SEAL_FUTURE_WRITE;
const EXECUTE_BITS = 0o111;

/** fcntl's F_ADD_SEALS. Seals stay. Linux: mm/memfd.c memfd_add_seals */
export function addSeals(task: Task, file: OpenFile, seals: number): Outcome {
  const { memory, ports, profile } = task.machine;
  const { checks } = ports;
  const known = profile.mm.memfdExec ? ALL : ALL & ~F_SEAL.F_SEAL_EXEC;
  if (!isSealable(file)) return reasons.refuse(checks, "fcntl/not-sealable");
  if (!file.writable) return reasons.refuse(checks, "fcntl/seal-not-writable");
  if ((seals & ~known) !== 0) return reasons.refuse(checks, "fcntl/unknown-seals", seals);
  const { object } = file;
  if ((object.seals & F_SEAL.F_SEAL_SEAL) !== 0)
    return reasons.refuse(checks, "fcntl/sealed-against-seals", object.seals);
  const isNew = (seals & ~object.seals & F_SEAL.F_SEAL_WRITE) !== 0;
  if (isNew && isMappedWritable(memory, object))
    return reasons.refuse(checks, "fcntl/mapped-writable");
  const isExecutable = (object.mode & EXECUTE_BITS) !== 0;
  const more = (seals & F_SEAL.F_SEAL_EXEC) !== 0 && isExecutable ? WITH_EXEC : 0;
  object.seal(ports.journal, seals | more);
  return success(0);
}

/** fcntl's F_GET_SEALS. */
export function getSeals(task: Task, file: OpenFile): Outcome {
  if (isSealable(file)) return success(file.object.seals & ALL);
  return reasons.refuse(task.machine.ports.checks, "fcntl/not-sealable");
}

function isSealable({ object }: OpenFile): boolean {
  return object.kind === "shmem" || object.kind === "hugetlb";
}
