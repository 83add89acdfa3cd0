import type { Pid, Thread, WaitFor } from "@kadvise/pidfd";
import type { Task } from "../task.ts";
import { findPid } from "./numbering.ts";

/**
 * The leaders of the processes of a group, zombies included; the caller's comes last: it goes on
 * until the call returns. Linux: include/linux/pid.h do_each_pid_task, PIDTYPE_PGID
 */
export function membersOf(
  { machine, thread: own }: Task,
  group: Pid<Task>,
): readonly Thread<Task>[] {
  const members = leaders(machine).filter((leader) => leader.group.processGroup === group);
  const isOwn = (leader: Thread<Task>): boolean => leader.group === own.group;
  return [...members.filter((member) => !isOwn(member)), ...members.filter(isOwn)];
}

/** Every process, by its leader. */
export function leaders({ processes }: Task["machine"]): readonly Thread<Task>[] {
  return [...processes.pids.values()].flatMap(({ thread }) =>
    thread?.isLeader === true ? [thread] : [],
  );
}

/** Whether a number is that of a process group or session in which somebody is. */
export function namesGroup({ machine, pid: { namespace } }: Task, number: number): boolean {
  return leaders(machine).some(({ group: { processGroup, session } }) =>
    [processGroup, session].some((pid) => pid?.numberIn(namespace) === number),
  );
}

/**
 * The children of a process group, by its number; 0 is the caller's. A record does not tell who is
 * in it. Linux: kernel/exit.c kernel_wait4, eligible_pid
 */
export function childrenOf(
  task: Task,
  number: number,
): Pick<WaitFor<Task>, "processGroup" | "ofGroup" | "isGone"> {
  if (task.machine.recorded)
    return { ofGroup: number === 0 ? "the caller's process group" : `process group ${number}` };
  const group = number === 0 ? task.thread.group.processGroup : findPid(task, number);
  return group === undefined ? { isGone: true } : { processGroup: group };
}
