import type { ThreadGroup } from "@kadvise/pidfd";
import { readDumpable } from "@kadvise/security";
import { SIG } from "@kadvise/uapi";
import type { Task } from "../task.ts";

/** Signals that dump core where nobody handles them. Linux: include/linux/signal.h */
const DUMPING: ReadonlySet<number> = new Set([
  ...[SIG.SIGQUIT, SIG.SIGILL, SIG.SIGTRAP, SIG.SIGABRT, SIG.SIGFPE, SIG.SIGSEGV, SIG.SIGBUS],
  ...[SIG.SIGSYS, SIG.SIGXCPU, SIG.SIGXFSZ],
]);

/**
 * Other processes that a fatal signal ends with the one that gets it. Up to 5.15 whoever dumps core
 * takes along all who share the memory, by vfork for one: nobody was to change it meanwhile. Whether
 * a file is written does not matter, only whether the process is dumpable.
 *
 * Linux: fs/coredump.c do_coredump, zap_threads, 5.15
 */
export function endedByDump(task: Task, signal: number): readonly ThreadGroup<Task>[] {
  const { mm, machine, subject } = task;
  if (!machine.profile.pidfd.coreDumpEndsSharers || !DUMPING.has(signal) || mm === undefined)
    return [];
  if (readDumpable(machine.ports, subject.exec) === 0) return [];
  const own = task.thread.group;
  const sharing = new Set<ThreadGroup<Task>>();
  for (const { thread } of machine.processes.pids.values())
    if (thread?.alive === true && thread.group !== own && thread.payload.mm === mm)
      sharing.add(thread.group);
  return [...sharing];
}
