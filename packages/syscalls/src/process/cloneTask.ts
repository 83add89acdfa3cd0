import { SegmentNamespace } from "@kadvise/files";
import { Pidfd, type PidNamespace, type ThreadGroup } from "@kadvise/pidfd";
import { forkSubject, type Subject } from "@kadvise/security";
import { CLONE, Reasons, type Refusal, type Result, success } from "@kadvise/uapi";
import { Task } from "../task.ts";
import { checkFlags } from "./cloneFlags.ts";
import { withOwners } from "./namespaceOwners.ts";
import { namespaceForChildren, newPidNamespace } from "./newPidNamespace.ts";
import { checkSetTid } from "./setTid.ts";

const entries = {
  "clone/namespace-not-permitted": {
    errno: "EPERM",
    text: "a new namespace needs CAP_SYS_ADMIN",
    linux: "kernel/nsproxy.c copy_namespaces",
    since: "2.6.24",
    remedy: "gain CAP_SYS_ADMIN, or add CLONE_NEWUSER",
  },
} as const;

/** The reasons for which no task is made. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The upper half of clone3's flags. Linux: include/uapi/linux/sched.h */
export const HIGH = {
  CLONE_CLEAR_SIGHAND: 0x01,
  CLONE_INTO_CGROUP: 0x02,
  CLONE_AUTOREAP: 0x04,
  CLONE_NNP: 0x08,
  CLONE_PIDFD_AUTOKILL: 0x10,
  CLONE_EMPTY_MNTNS: 0x20,
} as const;

/** What all four calls boil down to. Linux: struct kernel_clone_args */
export interface CloneRequest {
  /** CLONE_* bits without the exit signal. */
  readonly flags: number;
  /** The upper 32 bits of the flags, which only clone3 has. */
  readonly highFlags?: number;
  readonly exitSignal: number;
  /** The numbers that clone3 asks for. */
  readonly setTid?: readonly number[];
}

/** The new task, and the descriptor of CLONE_PIDFD. */
export interface Cloned {
  readonly task: Task;
  readonly pidfd: number | undefined;
}

const NAMESPACES: number =
  CLONE.CLONE_NEWNS |
  CLONE.CLONE_NEWCGROUP |
  CLONE.CLONE_NEWUTS |
  CLONE.CLONE_NEWIPC |
  CLONE.CLONE_NEWPID |
  CLONE.CLONE_NEWNET;

/**
 * Makes a task: who shares what with whom is decided here. After a refusal the caller takes back
 * what was done. Linux: kernel/fork.c copy_process
 *
 * The pidfd is opened after the descriptor table was copied: a child that does not share the table
 * does not have it.
 */
export function cloneTask(parent: Task, request: CloneRequest): Result<Cloned> {
  const { machine } = parent;
  const { flags, highFlags = 0, setTid = [] } = request;
  const refusal = checkFlags(parent, request) ?? checkNamespaces(parent, flags, highFlags);
  if (refusal !== undefined) return refusal;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const namespace = namespaceOfChild(parent, flags);
  if (!namespace.ok) return namespace;
  if (machine.recorded && namespace.value.level > 0 && !namespace.value.closed)
    askWhetherClosed(parent, namespace.value);
  const numberless =
    checkSetTid(parent, namespace.value, setTid) ??
    machine.processes.mayAllocate(namespace.value, setTid.length);
  if (numberless !== undefined) return numberless;
  const noFile = parent.limits.soft("RLIMIT_NOFILE");
  const full = has(CLONE.CLONE_PIDFD) ? parent.files.mayOpen(noFile) : undefined;
  if (full !== undefined) return full;

  const promised = has(CLONE.CLONE_VM) ? undefined : mayCopy(parent);
  if (promised !== undefined) return promised;

  const isThread = has(CLONE.CLONE_THREAD);
  const { group } = parent.thread;
  let objection: Refusal | undefined;
  const payload = (pid: Task["pid"]): Task => {
    const subject = forkSubject(machine.access, parent.subject, {
      pid: pid.number,
      isThread,
      sharesMemory: has(CLONE.CLONE_VM),
      newUserNamespace: has(CLONE.CLONE_NEWUSER),
      ...(has(CLONE.CLONE_PARENT) && parent.subject.parent !== undefined
        ? { parent: parent.subject.parent }
        : {}),
    });
    if (!subject.ok) objection = subject;
    if (subject.ok && machine.recorded && has(CLONE.CLONE_NEWUSER))
      subject.value.idMapUnstated = true;
    // The child's user namespace, which was made for it just now, owns its pid namespace.
    if (subject.ok && has(CLONE.CLONE_NEWUSER) && has(CLONE.CLONE_NEWPID))
      namespace.value.owner = subject.value.credentials.userNamespace;
    const child = copyTask(parent, pid, subject.ok ? subject.value : parent.subject, flags);
    if ((highFlags & HIGH.CLONE_NNP) !== 0) child.subject.noNewPrivs = true;
    return child;
  };
  const toldIn = parent.pid.namespace;
  const numbers = setTid.length === 0 ? { toldIn } : { numbers: setTid, toldIn };
  const thread = isThread
    ? machine.processes.addThread(group, payload, numbers)
    : machine.processes.spawn(payload, {
        ...parentOf(parent, flags),
        exitSignal: has(CLONE.CLONE_PARENT) ? group.exitSignal : request.exitSignal,
        autoReap: (highFlags & HIGH.CLONE_AUTOREAP) !== 0,
        namespace: namespace.value,
        ...numbers,
      });
  if (objection !== undefined) return objection;
  const task = thread.payload;
  if (!has(CLONE.CLONE_PIDFD)) return success({ task, pidfd: undefined });
  const file = new Pidfd<Task>(task.pid, { threadOnly: isThread });
  const opened = parent.files.open(file, true, noFile);
  return opened.ok ? success({ task, pidfd: opened.value }) : opened;
}

