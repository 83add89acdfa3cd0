import { prctl as securityPrctl } from "@kadvise/security";
import { PR, Reasons, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyInText, copyOut, putInt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import { getMemoryMerge, setMemoryMerge } from "../memory/memoryMerge.ts";
import { getThpDisable, setThpDisable } from "../memory/thpDisable.ts";
import { getWriteExec, setWriteExec } from "../memory/writeExec.ts";
import { setVma } from "../memory/anonName.ts";
import { findPid } from "../process/numbering.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";

const entries = {
  "prctl/unknown-option": {
    errno: "EINVAL",
    text: "prctl knows no such option",
    linux: "kernel/sys.c prctl",
    since: "2.6",
    remedy: "pass an option that the release has",
    compares: ["option"],
  },
} as const;

/** prctl's own reasons; each option's are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** prctl(2): the options that concern access and memory. Linux: kernel/sys.c */
export const prctl: SystemCall = {
  name: "prctl",
  parameters: [
    parameter("option", { names: PR }),
    parameter("arg2", "ulong"),
    parameter("arg3", "ulong"),
    parameter("arg4", "ulong"),
    parameter("arg5", "ulong"),
  ],
  run(task, registers) {
    const option = registers.int(0);
    const result = securityPrctl(task.machine.access, task.subject, {
      option,
      args: [registers.big(1), registers.big(2), registers.big(3), registers.big(4)],
      findTask: (pid) => findPid(task, pid)?.thread?.payload.subject,
    });
    if (result !== undefined) return result;
    switch (option) {
      case PR.PR_SET_MDWE:
        if (task.machine.profile.mm.mdwe === "none") break;
        return setWriteExec(task, registers);
      case PR.PR_GET_MDWE:
        if (task.machine.profile.mm.mdwe === "none") break;
        return getWriteExec(task, registers);
      case PR.PR_SET_THP_DISABLE:
        return setThpDisable(task, registers);
      case PR.PR_GET_THP_DISABLE:
        return getThpDisable(task, registers);
      case PR.PR_SET_MEMORY_MERGE:
        if (!hasMemoryMerge(task)) break;
        return setMemoryMerge(task, registers);
      case PR.PR_GET_MEMORY_MERGE:
        if (!hasMemoryMerge(task)) break;
        return getMemoryMerge(task, registers);
      case PR.PR_SET_VMA:
        return setVma(task, registers);
      case PR.PR_SET_NAME:
        return setName(task, registers);
      case PR.PR_GET_NAME:
        return copyOut(task, registers, 1, nameBytes(task)) ?? success(0);
      case PR.PR_SET_CHILD_SUBREAPER:
        return setSubreaper(task, !registers.isZero(1));
      case PR.PR_GET_CHILD_SUBREAPER:
        return putInt(task, registers, 1, task.thread.group.isSubreaper ? 1 : 0) ?? success(0);
      case PR.PR_GET_PDEATHSIG:
        return putInt(task, registers, 1, task.subject.parentDeathSignal) ?? success(0);
    }
    if (!MODELLED.has(option)) askOption(task, option);
    return reasons.refuse(task.machine.ports.checks, "prctl/unknown-option", option);
  },
};

/** Options that some kernels lack, and then refuse as they refuse any number. */
const MODELLED: ReadonlySet<number> = new Set([
  ...[PR.PR_SET_MDWE, PR.PR_GET_MDWE, PR.PR_SET_MEMORY_MERGE, PR.PR_GET_MEMORY_MERGE],
]);

function hasMemoryMerge({ machine }: Task): boolean {
  return machine.profile.mm.memoryMerge !== "none" && machine.memory.settings.get("ksm");
}

/** Orphans below the process become its children. Linux: kernel/sys.c, kernel/exit.c */
function setSubreaper(task: Task, isOne: boolean): Outcome {
  const { group } = task.thread;
  task.machine.ports.journal.save(group, "isSubreaper");
  task.machine.ports.journal.save(group, "subreaperUnstated");
  group.isSubreaper = isOne;
  group.subreaperUnstated = false;
  return success(0);
}

const OPTIONS: ReadonlyMap<number, string> = new Map(
  Object.entries(PR).map(([name, value]) => [value, name]),
);

/** What the options answer that the model leaves out, nobody can say of a recorded program. */
function askOption(task: Task, option: number): void {
  const { machine } = task;
  const name = OPTIONS.get(option);
  if (!machine.recorded || name === undefined) return;
  machine.ports.choices.choose<never>({
    id: "prctl/option-not-modelled",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what ${name} does`,
  });
}

/** TASK_COMM_LEN, the final NUL included. Linux: include/linux/sched.h */
const NAME_BYTES = 16;

/** The name ends at a NUL or after 15 bytes. */
function setName(task: Task, registers: Registers): Outcome {
  const bytes = copyInText(task, registers, 1, NAME_BYTES - 1);
  if (!(bytes instanceof Uint8Array)) return bytes;
  task.machine.ports.journal.save(task, "name");
  task.name = String.fromCharCode(...bytes);
  return success(0);
}

function nameBytes(task: Task): Uint8Array {
  const bytes = new Uint8Array(NAME_BYTES);
  const { name } = task;
  for (let i = 0; i < Math.min(name.length, NAME_BYTES - 1); i++) bytes[i] = name.charCodeAt(i);
  return bytes;
}
