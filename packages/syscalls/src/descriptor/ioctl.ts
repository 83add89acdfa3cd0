import { Inode, OpenFile } from "@kadvise/files";
import type { Pidfd, Thread } from "@kadvise/pidfd";
import { IOCTL, O, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyIn, wordAt } from "../copyUser.ts";
import { ptraceMayAccess } from "../ptraceAccess.ts";
import type { Registers } from "../registers.ts";
import { askUnstated } from "../resolveTarget.ts";
import { parameter } from "../signature.ts";
import type { OpenEntry, Task } from "../task.ts";
import { isInfoRequest, pidfdInfo } from "./pidfdInfo.ts";

const entries = {
  "ioctl/path-only": {
    errno: "EBADF",
    text: "the descriptor was opened with O_PATH: nothing can be asked of it",
    linux: "fs/ioctl.c ioctl",
    since: "2.6.39",
    remedy: "open the file without O_PATH",
    compares: ["fd"],
  },
  "ioctl/not-a-request": {
    errno: "ENOTTY",
    text: "the file knows no such request",
    linux: "fs/ioctl.c vfs_ioctl, fs/pidfs.c pidfd_ioctl",
    since: "2.6",
    remedy: "make a request that the file and the release know",
    compares: ["request"],
  },
  "ioctl/argument": {
    errno: "EINVAL",
    text: "a pidfd's request for a namespace takes no argument",
    linux: "fs/pidfs.c pidfd_ioctl",
    since: "6.11",
    remedy: "pass 0 for the argument",
    compares: ["request"],
  },
  "ioctl/no-process": {
    errno: "ESRCH",
    text: "the process is gone, or has left its namespaces on the way out",
    linux: "fs/pidfs.c pidfd_ioctl",
    since: "6.11",
    remedy: "name a living process",
    compares: ["pid"],
  },
  "ioctl/denied": {
    errno: "EACCES",
    text: "the caller may not read the process",
    linux: "fs/pidfs.c pidfd_ioctl",
    since: "6.11",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["pid"],
  },
} as const;

/** ioctl's reasons; those of PIDFD_GET_INFO stand beside it. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * ioctl(2), as far as pidfds go: what every file takes, a pidfd's namespaces (6.11) and
 * PIDFD_GET_INFO (6.13). The descriptor of a namespace is good for nothing here. Linux: fs/ioctl.c
 * ioctl, fs/pidfs.c pidfd_ioctl
 */
export const ioctl: SystemCall = {
  name: "ioctl",
  parameters: [
    parameter("fd", "fd"),
    parameter("cmd", { names: IOCTL }),
    parameter("arg", { structure: "pidfd-info", direction: "inout" }),
  ],
  run(task, registers): Outcome {
    const { checks } = task.machine.ports;
    const fd = registers.int(0);
    const slot = task.files.require(fd);
    if (!slot.ok) return slot;
    const { file } = slot.value;
    if (file.kind === "file" && file.isPath) return reasons.refuse(checks, "ioctl/path-only", fd);
    const request = registers.low(1);
    switch (request) {
      case IOCTL.FIOCLEX:
      case IOCTL.FIONCLEX:
        return markSlot(task, fd, request === IOCTL.FIOCLEX);
      case IOCTL.FIONBIO:
        return setNonblock(task, file, registers);
    }
    if (file.kind === "unstated") askUnstated(task, fd);
    return file.kind === "pidfd"
      ? pidfdRequest(task, file, registers)
      : reasons.refuse(checks, "ioctl/not-a-request", request);
  },
};

/** FIOCLEX and FIONCLEX do what F_SETFD does. */
function markSlot(task: Task, fd: number, closes: boolean): Outcome {
  const slot = task.files.require(fd);
  if (!slot.ok) return slot;
  task.files.set(fd, { ...slot.value, closeOnExec: closes });
  return success(0);
}

/** Linux: fs/ioctl.c ioctl_fionbio */
function setNonblock(task: Task, file: OpenEntry, registers: Registers): Outcome {
  const { journal } = task.machine.ports;
  const on = copyIn(task, registers, 2, 4);
  if ("ok" in on) return on;
  const isOn = wordAt(on, 0) !== 0;
  if (file.kind === "pidfd") {
    journal.save(file, "nonblock");
    file.nonblock = isOn;
  } else if (file.kind === "file") {
    journal.save(file, "flags");
    file.flags = (file.flags & ~O.O_NONBLOCK) | (isOn ? O.O_NONBLOCK : 0);
  }
  return success(0);
}

/** Which namespace a request opens, as /proc/PID/ns names it. */
const NAMESPACES: ReadonlyMap<number, string> = new Map<number, string>([
  [IOCTL.PIDFD_GET_CGROUP_NAMESPACE, "cgroup"],
  [IOCTL.PIDFD_GET_IPC_NAMESPACE, "ipc"],
  [IOCTL.PIDFD_GET_MNT_NAMESPACE, "mnt"],
  [IOCTL.PIDFD_GET_NET_NAMESPACE, "net"],
  [IOCTL.PIDFD_GET_PID_NAMESPACE, "pid"],
  [IOCTL.PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE, "pid"],
  [IOCTL.PIDFD_GET_TIME_NAMESPACE, "time"],
  [IOCTL.PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE, "time"],
  [IOCTL.PIDFD_GET_USER_NAMESPACE, "user"],
  [IOCTL.PIDFD_GET_UTS_NAMESPACE, "uts"],
]);

function pidfdRequest(task: Task, file: Pidfd<Task>, registers: Registers): Outcome {
  const { machine } = task;
  const { checks } = machine.ports;
  const { ioctls, infoBytes } = machine.profile.pidfd;
  const request = registers.low(1);
  const isInfo = infoBytes > 0 && isInfoRequest(machine.profile.pidfd, request);
  const isUnknown = !isInfo && !NAMESPACES.has(request);
  if (ioctls === "none" || (ioctls === "number" && isUnknown))
    return reasons.refuse(checks, "ioctl/not-a-request", request);
  if (isInfo) return pidfdInfo(task, file, registers);
  const { thread, number } = file.pid;
  const hasArgument = !registers.isZero(2);
  if (ioctls === "argument" && hasArgument)
    return reasons.refuse(checks, "ioctl/argument", request);
  if (thread === undefined) return reasons.refuse(checks, "ioctl/no-process", number);
  if (hasArgument) return reasons.refuse(checks, "ioctl/argument", request);
  return openNamespace(task, thread, request);
}

/** An exiting task has left its namespaces. Linux: kernel/exit.c exit_task_namespaces */
function openNamespace(task: Task, thread: Thread<Task>, request: number): Outcome {
  const { machine } = task;
  const { checks } = machine.ports;
  const { number } = thread.pid;
  const gone = (): Refusal => reasons.refuse(checks, "ioctl/no-process", number);
  if (!thread.alive && !machine.profile.pidfd.namespacesAskFirst) return gone();
  const access = ptraceMayAccess(task, thread, "PTRACE_MODE_READ_FSCREDS");
  if (!access.ok) return reasons.refuseBecause(checks, "ioctl/denied", access, number);
  if (!thread.alive) return gone();
  const kind = NAMESPACES.get(request);
  if (kind === undefined) return reasons.refuse(checks, "ioctl/not-a-request", request);
  const path = `${kind}:[0]`;
  const namespace = new OpenFile(new Inode(), { flags: O.O_RDONLY, path, mappable: false });
  return task.files.open(namespace, true, task.limits.soft("RLIMIT_NOFILE"));
}
