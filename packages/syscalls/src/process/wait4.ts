import { findZombie, type ExitStatus } from "@kadvise/pidfd";
import { Reasons, success, WAIT } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyOut, putInt } from "../copyUser.ts";
import { parameter } from "../signature.ts";
import { numberFor, requireNumbers } from "./numbering.ts";
import { childrenOf } from "./processGroups.ts";
import { interrupted, wakening } from "./sleep.ts";
import { endOf, type Stop } from "./unwatchedEnd.ts";
import {
  askForStops,
  askForUnseenStops,
  CHOOSING,
  choiceOf,
  reasons as waitReasons,
} from "./waiting.ts";

const entries = {
  "wait4/smallest-pid": {
    errno: "ESRCH",
    text: "the process group would be the smallest int negated, which is no int",
    linux: "kernel/exit.c kernel_wait4",
    since: "4.13",
    remedy: "name a process group, or -1 for any child",
  },
} as const;

/** wait4's own reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const OPTIONS: number = WAIT.WNOHANG | WAIT.WUNTRACED | WAIT.WCONTINUED | CHOOSING;
const SMALLEST_INT = -(2 ** 31);
const RUSAGE_BYTES = 144;
/** What stands for a signal where a child was stopped, or goes on. Linux: kernel/exit.c */
const STOPPED = 0x7f;
const CONTINUED = 0xffff;

/**
 * wait4(2): a child that ended, its number and its status. The child is taken also where its status
 * cannot be written. Linux: kernel/exit.c kernel_wait4
 */
export const wait4: SystemCall = {
  name: "wait4",
  parameters: [
    parameter("pid", "pid"),
    parameter("wstatus", { structure: "wait-status", direction: "out" }),
    parameter("options", { flags: WAIT }),
    parameter("rusage", { structure: "rusage", direction: "out" }),
  ],
  returns: "pid",
  run(task, registers) {
    const { machine } = task;
    const { checks } = machine.ports;
    const options = registers.low(2);
    if ((options & ~OPTIONS) !== 0) return waitReasons.refuse(checks, "wait/options", options);
    const pid = registers.int(0);
    if (pid === SMALLEST_INT) return reasons.refuse(checks, "wait4/smallest-pid");
    requireNumbers(task);
    askForUnseenStops(task, options);
    const found = findZombie(machine.processes, task.thread.group, {
      namespace: task.pid.namespace,
      ...(pid > 0 ? { number: pid } : {}),
      ...(pid < -1 || pid === 0 ? childrenOf(task, Math.abs(pid)) : {}),
      ...choiceOf(task, options),
    });
    if (found === "none-ready") {
      askForStops(task, options);
      return (options & WAIT.WNOHANG) !== 0
        ? success(0)
        : interrupted(task, "by-flag", wakening(task));
    }
    if ("ok" in found) return found;
    const number = "earlier" in found ? found.earlier : numberFor(task, found.pid);
    const end = endOf(task, found, { output: "wstatus", fromOutput: statusOf });
    const status = end !== undefined && "word" in end ? end.word : statusWord(end);
    if (!("earlier" in found) && found.state === "zombie") machine.processes.reap(found);
    const refusal =
      (registers.isZero(1) ? undefined : putInt(task, registers, 1, status)) ??
      (registers.isZero(3) ? undefined : copyOut(task, registers, 3, new Uint8Array(RUSAGE_BYTES)));
    return refusal ?? success(number);
  },
};

/** The status as wait writes it. */
export function statusWord(status: ExitStatus | undefined): number {
  if (status === undefined) return 0;
  return status.signal === 0 ? status.code << 8 : status.signal | (status.coreDumped ? 0x80 : 0);
}

/** The status in the word that wait wrote. */
function statusOf(bytes: Uint8Array): ExitStatus | Stop {
  const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  if ((word & 0xff) === STOPPED || word === CONTINUED) return { word };
  return { code: (word >> 8) & 0xff, signal: word & 0x7f, coreDumped: (word & 0x80) !== 0 };
}
