import type { EarlierChild, ExitStatus, ThreadGroup } from "@kadvise/pidfd";
import type { Task } from "../task.ts";
import { exitProcess } from "./exit.ts";

/** What a wait wrote of a child that has not ended: it was stopped, or goes on. */
export interface Stop {
  readonly word: number;
}

/** Where a wait tells how a child ended. */
export interface ShownEnd<S extends ExitStatus | Stop = ExitStatus> {
  /** The parameter that the call writes. */
  readonly output: string;
  fromOutput(bytes: Uint8Array): S;
}

const PLAIN: ExitStatus = { code: 0, signal: 0, coreDumped: false };

/**
 * How a child ended that a wait found. If the record follows the parent alone, the wait itself tells,
 * and the child has ended only now. Or it was stopped: whoever traces a child is told of that
 * without asking. Linux: kernel/exit.c wait_task_stopped
 */
export function endOf<S extends ExitStatus | Stop = ExitStatus>(
  task: Task,
  child: ThreadGroup<Task> | EarlierChild,
  shown: ShownEnd<S>,
): ExitStatus | S | undefined {
  if ("earlier" in child) return askForEnd(task, child.earlier, shown);
  if (!child.isUnwatched || child.state !== "alive") return child.exitStatus;
  const status = askForEnd(task, child.pid.number, shown);
  if ("word" in status) return status;
  const { leader, parent } = child;
  // Whose children it leaves, nobody saw. Linux: kernel/exit.c find_new_reaper
  if (parent?.isSubreaper === true && !parent.mayHaveOrphans) {
    task.machine.ports.journal.save(parent, "mayHaveOrphans");
    parent.mayHaveOrphans = true;
  }
  if (leader !== undefined) exitProcess(leader.payload, status);
  return child.exitStatus;
}

function askForEnd<S extends ExitStatus | Stop>(
  { machine }: Task,
  number: number,
  shown: ShownEnd<S>,
): ExitStatus | S {
  return machine.ports.choices.choose<ExitStatus | S>({
    id: "wait/unwatched-status",
    usual: PLAIN,
    allows: () => true,
    describe: () => `how process ${number} ended`,
    output: shown.output,
    fromOutput: (bytes) => shown.fromOutput(bytes),
  });
}
