import type { Pid } from "@kadvise/pidfd";
import type { Question } from "@kadvise/ports";
import type { Task } from "../task.ts";

/**
 * Who has a number in the caller's pid namespace. Of a recorded namespace below the initial one
 * nobody says who has which. Linux: kernel/pid.c find_vpid
 */
export function findPid(task: Task, number: number): Pid<Task> | undefined {
  const { machine, pid } = task;
  if (machine.recorded && pid.namespace.level > 0) askNumbers(task, `who has the number ${number}`);
  return machine.processes.find(number, pid.namespace);
}

/** The number of somebody in the caller's pid namespace; 0 where he has none. Linux: pid_vnr */
export function numberFor(
  { machine, pid: { namespace } }: Task,
  pid: Pid<Task>,
  shown: Pick<Question<number>, "fromResult" | "output" | "fromOutput"> = RETURNED,
): number {
  if (!machine.recorded || namespace.level === 0) return pid.numberIn(namespace);
  return machine.ports.choices.choose<number>({
    id: "pid/number-within",
    usual: pid.numberIn(namespace),
    allows: (answer) => Number.isInteger(answer) && answer >= 0,
    describe: () => `the number of process ${pid.number} in its caller's pid namespace`,
    ...shown,
  });
}

/** The call returns it. */
const RETURNED = { fromResult: (value: number): number => value };

/** Of a recorded pid namespace nobody says who has which number: what hangs on it is open. */
export function requireNumbers(task: Task): void {
  const { machine, pid } = task;
  if (machine.recorded && pid.namespace.level > 0) askNumbers(task, "who has which number");
}

function askNumbers({ machine }: Task, what: string): void {
  machine.ports.choices.choose<never>({
    id: "pid/numbers-within",
    usual: undefined as never,
    allows: () => false,
    describe: () => `${what} in a pid namespace`,
  });
}
