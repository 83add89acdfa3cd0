import type { ExitStatus, ThreadGroup } from "@kadvise/pidfd";
import type { Task } from "../task.ts";
import { exitProcess } from "./exit.ts";

/** Where a wait tells how a child ended. */
export interface ShownEnd {
  /** The parameter that the call writes. */
  readonly output: string;
  fromOutput(bytes: Uint8Array): ExitStatus;
}

const PLAIN: ExitStatus = { code: 0, signal: 0, coreDumped: false };

/**
 * Lets a child that a wait found have ended, if the record did not show that: it follows the parent
 * alone. How it ended, the wait itself tells.
 */
export function settleEnd(task: Task, child: ThreadGroup<Task>, shown: ShownEnd): void {
  if (!child.isUnwatched || child.state !== "alive") return;
  const { choices } = task.machine.ports;
  const status = choices.choose<ExitStatus>({
    id: "wait/unwatched-status",
    usual: PLAIN,
    allows: () => true,
    describe: () => `how process ${child.pid.number} ended`,
    output: shown.output,
    fromOutput: (bytes) => shown.fromOutput(bytes),
  });
  const { leader } = child;
  if (leader !== undefined) exitProcess(leader.payload, status);
}
