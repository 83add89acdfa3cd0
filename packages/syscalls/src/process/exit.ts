import type { ExitStatus, ThreadGroup } from "@kadvise/pidfd";
import { reparentSubject } from "@kadvise/security";
import { _NSIG } from "@kadvise/uapi";
import { NEVER_RETURNS, type SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { endedByDump } from "./coreDump.ts";
import { HARMLESS } from "./harmlessSignals.ts";
import { leaveMemory } from "./leaveMemory.ts";

/** exit(2): the calling thread ends. Linux: kernel/exit.c do_exit */
export const exit: SystemCall = {
  name: "exit",
  parameters: [parameter("status", "int")],
  returns: "nothing",
  run(task, registers) {
    exitTask(task, { code: registers.int(0) & 0xff, signal: 0, coreDumped: false });
    return NEVER_RETURNS;
  },
};

/** exit_group(2): all threads of the process end. Linux: kernel/exit.c do_group_exit */
export const exitGroup: SystemCall = {
  name: "exit_group",
  parameters: [parameter("status", "int")],
  returns: "nothing",
  run(task, registers) {
    exitProcess(task, { code: registers.int(0) & 0xff, signal: 0, coreDumped: false });
    return NEVER_RETURNS;
  },
};

/** One task ends. */
export function exitTask(task: Task, status: ExitStatus): void {
  const { thread } = task;
  const { children } = thread.group;
  leaveMemory(task);
  const isLast = thread.group.threads.every((other) => other === thread || !other.alive);
  if (isLast) leaveWith(thread.group);
  task.machine.processes.exitThread(thread, status);
  if (thread.group.state === "alive") return;
  handOver(children);
  signalParent(thread.group);
}

/** A whole process ends: exit_group, or a fatal signal. */
export function exitProcess(task: Task, status: ExitStatus): void {
  const { group } = task.thread;
  leaveAll(group);
  leaveWith(group);
  const { children } = group;
  task.machine.processes.exitGroup(group, status);
  handOver(children);
  if (group.state !== "alive") signalParent(group);
}

/**
 * A signal ends a process, and whoever a core dump takes along: they show the same status. Linux:
 * kernel/signal.c get_signal
 */
export function endBySignal(task: Task, signal: number): void {
  const status: ExitStatus = { code: 0, signal, coreDumped: false };
  const others = endedByDump(task, signal);
  for (const { threads } of others) exitProcess(threads[0].payload, status);
  exitProcess(task, status);
}

/**
 * The parent gets the signal that clone was told. Where nobody handles it, one that is fatal ends
 * it; of a recorded program the record tells. Linux: kernel/signal.c do_notify_parent
 */
function signalParent({ parent, exitSignal, autoReap }: ThreadGroup<Task>): void {
  const task = parent?.leader?.payload;
  const isFatal = !HARMLESS.has(exitSignal) && exitSignal <= _NSIG && !autoReap;
  if (task === undefined || !isFatal || task.machine.recorded || parent?.state !== "alive") return;
  if (parent.pid.namespace.init === parent) return;
  endBySignal(task, exitSignal);
}

function leaveAll({ threads }: ThreadGroup<Task>): void {
  for (const { alive, payload } of threads) if (alive) leaveMemory(payload);
}

/** Whoever is killed because the first process of its pid namespace ends. */
function leaveWith(group: ThreadGroup<Task>): void {
  for (const { payload } of group.threads.slice(0, 1))
    for (const other of payload.machine.processes.diesWith(group)) leaveAll(other);
}

/** Orphans have another ancestry from now on: Yama asks for it. */
function handOver(children: readonly ThreadGroup<Task>[]): void {
  for (const { threads, parent } of children) {
    const heir = parent?.leader?.payload.subject;
    for (const { payload } of threads)
      reparentSubject(payload.machine.access, payload.subject, heir);
  }
}
