import type { Journal } from "@kadvise/ports";
import type { ThreadGroup } from "./threadGroup.ts";

/**
 * Who gets the children of a process that ends: the nearest living ancestor in its namespace that
 * asked for orphans, else the namespace's first process. Undefined for the initial namespace's,
 * which is not known; and where a nearer ancestor may have asked before anybody watched: then each
 * that may have got them is marked.
 *
 * Linux: kernel/exit.c find_new_reaper
 */
export function newReaper<T>(group: ThreadGroup<T>, journal: Journal): ThreadGroup<T> | undefined {
  const reaper = subreaperOf(group) ?? initOf(group);
  if (group.children.length === 0) return reaper;
  let isDoubtful = false;
  let ancestor = group.parent;
  for (; ancestor !== undefined && ancestor !== reaper; ancestor = ancestor.parent) {
    if (!ancestor.subreaperUnstated || !isLiving(ancestor)) continue;
    isDoubtful = true;
    leaveOrphansOpen(ancestor, journal);
  }
  if (!isDoubtful) return reaper;
  if (reaper !== undefined) leaveOrphansOpen(reaper, journal);
  return undefined;
}

/** Whether a process lives, and is not merely waiting for the others of its namespace to end. */
export function isLiving<T>({ state, awaitsNamespace }: ThreadGroup<T>): boolean {
  return state === "alive" && !awaitsNamespace;
}

function subreaperOf<T>(group: ThreadGroup<T>): ThreadGroup<T> | undefined {
  const { level } = group.pid.namespace;
  let ancestor = group.parent;
  while (ancestor !== undefined && ancestor.pid.namespace.level === level) {
    if (ancestor.isSubreaper && isLiving(ancestor)) return ancestor;
    ancestor = ancestor.parent;
  }
  return undefined;
}

function initOf<T>(group: ThreadGroup<T>): ThreadGroup<T> | undefined {
  const { init } = group.pid.namespace;
  return init === group ? undefined : init;
}

function leaveOrphansOpen<T>(group: ThreadGroup<T>, journal: Journal): void {
  journal.save(group, "mayHaveOrphans");
  group.mayHaveOrphans = true;
}
