import type { Inode } from "@kadvise/files";
import { F_SEAL, Reasons, SIG, type Refusal } from "@kadvise/uapi";
import { raise } from "../process/kill.ts";
import type { Task } from "../task.ts";

const entries = {
  "file/size-limit": {
    errno: "EFBIG",
    text: "the file would grow beyond RLIMIT_FSIZE; the caller gets SIGXFSZ too",
    linux: "mm/truncate.c inode_newsize_ok (fs/attr.c since 5.12)",
    since: "2.6",
    remedy: "ask for less, or raise the limit",
    compares: ["size", "limit"],
  },
} as const;

/** The reasons for which a file may not have a size. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * Whether the caller may give a file a size: one that grows must be within RLIMIT_FSIZE. Who breaks
 * the limit is told by a signal first. Linux: fs/attr.c inode_newsize_ok
 */
export function checkNewSize(task: Task, inode: Inode, sizeBytes: number): Refusal | undefined {
  const limit = task.limits.soft("RLIMIT_FSIZE");
  if (!(sizeBytes > inode.sizeBytes) || sizeBytes <= limit) return undefined;
  const { checks } = task.machine.ports;
  const refusal = reasons.refuse(checks, "file/size-limit", sizeBytes, limit);
  raise(task, SIG.SIGXFSZ);
  return refusal;
}

/** Whether a seal keeps a file from growing to a size. Linux: mm/shmem.c shmem_setattr */
export function isSealedAgainstGrowth(
  { seals, sizeBytes: old }: Inode,
  sizeBytes: number,
): boolean {
  return (seals & F_SEAL.F_SEAL_GROW) !== 0 && sizeBytes > old;
}
