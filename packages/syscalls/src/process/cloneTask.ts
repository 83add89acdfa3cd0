import { Pidfd, type ThreadGroup } from "@kadvise/pidfd";
import { forkSubject, type Subject } from "@kadvise/security";
import { CLONE, Reasons, type Refusal, type Result, success } from "@kadvise/uapi";
import { Task } from "../task.ts";

const entries = {
  "clone/flags-conflict": {
    errno: "EINVAL",
    text: "two of the flags exclude or require each other",
    linux: "kernel/fork.c copy_process",
    since: "2.6",
    remedy:
      "CLONE_THREAD needs CLONE_SIGHAND, which needs CLONE_VM; a new namespace cannot share what it replaces",
    compares: ["flags", "conflict"],
  },
  "clone/namespace-not-permitted": {
    errno: "EPERM",
    text: "a new namespace needs CAP_SYS_ADMIN",
    linux: "kernel/nsproxy.c copy_namespaces",
    since: "2.6.24",
    remedy: "gain CAP_SYS_ADMIN, or add CLONE_NEWUSER",
  },
} as const;

/** The reasons of clone, clone3, fork and vfork. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** What all four calls boil down to. Linux: struct kernel_clone_args */
export interface CloneRequest {
  /** CLONE_* bits without the exit signal. */
  readonly flags: number;
  readonly exitSignal: number;
  /** clone3 asked: the rules for CLONE_PIDFD and CLONE_DETACHED differ. */
  readonly isClone3: boolean;
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
 * Makes a task: who shares what with whom is decided here. Linux: kernel/fork.c copy_process
 *
 * The pidfd is opened after the descriptor table was copied: a child that does not share the table
 * does not have it.
 */
export function cloneTask(parent: Task, request: CloneRequest): Result<Cloned> {
  const { machine } = parent;
  const { flags } = request;
  const conflict = checkFlags(parent, request);
  if (conflict !== undefined) return conflict;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  if (has(CLONE.CLONE_PIDFD)) {
    const refusal = parent.files.mayOpen(parent.limits.soft("RLIMIT_NOFILE"));
    if (refusal !== undefined) return refusal;
  }
  if (has(NAMESPACES) && !has(CLONE.CLONE_NEWUSER)) {
    const allowed = machine.access.capable(
      parent.subject,
      "CAP_SYS_ADMIN",
      parent.subject.credentials.userNamespace,
    );
    if (!allowed.ok) {
      return reasons.refuseBecause(machine.ports.checks, "clone/namespace-not-permitted", allowed);
    }
  }

  const isThread = has(CLONE.CLONE_THREAD);
  const { group } = parent.thread;
  const { journal } = machine.ports;
  const mark = journal.begin();
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
    return copyTask(parent, pid, subject.ok ? subject.value : parent.subject, flags);
  };
  const thread = isThread
    ? machine.processes.addThread(group, payload)
    : machine.processes.spawn(payload, {
        ...parentOf(group, flags),
        exitSignal: has(CLONE.CLONE_PARENT) ? group.exitSignal : request.exitSignal,
      });
  if (objection !== undefined) {
    journal.undo(mark);
    return objection;
  }
  journal.keep(mark);
  const task = thread.payload;
  if (!has(CLONE.CLONE_PIDFD)) return success({ task, pidfd: undefined });
  const opened = parent.files.open(
    new Pidfd<Task>(task.pid, { threadOnly: isThread }),
    true,
    parent.limits.soft("RLIMIT_NOFILE"),
  );
  return opened.ok ? success({ task, pidfd: opened.value }) : opened;
}

/** The parent of a new process: the caller, or with CLONE_PARENT the caller's own. */
function parentOf(group: ThreadGroup<Task>, flags: number): { parent?: ThreadGroup<Task> } {
  const parent = (flags & CLONE.CLONE_PARENT) !== 0 ? group.parent : group;
  return parent === undefined ? {} : { parent };
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
  });
  task.abi = parent.abi;
  return task;
}

function checkFlags(parent: Task, request: CloneRequest): Refusal | undefined {
  const { machine } = parent;
  const { flags } = request;
  const { threads } = machine.profile.pidfd;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const refuse = (conflict: string): Refusal =>
    reasons.refuse(
      machine.ports.checks,
      "clone/flags-conflict",
      `0x${(flags >>> 0).toString(16)}`,
      conflict,
    );
  if (has(CLONE.CLONE_NEWNS) && has(CLONE.CLONE_FS)) return refuse("CLONE_NEWNS with CLONE_FS");
  if (has(CLONE.CLONE_NEWUSER) && has(CLONE.CLONE_FS)) return refuse("CLONE_NEWUSER with CLONE_FS");
  if (has(CLONE.CLONE_THREAD) && !has(CLONE.CLONE_SIGHAND))
    return refuse("CLONE_THREAD without CLONE_SIGHAND");
  if (has(CLONE.CLONE_SIGHAND) && !has(CLONE.CLONE_VM))
    return refuse("CLONE_SIGHAND without CLONE_VM");
  if (has(CLONE.CLONE_THREAD) && has(CLONE.CLONE_NEWUSER | CLONE.CLONE_NEWPID)) {
    return refuse("CLONE_THREAD with a new user or pid namespace");
  }
  if (has(CLONE.CLONE_PIDFD)) {
    if (has(CLONE.CLONE_DETACHED)) return refuse("CLONE_PIDFD with CLONE_DETACHED");
    if (has(CLONE.CLONE_THREAD) && !threads) return refuse("CLONE_PIDFD with CLONE_THREAD");
  }
  return undefined;
}
