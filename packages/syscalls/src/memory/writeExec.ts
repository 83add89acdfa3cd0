import { Reasons, success } from "@kadvise/uapi";
import type { Outcome } from "../call.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "prctl/mdwe-arguments": {
    errno: "EINVAL",
    text: "PR_SET_MDWE and PR_GET_MDWE want zeros for the arguments that they do not use",
    linux: "kernel/sys.c prctl_set_mdwe, prctl_get_mdwe",
    since: "6.3",
    remedy: "pass zeros",
  },
  "prctl/mdwe-bits": {
    errno: "EINVAL",
    text: "PR_MDWE_REFUSE_EXEC_GAIN, since 6.6 with PR_MDWE_NO_INHERIT, and no other bit",
    linux: "kernel/sys.c prctl_set_mdwe",
    since: "6.3",
    remedy: "pass bits that the release has",
    compares: ["bits"],
  },
  "prctl/mdwe-stays": {
    errno: "EPERM",
    text: "what was refused once stays refused",
    linux: "kernel/sys.c prctl_set_mdwe",
    since: "6.3",
    remedy: "set the same bits again, or leave it",
    compares: ["bits"],
  },
} as const;

/** The reasons of PR_SET_MDWE and PR_GET_MDWE. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const REFUSE_EXEC_GAIN = 1;
const NO_INHERIT = 2;

/** PR_SET_MDWE: no mapping becomes executable that may be written. Linux: prctl_set_mdwe */
export function setWriteExec(task: Task, registers: Registers): Outcome {
  const { ports, profile } = task.machine;
  const { checks, journal } = ports;
  if (![2, 3, 4].every((i) => registers.isZero(i)))
    return reasons.refuse(checks, "prctl/mdwe-arguments");
  const known = profile.mm.mdwe === "no-inherit" ? REFUSE_EXEC_GAIN | NO_INHERIT : REFUSE_EXEC_GAIN;
  const bits = registers.low(1);
  // Not to inherit something asks for something.
  const isAlone = bits === NO_INHERIT;
  if (registers.high(1) !== 0 || (bits & ~known) !== 0 || isAlone)
    return reasons.refuse(checks, "prctl/mdwe-bits", registers.hex(1));
  const now = bitsOf(task);
  if (now !== 0 && now !== bits) return reasons.refuse(checks, "prctl/mdwe-stays", now);
  const mm = task.space;
  journal.save(mm, "denyWriteExec");
  journal.save(mm, "denyWriteExecAlone");
  mm.denyWriteExec = (bits & REFUSE_EXEC_GAIN) !== 0;
  mm.denyWriteExecAlone = (bits & NO_INHERIT) !== 0;
  return success(0);
}

/** PR_GET_MDWE. */
export function getWriteExec(task: Task, registers: Registers): Outcome {
  if ([1, 2, 3, 4].every((i) => registers.isZero(i))) return success(bitsOf(task));
  return reasons.refuse(task.machine.ports.checks, "prctl/mdwe-arguments");
}

function bitsOf({ space }: Task): number {
  return (space.denyWriteExec ? REFUSE_EXEC_GAIN : 0) | (space.denyWriteExecAlone ? NO_INHERIT : 0);
}
