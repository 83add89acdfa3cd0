import type { ExitStatus, Pid, Pidfd, Thread } from "@kadvise/pidfd";
import type { PidfdFeatures } from "@kadvise/releases";
import { readDumpable, shownId } from "@kadvise/security";
import { IOCTL, PIDFD_COREDUMP, PIDFD_INFO, Reasons, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import { copyIn, copyOut, wordAt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "pidfd_info/no-structure": {
    errno: "EINVAL",
    text: "the pointer is null, or leads to less than the structure's first version (64 bytes)",
    linux: "fs/pidfs.c pidfd_info",
    since: "6.13",
    remedy: "pass a struct pidfd_info",
    compares: ["bytes"],
  },
  "pidfd_info/no-process": {
    errno: "ESRCH",
    text: "the process is gone, and nobody asked how it ended",
    linux: "fs/pidfs.c pidfd_info",
    since: "6.13",
    remedy: "ask for PIDFD_INFO_EXIT (6.15)",
    compares: ["pid"],
  },
  "pidfd_info/outside-namespace": {
    errno: "EREMOTE",
    text: "the process has no number in the caller's pid namespace",
    linux: "fs/pidfs.c pidfd_info",
    since: "7.0",
    remedy: "ask from a namespace around that of the process",
    compares: ["pid"],
  },
} as const;

/** The reasons of PIDFD_GET_INFO. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** struct pidfd_info: where its fields stand. Linux: include/uapi/linux/pidfd.h */
const FIELD = {
  mask: 0,
  cgroup: 8,
  pid: 16,
  tgid: 20,
  ppid: 24,
  ids: 28,
  exitCode: 60,
  coredumpMask: 64,
  supported: 72,
  /** Since 7.1, behind the si_code of a core dump. */
  supportedBehindCode: 80,
} as const;
const SMALLEST = 64;
const WITH_CODE = 88;
const IDS = ["uid", "gid", "euid", "egid", "suid", "sgid", "fsuid", "fsgid"] as const;
/** Every process is in the first cgroup of the only hierarchy. Linux: kernel/cgroup/cgroup.c */
const ROOT_CGROUP = 1;

const sizeOf = (request: number): number => (request >>> 16) & 0x3fff;
const NUMBER_AND_TYPE = 0xffff;
const DIRECTION_AND_BELOW: number = 0xc000_ffff >>> 0;

/**
 * Whether a request is PIDFD_GET_INFO: its number and type are, and from 6.17 on its direction and
 * a size that is large enough. Linux: fs/pidfs.c pidfs_ioctl_valid
 */
export function isInfoRequest({ infoExact }: PidfdFeatures, request: number): boolean {
  const counts = infoExact ? DIRECTION_AND_BELOW : NUMBER_AND_TYPE;
  const isSame = ((request ^ IOCTL.PIDFD_GET_INFO) & counts) === 0;
  return isSame && (!infoExact || sizeOf(request) >= SMALLEST);
}

/**
 * PIDFD_GET_INFO: who a process is, in a structure that may grow. Up to 6.14 only of a process that
 * was not waited for. Linux: fs/pidfs.c pidfd_info
 */
export function pidfdInfo(task: Task, { pid }: Pidfd<Task>, registers: Registers): Outcome {
  const { checks } = task.machine.ports;
  const { infoOfEnded, infoBytes, infoSupported, infoOutside } = task.machine.profile.pidfd;
  const { thread, number } = pid;
  const gone = (): Outcome => reasons.refuse(checks, "pidfd_info/no-process", number);
  if (thread === undefined && !infoOfEnded) return gone();
  const size = sizeOf(registers.low(1));
  if (registers.isZero(2) || size < SMALLEST)
    return reasons.refuse(checks, "pidfd_info/no-structure", size);
  const asked = copyIn(task, registers, 2, 8);
  if ("ok" in asked) return asked;
  const wanted = wordAt(asked, 0);
  const info = new Info();
  if (infoOfEnded && (wanted & PIDFD_INFO.PIDFD_INFO_EXIT) !== 0) tellEnd(info, pid);
  if (thread === undefined && info.mask === 0) return gone();
  if ((wanted & PIDFD_INFO.PIDFD_INFO_SUPPORTED_MASK) !== 0 && infoSupported !== 0) {
    const at = infoBytes === WITH_CODE ? FIELD.supportedBehindCode : FIELD.supported;
    info.tell(PIDFD_INFO.PIDFD_INFO_SUPPORTED_MASK, at, infoSupported);
  }
  if ((wanted & PIDFD_INFO.PIDFD_INFO_COREDUMP) !== 0) tellCoredump(info, task, thread);
  if (thread !== undefined) {
    if (pid.numberIn(task.pid.namespace) === 0)
      return reasons.refuse(
        checks,
        infoOutside === "ESRCH" ? "pidfd_info/no-process" : "pidfd_info/outside-namespace",
        number,
      );
    tellTask(info, task, thread);
  }
  // What a caller's structure has beyond the kernel's is zeroed; before 6.15 it was left alone.
  const length = infoOfEnded ? size : Math.min(size, infoBytes);
  const bytes = new Uint8Array(length);
  bytes.set(info.bytes.subarray(0, Math.min(size, infoBytes)));
  return copyOut(task, registers, 2, bytes) ?? success(0);
}

/** The structure at its largest, and the mask in it of what was told. */
class Info {
  readonly bytes: Uint8Array = new Uint8Array(WITH_CODE);
  private readonly view: DataView = new DataView(this.bytes.buffer);

  get mask(): number {
    return this.view.getUint32(FIELD.mask, true);
  }

  tell(mark: number, at: number, ...values: readonly number[]): void {
    for (const [i, value] of values.entries()) this.view.setUint32(at + i * 4, value, true);
    this.view.setUint32(FIELD.mask, this.mask | mark, true);
  }
}

/** Of whoever was waited for. Linux: fs/pidfs.c pidfs_exit */
function tellEnd(info: Info, { thread, ended }: Pid<Task>): void {
  if (thread !== undefined || ended === undefined) return;
  info.tell(PIDFD_INFO.PIDFD_INFO_EXIT, FIELD.exitCode, exitCode(ended));
  info.tell(PIDFD_INFO.PIDFD_INFO_CGROUPID, FIELD.cgroup, ROOT_CGROUP);
}

function exitCode({ code, signal, coreDumped }: ExitStatus): number {
  return (code << 8) | signal | (coreDumped ? 0x80 : 0);
}

function tellTask(info: Info, task: Task, thread: Thread<Task>): void {
  const { pid, group, payload } = thread;
  const { userNamespace } = task.subject.credentials;
  info.tell(PIDFD_INFO.PIDFD_INFO_CGROUPID, FIELD.cgroup, ROOT_CGROUP);
  const { namespace } = task.pid;
  const [own, leader] = [pid, group.pid].map((one) => one.numberIn(namespace));
  info.tell(PIDFD_INFO.PIDFD_INFO_PID, FIELD.pid, own, leader);
  // Whoever has no parent here has one outside, which nobody in a namespace sees.
  const outside = namespace.level === 0 ? 1 : 0;
  const parent = group.parent?.pid.numberIn(namespace) ?? outside;
  info.tell(PIDFD_INFO.PIDFD_INFO_PID, FIELD.ppid, parent);
  const ids = IDS.map((field) =>
    shownId(
      userNamespace,
      field.endsWith("uid") ? "uid" : "gid",
      payload.subject.credentials[field],
    ),
  );
  info.tell(PIDFD_INFO.PIDFD_INFO_CREDS, FIELD.ids, ...ids);
}

/** By the dumpable state: nobody's, its own user's, root's. Linux: fs/pidfs.c pidfs_coredump_mask */
const COREDUMPS = [
  PIDFD_COREDUMP.PIDFD_COREDUMP_SKIP,
  PIDFD_COREDUMP.PIDFD_COREDUMP_USER,
  PIDFD_COREDUMP.PIDFD_COREDUMP_ROOT,
] as const;

function tellCoredump(info: Info, { machine }: Task, thread: Thread<Task> | undefined): void {
  const { infoCoredump } = machine.profile.pidfd;
  const mark = PIDFD_INFO.PIDFD_INFO_COREDUMP;
  if (infoCoredump === "none") return;
  if (infoCoredump === "all-marked") info.tell(mark, FIELD.coredumpMask, 0);
  const isTold =
    infoCoredump === "not-reaped" ? thread !== undefined : thread?.payload.mm !== undefined;
  if (thread === undefined || !isTold) return;
  const dumpable = readDumpable(machine.ports, thread.payload.subject.exec);
  info.tell(mark, FIELD.coredumpMask, COREDUMPS[dumpable]);
}
