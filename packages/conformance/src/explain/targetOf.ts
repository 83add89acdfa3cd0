import { Pidfd, taskOf } from "@kadvise/pidfd";
import { Unknown } from "@kadvise/ports";
import type { DecodedArgument, Task } from "@kadvise/syscalls";

/** The task that a pidfd argument names, as far as it is known. */
export function targetOf(task: Task, argument: DecodedArgument | undefined): Task | undefined {
  if (typeof argument !== "number" && typeof argument !== "bigint") return undefined;
  const number = Number(BigInt.asIntN(32, BigInt(argument)));
  const { selfThread, selfGroup, lookup } = task.machine.profile.pidfd;
  if (number < 0) return number === selfThread || number === selfGroup ? task : undefined;
  try {
    return task.machine.ports.journal.attempt(() => {
      const file = task.files.get(number)?.file;
      return file instanceof Pidfd ? taskOf(file.pid, lookup)?.payload : undefined;
    });
  } catch (error) {
    // What a descriptor names that was open before anybody watched, nobody knows.
    if (error instanceof Unknown) return undefined;
    throw error;
  }
}
