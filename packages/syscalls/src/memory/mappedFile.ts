import { Inode, OpenFile } from "@kadvise/files";
import { MAP, O, Reasons, type Refusal } from "@kadvise/uapi";
import type { Task } from "../task.ts";

const entries = {
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
  "mmap/not-mappable": {
    errno: "ENODEV",
    text: "what the descriptor names cannot be mapped",
    linux: "mm/mmap.c do_mmap",
    since: "2.6",
    remedy: "map a regular file or shared memory",
    compares: ["fd"],
  },
} as const;

/** What mmap asks of a descriptor before it asks what the file allows. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** A pidfd as mmap sees it: open for reading and writing, and without a way to be mapped. */
const PIDFD = { flags: O.O_RDWR, path: "anon_inode:[pidfd]", mappable: false } as const;
const ANON_INODE: OpenFile = new OpenFile(new Inode({ kind: "special" }), PIDFD);
/** Since 6.9 pidfds lie on a file system of their own, mounted noexec. Linux: fs/pidfs.c */
const PIDFS: OpenFile = new OpenFile(new Inode({ kind: "special" }), { ...PIDFD, noExec: true });

/**
 * The open file that a mapping shows; null for anonymous memory, whose descriptor nobody looks at.
 *
 * Linux: mm/mmap.c ksys_mmap_pgoff
 */
export function mappedFile(task: Task, fd: number, flags: number): OpenFile | Refusal | null {
  if ((flags & MAP.MAP_ANONYMOUS) !== 0) return null;
  const { checks } = task.machine.ports;
  const file = task.files.get(fd)?.file;
  if (file === undefined || (file.kind === "file" && file.isPath)) {
    return reasons.refuse(checks, "mmap/bad-fd", fd);
  }
  if (file.kind === "unstated") return unstatedFile(task, fd);
  const isHuge = file.kind === "file" && file.object.kind === "hugetlb";
  if ((flags & MAP.MAP_HUGETLB) !== 0 && !isHuge) {
    return reasons.refuse(checks, "mmap/huge-needs-hugetlbfs");
  }
  if (file.kind === "pidfd") return task.machine.profile.pidfd.threads ? PIDFS : ANON_INODE;
  if (file.kindUnstated) stateKind(task, fd, file);
  return file;
}

/**
 * A file of which nobody said whether it is regular: whoever maps it, learns it. Until then it holds
 * of it what is likely.
 */
function stateKind(task: Task, fd: number, file: OpenFile): void {
  const { choices, journal } = task.machine.ports;
  const mappable = choices.choose<boolean>({
    id: file.mappable ? "mmap/likely-kind" : "mmap/unstated-kind",
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
function unstatedFile(task: Task, fd: number): Refusal {
  const { choices, checks } = task.machine.ports;
  choices.choose<never>({
    id: "mmap/unstated-file",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what descriptor ${fd} names: it was open before`,
  });
  return reasons.refuse(checks, "mmap/not-mappable", fd);
}