function mayCopy(parent: Task): Refusal | undefined {
  const may = parent.mm?.mayFork(parent.actor);
  return may === undefined || may.ok ? undefined : may;
}

/** Where the child gets its numbers. Linux: kernel/nsproxy.c create_new_namespaces */
function namespaceOfChild(parent: Task, flags: number): Result<PidNamespace<Task>> {
  if ((flags & CLONE.CLONE_NEWPID) === 0) return success(namespaceForChildren(parent));
  return newPidNamespace(parent, parent.subject.credentials.userNamespace);
}

/** The first process may have ended before the record says so: then nobody is made any more. */
function askWhetherClosed({ machine }: Task, namespace: PidNamespace<Task>): void {
  const { choices, journal } = machine.ports;
  const isClosed = choices.choose<boolean>({
    id: "pid/namespace-closed",
    usual: false,
    allows: () => true,
    describe: () => "whether the first process of the pid namespace has ended",
    alternatives: [false, true],
  });
  if (!isClosed) return;
  journal.save(namespace, "closed");
  namespace.closed = true;
}

function checkNamespaces(parent: Task, flags: number, highFlags: number): Refusal | undefined {
  const isAsked = (flags & NAMESPACES) !== 0 || (highFlags & HIGH.CLONE_EMPTY_MNTNS) !== 0;
  if (!isAsked || (flags & CLONE.CLONE_NEWUSER) !== 0) return undefined;
  const { access, ports } = parent.machine;
  const { userNamespace } = parent.subject.credentials;
  const allowed = access.capable(parent.subject, "CAP_SYS_ADMIN", userNamespace);
  if (allowed.ok) return undefined;
  return reasons.refuseBecause(ports.checks, "clone/namespace-not-permitted", allowed);
}

/** The parent of a new process: the caller, or with CLONE_PARENT the caller's own. */
function parentOf(
  task: Task,
  flags: number,
): { parent?: ThreadGroup<Task>; creator?: Task["thread"] } {
  const { group } = task.thread;
  const isSibling = (flags & CLONE.CLONE_PARENT) !== 0;
  const parent = isSibling ? group.parent : group;
  const creator = isSibling ? group.creator : task.thread;
  return {
    ...(parent === undefined ? {} : { parent }),
    ...(creator === undefined ? {} : { creator }),
  };
}

function copyTask(parent: Task, pid: Task["pid"], subject: Subject, flags: number): Task {
  const { machine, files, limits, name } = parent;
  const { journal } = machine.ports;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const sharesMemory = has(CLONE.CLONE_VM);
  const mm = sharesMemory ? parent.space : parent.space.fork();
  if (sharesMemory) {
    journal.save(mm, "users");
    mm.users++;
  }
  const sharesFiles = has(CLONE.CLONE_FILES);
  if (sharesFiles) {
    journal.save(files, "users");
    files.users++;
  }
  const task = new Task({
    machine,
    pid,
    mm,
    subject,
    name,
    files: sharesFiles ? files : files.copy(),
    limits: has(CLONE.CLONE_THREAD) ? limits : limits.copy(),
    ipc: has(CLONE.CLONE_NEWIPC)
      ? new SegmentNamespace(subject.credentials.userNamespace)
      : parent.ipc,
    namespaceOwners: withOwners(
      parent.namespaceOwners,
      flags & ~0xff,
      () => subject.credentials.userNamespace,
    ),
    ...(has(CLONE.CLONE_SIGHAND) ? { handlers: parent.handlers } : {}),
  });
  // Who shares memory stays behind, and leaves as its maker does. Linux: kernel/nsproxy.c
  // copy_namespaces 6.2
  if (sharesMemory) task.childrenLeaveTime = parent.childrenLeaveTime;
  task.abi = parent.abi;
  task.keyRights = parent.keyRights;
  task.policy = parent.policy;
  return task;
}
