import type { Thread } from "@kadvise/pidfd";
import { Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { resolveTarget } from "../resolveTarget.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "process_mrelease/flags": {
    errno: "EINVAL",
    text: "flags must be 0: none is defined",
    passes: "the flags are 0",
    linux: "mm/oom_kill.c process_mrelease",
    since: "5.15",
    remedy: "pass 0: there are no flags",
    compares: ["flags"],
  },
  "process_mrelease/no-memory": {
    errno: "ESRCH",
    text: "no thread of the process has memory: a zombie, or a kernel thread",
    passes: "a thread of the process has memory",
    linux: "mm/oom_kill.c process_mrelease",
    since: "5.15",
    remedy: "nothing is left to release",
    compares: ["pid"],
  },
  "process_mrelease/not-dying": {
    errno: "EINVAL",
    text: "the process was not killed, so its memory is still wanted",
    passes: "the process was killed",
    linux: "mm/oom_kill.c process_mrelease",
    since: "5.15",
    remedy: "send it SIGKILL first",
    compares: ["pid"],
  },
} as const;

/** process_mrelease's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * process_mrelease(2): takes the memory of a process that was killed, before it gets to it itself.
 * No permission is asked: who may kill it was asked before. Since 5.15.
 *
 * Linux: mm/oom_kill.c process_mrelease, task_will_free_mem
 */
export const processMrelease: SystemCall = {
  name: "process_mrelease",
  parameters: [parameter("pidfd", "fd"), parameter("flags", "uint")],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const flags = registers.low(1);
    if (flags !== 0) return reasons.refuse(checks, "process_mrelease/flags", flags);
    reasons.passed(checks, "process_mrelease/flags", flags);
    const target = resolveTarget(task, registers.int(0));
    if ("ok" in target) return target;
    const { number } = target.pid;
    if (task.machine.recorded) askWhetherDying(task, number);
    if (!target.group.threads.some(hasMemory))
      return reasons.refuse(checks, "process_mrelease/no-memory", number);
    reasons.passed(checks, "process_mrelease/no-memory", number);
    if (!target.group.dying) return reasons.refuse(checks, "process_mrelease/not-dying", number);
    reasons.passed(checks, "process_mrelease/not-dying", number);
    return success(0);
  },
};

function hasMemory({ alive, payload }: Thread<Task>): boolean {
  return alive && payload.mm !== undefined;
}

/** How far the end of a process has come, a record does not show. */
function askWhetherDying({ machine }: Task, number: number): void {
  machine.ports.choices.choose<never>({
    id: "process_mrelease/dying",
    usual: undefined as never,
    allows: () => false,
    describe: () => `how far the end of process ${number} has come`,
  });
}
