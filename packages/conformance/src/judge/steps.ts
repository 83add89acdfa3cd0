import type { CallEvent } from "@kadvise/strace";
import type { Task } from "@kadvise/syscalls";
import { MADV } from "@kadvise/uapi";
import { plainName } from "./scope.ts";
import { numberOf, vectorRanges } from "./touch.ts";

/** Advice that drops the lock while it works. Linux: mm/madvise.c */
const DROPS_LOCK: ReadonlySet<number> = new Set([
  ...[MADV.MADV_WILLNEED, MADV.MADV_REMOVE, MADV.MADV_COLLAPSE, MADV.MADV_GUARD_INSTALL],
  ...[MADV.MADV_POPULATE_READ, MADV.MADV_POPULATE_WRITE],
  ...[MADV.MADV_HWPOISON, MADV.MADV_SOFT_OFFLINE],
]);

/**
 * Advice that newer kernels give under the lock of each area. Linux: mm/madvise.c madvise_lock 6.17
 */
const LOCKS_AREAS: ReadonlySet<number> = new Set([
  ...[MADV.MADV_DONTNEED, MADV.MADV_DONTNEED_LOCKED, MADV.MADV_FREE, MADV.MADV_GUARD_REMOVE],
]);

/** Calls that look at memory in steps. Linux: __mm_populate behind mlock, mm/msync.c */
const IN_STEPS: ReadonlySet<string> = new Set(["mlock", "mlock2", "mlockall", "msync"]);

/**
 * Whether a call lets others in while it works: what it finds may then be partly old and partly
 * new. Up to 6.14 process_madvise takes the lock range by range. Linux: mm/madvise.c vector_madvise
 */
export function letsOthersIn(task: Task, event: CallEvent): boolean {
  const name = plainName(event.name);
  if (IN_STEPS.has(name)) return true;
  if (name === "madvise") return DROPS_LOCK.has(numberOf(event, 2) ?? -1);
  if (name !== "process_madvise") return false;
  const advice = numberOf(event, 3) ?? -1;
  if (DROPS_LOCK.has(advice)) return true;
  const { lock } = task.machine.profile.processMadvise;
  return (lock === "range" || LOCKS_AREAS.has(advice)) && vectorRanges(event).length > 1;
}

/** Calls that touch nothing that is shared, however long they take. */
const PRIVATE: ReadonlySet<string> = new Set([
  ...["clock_nanosleep", "epoll_pwait", "epoll_wait", "exit", "exit_group", "fstat", "futex"],
  ...["getpid", "gettid", "nanosleep", "pause", "poll", "ppoll", "pselect6", "read", "readv"],
  ...["recvfrom", "recvmsg", "rt_sigaction", "rt_sigprocmask", "rt_sigsuspend", "rt_sigtimedwait"],
  ...["sched_yield", "select", "sendmsg", "sendto", "write", "writev"],
]);

/** Whether a call under way can matter to others: asked before its arguments are known. */
export function mayMatter(name: string): boolean {
  return !PRIVATE.has(name);
}
