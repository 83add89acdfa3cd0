import type { Thread } from "@kadvise/pidfd";
import { KCMP, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { ptraceMayAccess } from "../ptraceAccess.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { findPid } from "./numbering.ts";

const entries = {
  "kcmp/no-process": {
    errno: "ESRCH",
    text: "one of the numbers is nobody's",
    passes: "both numbers are somebody's",
    linux: "kernel/kcmp.c kcmp",
    since: "3.5",
    remedy: "name living processes",
    compares: ["pid"],
  },
  "kcmp/denied": {
    errno: "EPERM",
    text: "the caller may not read one of the processes",
    passes: "the caller may read both processes",
    linux: "kernel/kcmp.c kcmp",
    since: "3.5",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["pid"],
  },
  "kcmp/type": {
    errno: "EINVAL",
    text: "nothing of this kind can be compared",
    linux: "kernel/kcmp.c kcmp",
    since: "3.5",
    remedy: "pass one of KCMP_*",
    compares: ["type"],
  },
  "kcmp/closed": {
    errno: "EBADF",
    text: "one of the descriptors is closed",
    linux: "kernel/kcmp.c kcmp",
    since: "3.5",
    remedy: "name open descriptors",
    compares: ["fd"],
  },
} as const;

/** kcmp's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * kcmp(2): whether two processes share a thing: 0 if they do, else 1 or 2 for an order that means
 * nothing. Since 3.5, with CONFIG_KCMP.
 *
 * Asks whether the caller may *read* both (PTRACE_MODE_READ_REALCREDS), before it looks what is
 * asked. Linux: kernel/kcmp.c kcmp
 */
export const kcmp: SystemCall = {
  name: "kcmp",
  parameters: [
    parameter("pid1", "pid"),
    parameter("pid2", "pid"),
    parameter("type", { names: KCMP }),
    parameter("idx1", "ulong"),
    parameter("idx2", "ulong"),
  ],
  run(task, registers): Outcome {
    const { checks } = task.machine.ports;
    const pids = [registers.int(0), registers.int(1)];
    const threads: Thread<Task>[] = [];
    for (const pid of pids) {
      const thread = findPid(task, pid)?.thread;
      if (thread === undefined) return reasons.refuse(checks, "kcmp/no-process", pid);
      threads.push(thread);
    }
    reasons.passed(checks, "kcmp/no-process", pids[1]);
    for (const thread of threads) {
      const denied = checkAccess(task, thread);
      if (denied !== undefined) return denied;
    }
    return compare(task, registers, threads[0], threads[1]);
  },
};

function checkAccess(task: Task, target: Thread<Task>): Refusal | undefined {
  const { checks } = task.machine.ports;
  const { number } = target.pid;
  const answer = ptraceMayAccess(task, target, "PTRACE_MODE_READ_REALCREDS");
  if (!answer.ok) return reasons.refuseBecause(checks, "kcmp/denied", answer, number);
  reasons.passed(checks, "kcmp/denied", number);
  return undefined;
}

function compare(
  task: Task,
  registers: Registers,
  first: Thread<Task>,
  second: Thread<Task>,
): Outcome {
  const { checks } = task.machine.ports;
  const [a, b] = [first.payload, second.payload];
  const type = registers.int(2);
  switch (type) {
    case KCMP.KCMP_FILE: {
      const files = [a.files.get(registers.int(3)), b.files.get(registers.int(4))];
      if (files.includes(undefined))
        return reasons.refuse(checks, "kcmp/closed", registers.int(files.indexOf(undefined) + 3));
      return order(task, files[0]?.file === files[1]?.file);
    }
    case KCMP.KCMP_VM:
      return order(task, a.mm === b.mm);
    case KCMP.KCMP_FILES:
      return order(task, filesOf(first) === filesOf(second));
    case KCMP.KCMP_FS:
    case KCMP.KCMP_SIGHAND:
    case KCMP.KCMP_IO:
    case KCMP.KCMP_SYSVSEM:
      return order(task, first.group === second.group ? true : undefined);
    default:
      return reasons.refuse(checks, "kcmp/type", type);
  }
}

function filesOf({ alive, payload }: Thread<Task>): Task["files"] | undefined {
  return alive ? payload.files : undefined;
}

/**
 * Equal is 0; of two things the order is that of numbers which the kernel has scrambled. Whether a
 * thing is shared that the model does not follow is open.
 */
function order(task: Task, isSame: boolean | undefined): Outcome {
  if (isSame === true) return success(0);
  return success(
    task.machine.ports.choices.choose<number>({
      id: "kcmp/order",
      usual: 1,
      allows: (answer) => answer === 1 || answer === 2 || (answer === 0 && isSame === undefined),
      describe: () => (isSame === false ? "1 or 2" : "0, 1 or 2"),
      fromResult: (value) => value,
    }),
  );
}
