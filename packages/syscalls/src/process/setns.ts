import type { Thread } from "@kadvise/pidfd";
import { joinUserNamespace } from "@kadvise/security";
import { CLONE, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { ptraceMayAccess } from "../ptraceAccess.ts";
import { askUnstated } from "../resolveTarget.ts";
import { parameter } from "../signature.ts";
import { ownerOfSegments } from "../sysv/segmentAccess.ts";
import type { Task } from "../task.ts";
import { ownerOf as ownerOfNamespace, ownersOf, withOwners } from "./namespaceOwners.ts";
import { ownerOf } from "./newPidNamespace.ts";

const entries = {
  "setns/flags": {
    errno: "EINVAL",
    text: "no namespace was asked for, or something that is none",
    passes: "the flags name namespaces",
    linux: "kernel/nsproxy.c check_setns_flags",
    since: "5.8",
    remedy: "pass CLONE_NEW* flags",
    compares: ["flags"],
  },
  "setns/not-a-namespace": {
    errno: "EINVAL",
    text: "the descriptor is neither a pidfd nor a namespace's",
    passes: "the descriptor is a pidfd",
    linux: "kernel/nsproxy.c setns",
    since: "5.8",
    remedy: "pass a pidfd, or a file below /proc/PID/ns",
    compares: ["fd"],
  },
  "setns/no-process": {
    errno: "ESRCH",
    text: "the process is gone, or has left its namespaces on the way out",
    passes: "the process lives",
    linux: "kernel/nsproxy.c validate_nsset",
    since: "5.8",
    remedy: "name a living process",
    compares: ["pid"],
  },
  "setns/denied": {
    errno: "EPERM",
    text: "the caller may not read the process",
    passes: "the caller may read the process",
    linux: "kernel/nsproxy.c validate_nsset",
    since: "5.8",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["pid"],
  },
  "setns/not-admin": {
    errno: "EPERM",
    text: "joining a namespace takes CAP_SYS_ADMIN in the one that owns it and in one's own",
    passes: "the caller has CAP_SYS_ADMIN where it takes it",
    linux: "kernel/pid_namespace.c pidns_install",
    since: "3.8",
    remedy: "gain CAP_SYS_ADMIN in both user namespaces",
  },
  "setns/not-within": {
    errno: "EINVAL",
    text: "only the caller's own pid namespace can be joined, or one within it",
    passes: "the pid namespace is the caller's own, or lies within it",
    linux: "kernel/pid_namespace.c pidns_install",
    since: "3.8",
    remedy: "nobody gets out of a pid namespace",
  },
} as const;

/** setns' reasons; those of a user namespace are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** CLONE_NEWTIME lies in the byte of the exit signal. Linux: include/uapi/linux/sched.h */
const CLONE_NEWTIME = 0x80;
const KNOWN: number =
  CLONE.CLONE_NEWNS |
  CLONE.CLONE_NEWCGROUP |
  CLONE.CLONE_NEWUTS |
  CLONE.CLONE_NEWIPC |
  CLONE.CLONE_NEWUSER |
  CLONE.CLONE_NEWPID |
  CLONE.CLONE_NEWNET |
  CLONE_NEWTIME;

/**
 * setns(2) with a pidfd (5.8): the namespaces of its process. A pid namespace is joined for
 * children only. Of others than those of users, pids and System V shared memory the permission alone is
 * followed.
 *
 * Linux: kernel/nsproxy.c setns, validate_nsset
 */
export const setns: SystemCall = {
  name: "setns",
  parameters: [parameter("fd", "fd"), parameter("nstype", { flags: CLONE })],
  run(task, registers): Outcome {
    const { checks, journal } = task.machine.ports;
    const fd = registers.int(0);
    const flags = registers.low(1);
    const slot = task.files.require(fd);
    if (!slot.ok) return slot;
    const { file } = slot.value;
    if (file.kind === "unstated") askUnstated(task, fd);
    if (file.kind !== "pidfd") return reasons.refuse(checks, "setns/not-a-namespace", fd);
    reasons.passed(checks, "setns/not-a-namespace", fd);
    if (flags === 0 || (flags & ~KNOWN) !== 0) return reasons.refuse(checks, "setns/flags", flags);
    reasons.passed(checks, "setns/flags", flags);
    const { thread, number } = file.pid;
    const gone = (): Refusal => reasons.refuse(checks, "setns/no-process", number);
    if (thread === undefined) return gone();
    const denied = checkAccess(task, thread);
    if (denied !== undefined) return denied;
    if (!thread.alive) return gone();
    reasons.passed(checks, "setns/no-process", number);

    const mark = journal.begin();
    const refusal = install(task, thread, flags);
    if (refusal === undefined) journal.keep(mark);
    else journal.undo(mark);
    return refusal ?? success(0);
  },
};

function checkAccess(task: Task, target: Thread<Task>): Refusal | undefined {
  const { checks } = task.machine.ports;
  const { number } = target.pid;
  const answer = ptraceMayAccess(task, target, "PTRACE_MODE_READ_REALCREDS");
  if (!answer.ok) return reasons.refuseBecause(checks, "setns/denied", answer, number);
  reasons.passed(checks, "setns/denied", number);
  return undefined;
}

/** The user namespace comes first: with it come the capabilities for the others. */
function install(task: Task, target: Thread<Task>, flags: number): Refusal | undefined {
  const { access, ports } = task.machine;
  const { userNamespace } = target.payload.subject.credentials;
  if ((flags & CLONE.CLONE_NEWUSER) !== 0) {
    const hasSeveralThreads = task.thread.group.threads.length > 1;
    const joined = joinUserNamespace(access, task.subject, userNamespace, { hasSeveralThreads });
    if (!joined.ok) return joined;
  }
  const others = flags & ~CLONE.CLONE_NEWUSER;
  if (others === 0) return undefined;
  const { namespace } = target.pid;
  const isPids = (flags & CLONE.CLONE_NEWPID) !== 0;
  for (const owner of [
    ...(isPids ? [ownerOf(namespace)] : []),
    ...((flags & CLONE.CLONE_NEWIPC) !== 0 ? [ownerOfSegments(target.payload.ipc)] : []),
    ...ownersOf(target.payload, others),
    task.subject.credentials.userNamespace,
  ]) {
    const allowed = access.capable(task.subject, "CAP_SYS_ADMIN", owner);
    if (!allowed.ok) return reasons.refuseBecause(ports.checks, "setns/not-admin", allowed);
  }
  reasons.passed(ports.checks, "setns/not-admin");
  const { namespaceOwners } = target.payload;
  ports.journal.save(task, "namespaceOwners");
  task.namespaceOwners = withOwners(task.namespaceOwners, others, (bit) =>
    ownerOfNamespace(namespaceOwners, bit),
  );
  if ((flags & CLONE.CLONE_NEWIPC) !== 0) {
    ports.journal.save(task, "ipc");
    task.ipc = target.payload.ipc;
  }
  if ((flags & CLONE_NEWTIME) !== 0) {
    // Both are those of the other. Linux: kernel/time/namespace.c timens_install
    ports.journal.save(task, "childrenLeaveTime");
    task.childrenLeaveTime = false;
  }
  if (!isPids) return undefined;
  if (!namespace.isWithin(task.pid.namespace))
    return reasons.refuse(ports.checks, "setns/not-within");
  reasons.passed(ports.checks, "setns/not-within");
  ports.journal.save(task, "childNamespace");
  task.childNamespace = namespace;
  return undefined;
}
