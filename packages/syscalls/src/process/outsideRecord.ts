import type { Task } from "../task.ts";

/** Who is meant by a number that no process of a record has. */
export type Outsider = "nobody" | "takes" | "refuses";

/**
 * A recorded machine has more processes than the record shows: whether one has a number, and lets
 * itself be signalled, only the call tells. Nobody else has one where nothing is recorded.
 */
export function askForOutsider({ machine, pid }: Task, number: number): Outsider {
  if (!machine.recorded || number <= 0) return "nobody";
  return machine.ports.choices.choose<Outsider>({
    id: "kill/unstated-process",
    usual: "nobody",
    allows: () => true,
    describe: () =>
      `whether a process ${number} exists outside the record, which ${pid.number} may signal`,
    alternatives: ["nobody", "takes", "refuses"],
  });
}
