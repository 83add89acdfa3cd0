import type { Thread } from "@kadvise/pidfd";
import type { PtraceMode } from "@kadvise/security";
import type { Result } from "@kadvise/uapi";
import type { Task } from "./task.ts";

/**
 * Whether a caller may look into another task, or take hold of it: what every call asks that
 * reaches for somebody else's memory, descriptors or namespaces, and answers in its own words.
 *
 * Linux: kernel/ptrace.c ptrace_may_access
 */
export function ptraceMayAccess(
  caller: Task,
  target: Thread<Task>,
  mode: PtraceMode,
): Result<undefined> {
  const { access, work } = caller.machine;
  work.accessChecks++;
  return access.ptraceAccess({ caller: caller.subject, target: target.payload.subject, mode });
}
