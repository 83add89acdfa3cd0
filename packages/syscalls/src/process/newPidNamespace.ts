import { MOST_LEVELS, PidNamespace } from "@kadvise/pidfd";
import { initialUserNamespace, UserNamespace } from "@kadvise/security";
import { Reasons, type Result, success } from "@kadvise/uapi";
import type { Task } from "../task.ts";

const entries = {
  "pid_namespace/second": {
    errno: "EINVAL",
    text: "the caller's children are made in another pid namespace already",
    passes: "the caller's children are made in its own pid namespace",
    linux: "kernel/pid_namespace.c copy_pid_ns",
    since: "3.8",
    remedy: "fork first: the child may make a namespace within the new one",
  },
  "pid_namespace/not-below": {
    errno: "EINVAL",
    text: "the pid namespace around belongs to a user namespace that is not around the caller's",
    passes: "the pid namespace around belongs to a user namespace around the caller's",
    linux: "kernel/pid_namespace.c create_pid_namespace",
    since: "4.9",
    remedy: "make it from a process of the user namespace that owns the pid namespace",
  },
  "pid_namespace/too-deep": {
    errno: "ENOSPC",
    text: "pid namespaces nest 32 deep and no deeper",
    passes: "the pid namespace around is less than 32 deep",
    linux: "kernel/pid_namespace.c create_pid_namespace",
    since: "3.7",
    remedy: "make it further outside",
    compares: ["level"],
  },
} as const;

/** The reasons for which there is no new pid namespace. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The pid namespace that a task's children are made in. Linux: nsproxy->pid_ns_for_children */
export function namespaceForChildren({ childNamespace, pid }: Task): PidNamespace<Task> {
  return childNamespace ?? pid.namespace;
}

/** The user namespace that owns a pid namespace. */
export function ownerOf({ owner }: PidNamespace<Task>): UserNamespace {
  return owner instanceof UserNamespace ? owner : initialUserNamespace;
}

/**
 * CLONE_NEWPID: a pid namespace within the caller's, for children and not for the caller itself.
 * `owner` is the user namespace of whoever will be in it. Linux: kernel/pid_namespace.c copy_pid_ns
 */
export function newPidNamespace(task: Task, owner: UserNamespace): Result<PidNamespace<Task>> {
  const { checks } = task.machine.ports;
  const around = task.pid.namespace;
  if (namespaceForChildren(task) !== around) return reasons.refuse(checks, "pid_namespace/second");
  reasons.passed(checks, "pid_namespace/second");
  let walker: UserNamespace | undefined = owner;
  while (walker !== undefined && walker !== ownerOf(around)) walker = walker.parent;
  if (walker === undefined) return reasons.refuse(checks, "pid_namespace/not-below");
  reasons.passed(checks, "pid_namespace/not-below");
  if (around.level >= MOST_LEVELS)
    return reasons.refuse(checks, "pid_namespace/too-deep", around.level);
  reasons.passed(checks, "pid_namespace/too-deep", around.level);
  return success(new PidNamespace<Task>(around, { owner }));
}
