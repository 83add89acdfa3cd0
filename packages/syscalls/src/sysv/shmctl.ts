import type { SharedSegment } from "@kadvise/files";
import { endObject } from "@kadvise/mm-core";
import { INVALID_ID, toKernelId } from "@kadvise/security";
import {
  IPC,
  Reasons,
  type Refusal,
  SHMID_64,
  SHMID_COMPAT,
  SHMID_OLD,
  type ShmidLayout,
  success,
} from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyIn, copyOut } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { controlAll } from "./allSegments.ts";
import { capableOver, checkMode, ownsOrMade, READ, segmentOf } from "./segmentAccess.ts";
import { readOwner, shmidBytes } from "./shmid.ts";

const entries = {
  "shmctl/negative": {
    errno: "EINVAL",
    text: "the command or the number is negative",
    linux: "ipc/shm.c ksys_shmctl",
    since: "2.6",
    remedy: "pass a command and a number that shmget gave",
    compares: ["command", "id"],
  },
  "shmctl/command": {
    errno: "EINVAL",
    text: "shmctl does not know the command",
    linux: "ipc/shm.c ksys_shmctl",
    since: "2.6",
    remedy: "pass IPC_RMID, IPC_SET, IPC_STAT, SHM_LOCK or SHM_UNLOCK",
    compares: ["command"],
  },
  "shmctl/not-modelled": {
    errno: "EINVAL",
    text: "what ipc of version 0 says of all segments, in its older structures, is not modelled",
    linux: "ipc/shm.c shmctl_ipc_info, shmctl_shm_info, shmctl_stat",
    since: "2.6",
    remedy: "add IPC_64 to the command, or call shmctl",
    compares: ["command"],
  },
  "shmctl/not-owner": {
    errno: "EPERM",
    text: "the segment is another user's, made by another, and the caller lacks CAP_SYS_ADMIN",
    linux: "ipc/util.c ipcctl_obtain_check",
    since: "2.6",
    remedy: "ask as its owner, or gain CAP_SYS_ADMIN",
    compares: ["owner", "maker"],
  },
  "shmctl/bad-owner": {
    errno: "EINVAL",
    text: "the new owner is no user, or no group",
    linux: "ipc/util.c ipc_update_perm",
    since: "3.5",
    remedy: "pass ids that the caller's user namespace maps",
    compares: ["uid", "gid"],
  },
  "shmctl/lock-not-permitted": {
    errno: "EPERM",
    text: "the caller may lock nothing, or the segment is another user's; and it lacks CAP_IPC_LOCK",
    linux: "ipc/shm.c shmctl_do_lock",
    since: "2.6",
    remedy: "raise RLIMIT_MEMLOCK, ask as its owner, or gain CAP_IPC_LOCK",
  },
  "shmctl/lock-limit": {
    errno: "ENOMEM",
    text: "the user's locked segments would be more than RLIMIT_MEMLOCK",
    linux: "mm/mlock.c user_shm_lock",
    since: "2.6.9",
    remedy: "raise RLIMIT_MEMLOCK or gain CAP_IPC_LOCK",
    compares: ["pages", "limit"],
  },
} as const;

/** shmctl's reasons; those of a segment's mode are in segmentAccess. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** Commands about the machine as a whole. */
const OF_ALL: ReadonlySet<number> = new Set([
  ...[IPC.IPC_INFO, IPC.SHM_INFO, IPC.SHM_STAT, IPC.SHM_STAT_ANY],
]);

/** shmctl(2): what becomes of a segment. Linux: ipc/shm.c ksys_shmctl */
export const shmctl: SystemCall = {
  name: "shmctl",
  parameters: [
    parameter("shmid", "int"),
    parameter("cmd", { names: IPC }),
    parameter("buf", { structure: "shmid-ds", direction: "inout" }),
  ],
  run: (task, registers) =>
    controlSegment(task, registers, {
      id: registers.int(0),
      command: registers.int(1),
      pointer: 2,
      layout: task.abi === "i386" ? SHMID_COMPAT : SHMID_64,
    }),
};

/** A command for a segment, and where its structure lies. */
export interface SegmentCommand {
  readonly id: number;
  readonly command: number;
  /** The register with the structure's address. */
  readonly pointer: number;
  readonly layout: ShmidLayout;
}

