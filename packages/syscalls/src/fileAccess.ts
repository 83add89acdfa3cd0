import { idIs } from "@kadvise/security";
import type { Task } from "./task.ts";

/** Whether a file's owner is the task's fsuid. */
export function fsIdIs(task: Task, owner: number): boolean {
  return idIs(task.machine.ports, task.subject.credentials, "fsuid", owner);
}

/**
 * Whether a file's group is the task's fsgid or one of its supplementary groups. Linux:
 * kernel/groups.c in_group_p
 */
export function inFsGroup(task: Task, group: number): boolean {
  const { credentials } = task.subject;
  return (
    idIs(task.machine.ports, credentials, "fsgid", group) || credentials.groups.includes(group)
  );
}
