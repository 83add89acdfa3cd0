import type { SegmentNamespace, SharedSegment } from "@kadvise/files";
import { idIs, initialUserNamespace, UserNamespace } from "@kadvise/security";
import { Reasons, type Refusal } from "@kadvise/uapi";
import { inFsGroup } from "../fileAccess.ts";
import type { Task } from "../task.ts";

const entries = {
  "shm/no-segment": {
    errno: "EINVAL",
    text: "no segment has this number, or none any more",
    passes: "a segment has this number",
    linux: "ipc/util.c ipc_obtain_object_check",
    since: "2.6",
    remedy: "pass a number that shmget gave in this ipc namespace",
    compares: ["id"],
  },
  "shm/denied": {
    errno: "EACCES",
    text: "the segment's mode does not grant it, and the caller lacks CAP_IPC_OWNER",
    passes: "the segment's mode grants it",
    linux: "ipc/util.c ipcperms",
    since: "2.6",
    remedy: "let its owner change the mode (IPC_SET), or gain CAP_IPC_OWNER",
    compares: ["asked", "mode"],
  },
} as const;

/** The reasons for which a segment is out of reach. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** What may be asked of a mode: the same bits for its owner, its group and all others. */
export const READ = 0o444;
export const WRITE = 0o222;
export const EXECUTE = 0o111;

/**
 * The segment of a number. Of a recorded process' segments only those are known that it was seen to
 * make.
 */
export function segmentOf(task: Task, id: number): SharedSegment | Refusal {
  const { machine, ipc } = task;
  const { checks, choices } = machine.ports;
  const found = id < 0 ? undefined : ipc.get(id);
  if (found !== undefined) return found;
  if (machine.recorded && id >= 0) {
    choices.choose<never>({
      id: "shm/unseen-segment",
      usual: undefined as never,
      allows: () => false,
      describe: () => `the segment ${id}, which was made before or elsewhere`,
    });
  }
  return reasons.refuse(checks, "shm/no-segment", id);
}

/**
 * Whether the caller may do with a segment what it asks for: one of three triples of bits decides.
 * Linux: ipc/util.c ipcperms
 */
export function checkMode(task: Task, segment: SharedSegment, asked: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  const requested = ((asked >> 6) | (asked >> 3) | asked) & 7;
  let granted = segment.mode;
  if (ownsOrMade(task, segment)) granted >>= 6;
  else if (inFsGroup(task, segment.makerGid) || inFsGroup(task, segment.gid)) granted >>= 3;
  if ((requested & ~granted) === 0 || capableOver(task, "CAP_IPC_OWNER")) {
    reasons.passed(checks, "shm/denied", requested, segment.mode);
    return undefined;
  }
  return reasons.refuse(checks, "shm/denied", requested, segment.mode);
}

/** Whether the caller's effective user owns a segment, or made it. */
export function ownsOrMade(task: Task, { uid, makerUid }: SharedSegment): boolean {
  const { ports } = task.machine;
  const { credentials } = task.subject;
  return idIs(ports, credentials, "euid", makerUid) || idIs(ports, credentials, "euid", uid);
}

/** Whether the caller has a capability over its ipc namespace. */
export function capableOver(
  task: Task,
  capability: "CAP_IPC_OWNER" | "CAP_IPC_LOCK" | "CAP_SYS_ADMIN",
): boolean {
  const { machine, subject, ipc } = task;
  return machine.access.capable(subject, capability, ownerOfSegments(ipc)).ok;
}

/** The user namespace that owns an ipc namespace. */
export function ownerOfSegments({ owner }: SegmentNamespace): UserNamespace {
  return owner instanceof UserNamespace ? owner : initialUserNamespace;
}