/** What all gates to shmctl come to. */
export function controlSegment(task: Task, registers: Registers, asked: SegmentCommand): Outcome {
  const { checks } = task.machine.ports;
  const { id, command, pointer, layout } = asked;
  if (command < 0 || id < 0) return reasons.refuse(checks, "shmctl/negative", command, id);
  switch (command) {
    case IPC.IPC_STAT:
      return tell(task, registers, asked);
    case IPC.IPC_SET: {
      const bytes = copyIn(task, registers, pointer, layout.bytes);
      return "ok" in bytes
        ? bytes
        : change(task, id, (segment) => own(task, segment, bytes, layout));
    }
    case IPC.IPC_RMID:
      return change(task, id, (segment) => remove(task, segment));
    case IPC.SHM_LOCK:
    case IPC.SHM_UNLOCK:
      return lock(task, id, command === IPC.SHM_LOCK);
    default:
      if (!OF_ALL.has(command)) return reasons.refuse(checks, "shmctl/command", command);
      if (task.machine.recorded) askForAll(task);
      if (layout === SHMID_OLD) return reasons.refuse(checks, "shmctl/not-modelled", command);
      return controlAll(task, registers, asked);
  }
}

/** Linux: ipc/shm.c shmctl_stat */
function tell(task: Task, registers: Registers, { id, pointer, layout }: SegmentCommand): Outcome {
  const segment = segmentOf(task, id);
  if ("ok" in segment) return segment;
  const denied = checkMode(task, segment, READ);
  if (denied !== undefined) return denied;
  return copyOut(task, registers, pointer, shmidBytes(task, segment, layout)) ?? success(0);
}

/** Linux: ipc/shm.c shmctl_down */
function change(
  task: Task,
  id: number,
  act: (segment: SharedSegment) => Refusal | undefined,
): Outcome {
  const { checks } = task.machine.ports;
  const segment = segmentOf(task, id);
  if ("ok" in segment) return segment;
  const { uid, makerUid } = segment;
  if (!ownsOrMade(task, segment) && !capableOver(task, "CAP_SYS_ADMIN"))
    return reasons.refuse(checks, "shmctl/not-owner", uid, makerUid);
  reasons.passed(checks, "shmctl/not-owner", uid, makerUid);
  return act(segment) ?? success(0);
}

/** Linux: ipc/shm.c do_shm_rmid */
function remove({ machine }: Task, segment: SharedSegment): undefined {
  const { memory, ports } = machine;
  const isShown = segment.mappings > 0;
  if (!isShown) endObject(memory, segment);
  segment.remove(ports.journal);
}

function own(
  { machine, subject }: Task,
  segment: SharedSegment,
  bytes: Uint8Array,
  layout: ShmidLayout,
): Refusal | undefined {
  const { checks, journal } = machine.ports;
  const users = subject.credentials.userNamespace;
  const wanted = readOwner(bytes, layout);
  const uid = toKernelId(users, "uid", wanted.uid);
  const gid = toKernelId(users, "gid", wanted.gid);
  if (uid === INVALID_ID || gid === INVALID_ID)
    return reasons.refuse(checks, "shmctl/bad-owner", wanted.uid, wanted.gid);
  segment.own(journal, { ...wanted, uid, gid });
  return undefined;
}

/** Linux: ipc/shm.c shmctl_do_lock, mm/shmem.c shmem_lock */
function lock(task: Task, id: number, on: boolean): Outcome {
  const { machine, subject, limits } = task;
  const { checks, journal } = machine.ports;
  const segment = segmentOf(task, id);
  if ("ok" in segment) return segment;
  const limit = limits.soft("RLIMIT_MEMLOCK");
  const isPrivileged = capableOver(task, "CAP_IPC_LOCK");
  if (!isPrivileged && (!ownsOrMade(task, segment) || (on && limit === 0)))
    return reasons.refuse(checks, "shmctl/lock-not-permitted");
  // Huge pages are always in memory: there is nothing to do.
  if (segment.kind === "hugetlb") return success(0);
  if (!on) segment.lock(journal, undefined);
  if (!on || segment.unevictable) return success(0);
  const user = subject.credentials.uid;
  const pages = lockedPages(task, user) + pagesOf(task, segment);
  const most = Math.floor(limit / machine.memory.pageBytes);
  if (pages > most && !task.actor.capable("CAP_IPC_LOCK"))
    return reasons.refuse(checks, "shmctl/lock-limit", pages, most);
  segment.lock(journal, user);
  return success(0);
}

function lockedPages(task: Task, user: number): number {
  const locked = task.ipc.living().filter(({ lockedBy }) => lockedBy === user);
  return locked.reduce((sum, segment) => sum + pagesOf(task, segment), 0);
}

function pagesOf({ machine }: Task, { sizeBytes }: SharedSegment): number {
  return Math.ceil(sizeBytes / machine.memory.pageBytes);
}

function askForAll({ machine }: Task): void {
  machine.ports.choices.choose<never>({
    id: "shm/all-segments",
    usual: undefined as never,
    allows: () => false,
    describe: () => "all segments of the machine",
  });
}
