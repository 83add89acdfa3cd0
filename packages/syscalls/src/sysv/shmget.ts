import { MOST_SEGMENTS, SharedSegment } from "@kadvise/files";
import { endObject, hugeShiftOf, promiseObject, reserveHugePages } from "@kadvise/mm-core";
import {
  IPC_PRIVATE,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  Reasons,
  SHMGET,
  type Refusal,
  success,
} from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { inFsGroup } from "../fileAccess.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { pagesOfSegment } from "./pagesOfSegment.ts";
import { checkMode } from "./segmentAccess.ts";

const entries = {
  "shmget/size": {
    errno: "EINVAL",
    text: "a segment has from 1 byte on, and less than the last 16 MiB of the address range",
    linux: "ipc/shm.c newseg",
    since: "2.6",
    remedy: "ask for another size",
    compares: ["size"],
  },
  "shmget/no-segment": {
    errno: "ENOENT",
    text: "no segment has this key, and IPC_CREAT was not given",
    linux: "ipc/util.c ipcget_public",
    since: "2.6",
    remedy: "pass IPC_CREAT",
    compares: ["key"],
  },
  "shmget/exists": {
    errno: "EEXIST",
    text: "a segment has this key already, and IPC_EXCL was given",
    linux: "ipc/util.c ipcget_public",
    since: "2.6",
    remedy: "drop IPC_EXCL, or take another key",
    compares: ["key"],
  },
  "shmget/larger": {
    errno: "EINVAL",
    text: "the segment of this key is smaller than that",
    linux: "ipc/shm.c shm_more_checks",
    since: "2.6",
    remedy: "ask for its size, or for 0",
    compares: ["size", "has"],
  },
  "shmget/too-many": {
    errno: "ENOSPC",
    text: "there are as many segments as kernel.shmmni allows",
    linux: "ipc/util.c ipc_addid",
    since: "2.6",
    remedy: "remove some",
    compares: ["segments"],
  },
  "shmget/huge-size": {
    errno: "EINVAL",
    text: "the machine has no huge pages of this size",
    linux: "ipc/shm.c newseg, hstate_sizelog",
    since: "3.8",
    remedy: "pass 21 or 30 for the size, or none",
    compares: ["log2"],
  },
  "shmget/huge-not-permitted": {
    errno: "EPERM",
    text: "huge pages need CAP_IPC_LOCK or the group of vm.hugetlb_shm_group; up to 5.15 RLIMIT_MEMLOCK will do",
    linux: "fs/hugetlbfs/inode.c hugetlb_file_setup",
    since: "2.6",
    remedy: "gain CAP_IPC_LOCK",
    compares: ["size", "limit"],
  },
  "shmget/no-memory": {
    errno: "ENOMEM",
    text: "the machine does not promise so much, or has not so many huge pages",
    linux: "mm/shmem.c shmem_kernel_file_setup, fs/hugetlbfs/inode.c hugetlb_file_setup",
    since: "2.6",
    remedy: "ask for less, pass SHM_NORESERVE, or put huge pages into the pool",
    compares: ["pages"],
  },
} as const;

/** shmget's reasons; those of a segment's mode are in segmentAccess. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** kernel.shmmax as it comes: ULONG_MAX less 2^24. Linux: include/uapi/linux/shm.h SHMMAX */
const SHMMAX: bigint = 2n ** 64n - 1n - 2n ** 24n;
const LARGEST_FILE: bigint = 2n ** 63n - 1n;
const PERMISSIONS = 0o777;
/** What a segment is asked for: its key, its bytes, and flags with permission bits. */
export interface SegmentRequest {
  readonly key: number;
  readonly sizeBytes: bigint;
  readonly flags: number;
}

/** shmget(2): the number of a segment of shared memory. Linux: ipc/shm.c ksys_shmget */
export const shmget: SystemCall = {
  name: "shmget",
  parameters: [
    parameter("key", { names: { IPC_PRIVATE } }),
    parameter("size", "size"),
    parameter("shmflg", { flags: SHMGET }),
  ],
  run: (task, registers) =>
    getSegment(task, {
      key: registers.int(0),
      sizeBytes: registers.big(1),
      flags: registers.low(2),
    }),
};

/** Linux: ipc/util.c ipcget */
export function getSegment(task: Task, request: SegmentRequest): Outcome {
  const { checks } = task.machine.ports;
  const { key, sizeBytes, flags } = request;
  if (key === IPC_PRIVATE) return newSegment(task, request);
  if (task.machine.recorded) askForKey(task, key);
  const found = task.ipc.find(key);
  if (found === undefined) {
    if ((flags & SHMGET.IPC_CREAT) === 0) return reasons.refuse(checks, "shmget/no-segment", key);
    return newSegment(task, request);
  }
  if ((flags & SHMGET.IPC_CREAT) !== 0 && (flags & SHMGET.IPC_EXCL) !== 0)
    return reasons.refuse(checks, "shmget/exists", key);
  if (BigInt(found.sizeBytes) < sizeBytes)
    return reasons.refuse(checks, "shmget/larger", String(sizeBytes), found.sizeBytes);
  return checkMode(task, found, flags) ?? success(found.id);
}

