import { success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "./accessDecision.ts";
import { cloneIntoUserNamespace } from "./calls/userNamespace.ts";
import { Subject, savedBit } from "./subject.ts";

/** How a task is made, as far as security cares. */
export interface ForkOptions {
  readonly pid: number;
  /** CLONE_THREAD: the child joins its creator's thread group. */
  readonly isThread?: boolean;
  /** CLONE_VM: the child shares the creator's memory, and so its dumpable state. */
  readonly sharesMemory?: boolean;
  /**
   * The child's real parent, where it is not the creator (CLONE_PARENT, or a thread's own parent).
   */
  readonly parent?: Subject;
  /** CLONE_NEWUSER: the child starts in a user namespace of its own. */
  readonly newUserNamespace?: boolean;
}

/**
 * A new task: same credentials, labels and no_new_privs; a dumpable state of its own unless it
 * shares the memory; no tracer. Policies may refuse it.
 *
 * Refusals: those of {@link cloneIntoUserNamespace}, and whatever a policy answers. Linux:
 * `copy_process`, kernel/fork.c; `security_task_alloc`.
 */
export function forkSubject(
  access: AccessDecision,
  creator: Subject,
  options: ForkOptions,
): Result<Subject> {
  const { isThread = false, sharesMemory = isThread } = options;
  const child = new Subject({
    pid: options.pid,
    group: isThread ? creator.group : options.pid,
    credentials: creator.credentials,
    exec: sharesMemory ? creator.exec : creator.exec.copy(),
    noNewPrivs: creator.noNewPrivs,
    labels: creator.labels,
  });
  child.parent = options.parent ?? (isThread ? creator.parent : creator);
  child.isChrooted = creator.isChrooted;
  child.idMapUnstated = creator.idMapUnstated;
  if (options.newUserNamespace === true) {
    const made = cloneIntoUserNamespace(access, creator, child);
    if (!made.ok) return made;
  }
  const answer = access.fork({ parent: creator, child });
  return answer.ok ? success(child) : answer;
}

/**
 * A task gives its memory up: it exits, and is a zombie until it is released. Whether it was
 * dumpable is saved for those kernels that ask a zombie.
 *
 * Linux: exit_mm, kernel/exit.c
 */
export function exitSubject(access: AccessDecision, subject: Subject): void {
  const { journal } = access.ports;
  journal.save(subject, "wasDumpable");
  journal.save(subject, "hasMemory");
  journal.save(subject, "hasExited");
  if (subject.hasMemory) subject.wasDumpable = savedBit(subject.exec);
  subject.hasMemory = false;
  subject.hasExited = true;
}

/**
 * A task is gone: nobody has its number any more, and policies forget it. Linux: security_task_free
 */
export function releaseSubject(access: AccessDecision, subject: Subject): void {
  access.exit(subject);
}

/**
 * A task's real parent has died: it has another now, or init. Linux: reparent_leader, kernel/exit.c
 */
export function reparentSubject(
  access: AccessDecision,
  subject: Subject,
  parent: Subject | undefined,
): void {
  access.ports.journal.save(subject, "parent");
  subject.parent = parent;
}
