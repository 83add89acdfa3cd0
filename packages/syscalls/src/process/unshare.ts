import { SegmentNamespace } from "@kadvise/files";
import { createUserNamespace } from "@kadvise/security";
import { CLONE, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { ownFiles } from "../descriptor/closeRange.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { withOwners } from "./namespaceOwners.ts";
import { newPidNamespace } from "./newPidNamespace.ts";

const entries = {
  "unshare/flags": {
    errno: "EINVAL",
    text: "a flag that unshare does not know",
    passes: "unshare knows the flags",
    linux: "kernel/fork.c check_unshare_flags",
    since: "2.6.16",
    remedy: "pass CLONE_* flags of namespaces, or CLONE_FILES, CLONE_FS, CLONE_SYSVSEM",
    compares: ["flags"],
  },
  "unshare/several-threads": {
    errno: "EINVAL",
    text: "a process of several threads cannot leave what its threads share",
    passes: "the process has one thread, or the flags do not ask for it",
    linux: "kernel/fork.c check_unshare_flags",
    since: "2.6.16",
    remedy: "unshare before the first thread is made",
    compares: ["threads"],
  },
  "unshare/shared-handlers": {
    errno: "EINVAL",
    text: "signal handlers that another process shares (CLONE_SIGHAND) cannot be left",
    passes: "no other process shares the signal handlers, or the flags do not ask for them",
    linux: "kernel/fork.c check_unshare_flags",
    since: "2.6.16",
    remedy: "make the other process without CLONE_SIGHAND",
  },
  "unshare/not-permitted": {
    errno: "EPERM",
    text: "a new namespace takes CAP_SYS_ADMIN",
    passes: "the caller has CAP_SYS_ADMIN, or asks for no namespace that takes it",
    linux: "kernel/nsproxy.c unshare_nsproxy_namespaces",
    since: "2.6.19",
    remedy: "gain CAP_SYS_ADMIN, or add CLONE_NEWUSER",
  },
} as const;

/** unshare's own reasons; those of a user namespace are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const NAMESPACES: number =
  CLONE.CLONE_NEWNS |
  CLONE.CLONE_NEWCGROUP |
  CLONE.CLONE_NEWUTS |
  CLONE.CLONE_NEWIPC |
  CLONE.CLONE_NEWPID |
  CLONE.CLONE_NEWNET;
/** CLONE_NEWTIME lies in the byte of the exit signal. Linux: include/uapi/linux/sched.h, 5.6 */
const CLONE_NEWTIME = 0x80;
const ALONE: number = CLONE.CLONE_THREAD | CLONE.CLONE_SIGHAND | CLONE.CLONE_VM;
const KNOWN: number =
  NAMESPACES |
  CLONE_NEWTIME |
  ALONE |
  CLONE.CLONE_NEWUSER |
  CLONE.CLONE_FS |
  CLONE.CLONE_FILES |
  CLONE.CLONE_SYSVSEM;

/**
 * unshare(2): a user namespace, an ipc namespace and a descriptor table of one's own, a pid namespace
 * for children. Of the other namespaces only the permission is followed. Linux: kernel/fork.c ksys_unshare
 */
export const unshare: SystemCall = {
  name: "unshare",
  parameters: [parameter("flags", { flags: CLONE })],
  run(task, registers): Outcome {
    const { machine } = task;
    const flags = registers.low(0);
    const refusal = checkFlags(task, flags);
    if (refusal !== undefined) return refusal;
    const wantsUser = (flags & CLONE.CLONE_NEWUSER) !== 0;
    const wantsOthers = (flags & (NAMESPACES | CLONE_NEWTIME)) !== 0;
    // A user namespace comes with every capability that another namespace may take.
    if (wantsOthers && !wantsUser) {
      const { userNamespace } = task.subject.credentials;
      const allowed = machine.access.capable(task.subject, "CAP_SYS_ADMIN", userNamespace);
      if (!allowed.ok)
        return reasons.refuseBecause(machine.ports.checks, "unshare/not-permitted", allowed);
      reasons.passed(machine.ports.checks, "unshare/not-permitted");
    }
    if (wantsUser) {
      const made = createUserNamespace(machine.access, task.subject);
      if (!made.ok) return made;
    }
    if ((flags & CLONE.CLONE_NEWPID) !== 0) {
      const made = newPidNamespace(task, task.subject.credentials.userNamespace);
      if (!made.ok) return made;
      machine.ports.journal.save(task, "childNamespace");
      task.childNamespace = made.value;
    }
    if ((flags & CLONE.CLONE_NEWIPC) !== 0) {
      machine.ports.journal.save(task, "ipc");
      task.ipc = new SegmentNamespace(task.subject.credentials.userNamespace);
    }
    if ((flags & CLONE_NEWTIME) !== 0) {
      machine.ports.journal.save(task, "childrenLeaveTime");
      task.childrenLeaveTime = true;
    }
    machine.ports.journal.save(task, "namespaceOwners");
    const { userNamespace } = task.subject.credentials;
    task.namespaceOwners = withOwners(task.namespaceOwners, flags, () => userNamespace);
    if ((flags & CLONE.CLONE_FILES) !== 0) ownFiles(task);
    return success(0);
  },
};

/** A zombie still counts. Linux: kernel/exit.c __exit_signal */
function sharesHandlers(task: Task): boolean {
  for (const { thread } of task.machine.processes.pids.values()) {
    const other = thread?.payload;
    if (other !== undefined && other !== task && other.handlers === task.handlers) return true;
  }
  return false;
}

function checkFlags(task: Task, asked: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  if ((asked & ~KNOWN) !== 0) return reasons.refuse(checks, "unshare/flags", asked);
  reasons.passed(checks, "unshare/flags", asked);
  const isAlone = (asked & (ALONE | CLONE.CLONE_NEWUSER)) !== 0;
  const { length } = task.thread.group.threads;
  const sharesMemory = (asked & CLONE.CLONE_VM) !== 0 && task.space.users > 1;
  if (isAlone && (length > 1 || sharesMemory)) {
    return reasons.refuse(checks, "unshare/several-threads", length);
  }
  reasons.passed(checks, "unshare/several-threads", length);
  const asksForHandlers = (asked & (CLONE.CLONE_SIGHAND | CLONE.CLONE_VM)) !== 0;
  if (asksForHandlers && sharesHandlers(task)) {
    return reasons.refuse(checks, "unshare/shared-handlers");
  }
  reasons.passed(checks, "unshare/shared-handlers");
  return undefined;
}