/** Linux: ipc/shm.c newseg */
function newSegment(task: Task, { key, sizeBytes, flags }: SegmentRequest): Outcome {
  const { machine, ipc, subject } = task;
  const { ports, memory } = machine;
  const { checks, journal } = ports;
  if (sizeBytes < 1n || sizeBytes > SHMMAX)
    return reasons.refuse(checks, "shmget/size", String(sizeBytes));
  const huge = checkHuge(task, sizeBytes, flags);
  if (huge !== undefined && typeof huge !== "number") return huge;
  if (sizeBytes > LARGEST_FILE) return reasons.refuse(checks, "shmget/size", String(sizeBytes));
  const size = Number(sizeBytes);
  const pages = Math.ceil(size / memory.pageBytes);
  const isPromised =
    (flags & SHMGET.SHM_NORESERVE) === 0 || memory.settings.values.overcommit === 2;
  const promised =
    isPromised && huge === undefined
      ? task.space.mayPromise(pages, "at-once", task.actor)
      : undefined;
  if (promised?.ok === false)
    return reasons.refuseBecause(checks, "shmget/no-memory", promised, pages);
  const count = ipc.living().length;
  const isRoom = count < MOST_SEGMENTS;

  const { credentials } = subject;
  const segment = new SharedSegment({
    ...{ id: isRoom ? chooseId(task) : 0, key, sizeBytes: size, mode: flags & PERMISSIONS },
    ...{ uid: credentials.euid, gid: credentials.egid, maker: task.thread.group.pid.number },
    ...(huge !== undefined ? { hugeShift: huge } : isPromised ? { promisedPages: pages } : {}),
  });
  if (huge !== undefined && (flags & SHMGET.SHM_NORESERVE) === 0) {
    const whole = pagesOfSegment(memory, segment);
    if (!reserveHugePages(memory, segment, whole))
      return reasons.refuse(checks, "shmget/no-memory", whole);
    if (!isRoom) endObject(memory, segment);
  }
  if (!isRoom) return reasons.refuse(checks, "shmget/too-many", count);
  ipc.add(journal, segment);
  promiseObject(memory, segment);
  return success(segment.id);
}

/** The size of the huge pages that are asked for, as a binary logarithm; undefined for small ones. */
function checkHuge(task: Task, sizeBytes: bigint, flags: number): number | Refusal | undefined {
  if ((flags & SHMGET.SHM_HUGETLB) === 0) return undefined;
  const { checks } = task.machine.ports;
  const shift = hugeShiftOf(flags, task.machine.memory.pageShift);
  if (shift === undefined)
    return reasons.refuse(checks, "shmget/huge-size", (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK);
  const { hugeSegmentsByLimit } = task.machine.profile.mm;
  const limit = hugeSegmentsByLimit ? task.limits.soft("RLIMIT_MEMLOCK") : 0;
  const hugeBytes = 2 ** shift;
  const whole = Math.ceil(Number(sizeBytes) / hugeBytes) * hugeBytes;
  // Linux: can_do_hugetlb_shm; the group of vm.hugetlb_shm_group is 0 where nobody wrote another.
  const may = task.actor.capable("CAP_IPC_LOCK") || inFsGroup(task, 0);
  if (!may && whole > limit)
    return reasons.refuse(checks, "shmget/huge-not-permitted", String(sizeBytes), limit);
  return shift;
}

/**
 * Others may have made segments, and removed them: any number that is not in use will do. Of a
 * recorded process' segments somebody else may have removed any.
 */
function chooseId({ machine, ipc }: Task): number {
  return machine.ports.choices.choose<number>({
    id: "shm/id",
    usual: ipc.nextId(),
    allows: (id) =>
      Number.isInteger(id) && id >= 0 && (machine.recorded || ipc.get(id) === undefined),
    describe: () => "a number that no segment has",
    fromResult: (value) => value,
  });
}

/** Whether a key leads anywhere, a record does not tell. */
function askForKey({ machine }: Task, key: number): void {
  machine.ports.choices.choose<never>({
    id: "shm/key",
    usual: undefined as never,
    allows: () => false,
    describe: () => `the segment of key 0x${(key >>> 0).toString(16)}, if there is one`,
  });
}
