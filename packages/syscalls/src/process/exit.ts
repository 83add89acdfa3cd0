import type { ExitStatus } from "@kadvise/pidfd";
import { NEVER_RETURNS, type SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
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
  leaveMemory(task);
  task.machine.processes.exitThread(thread, status);
}

/** A whole process ends: exit_group, or a fatal signal. */
export function exitProcess(task: Task, status: ExitStatus): void {
  const { group } = task.thread;
  for (const thread of group.threads) if (thread.alive) leaveMemory(thread.payload);
  task.machine.processes.exitGroup(group, status);
}
