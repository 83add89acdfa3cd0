import { type Refusal, Reasons } from "@kadvise/uapi";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";
import { findPid } from "./numbering.ts";
import { readSiginfo } from "./readSiginfo.ts";

const entries = {
  "siginfo/forged": {
    errno: "EPERM",
    text: "only to oneself may a siginfo say that it came from the kernel or from tgkill",
    passes: "the siginfo says that it came from a program",
    linux: "kernel/signal.c do_rt_sigqueueinfo, do_rt_tgsigqueueinfo",
    since: "2.6.39",
    remedy: "write a negative si_code, SI_QUEUE for one",
    compares: ["si_code"],
  },
  "pidfd_send_signal/info-signal": {
    errno: "EINVAL",
    text: "the siginfo is about another signal than the one that is sent",
    passes: "the siginfo is about the signal that is sent",
    linux: "kernel/signal.c pidfd_send_signal",
    since: "5.1",
    remedy: "write the signal into si_signo, or pass NULL",
    compares: ["signal", "si_signo"],
  },
  "pidfd_send_signal/info-forged": {
    errno: "EPERM",
    text: "only to oneself may a siginfo say that it came from the kernel or from tgkill",
    passes: "the siginfo says that it came from a program",
    linux: "kernel/signal.c pidfd_send_signal",
    since: "5.1",
    remedy: "write a negative si_code, SI_QUEUE for one, or pass NULL",
    compares: ["si_code"],
  },
} as const;

/** The reasons of a siginfo that a caller brings along. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const SI_TKILL = -6;

/** Whether a code says that the kernel sent the signal, or tgkill. */
function isKernels(code: number): boolean {
  return code >= 0 || code === SI_TKILL;
}

/** Whether somebody may send a signal with a code: to another, as a program's alone. */
export function checkSender(task: Task, code: number, number: number): Refusal | undefined {
  const { checks } = task.machine.ports;
  const isSelf = findPid(task, number) === task.pid;
  if (!isSelf && isKernels(code)) return reasons.refuse(checks, "siginfo/forged", code);
  reasons.passed(checks, "siginfo/forged", code);
  return undefined;
}

/**
 * Reads the siginfo that a register points to, and checks whether it may be sent. Linux:
 * kernel/signal.c copy_siginfo_from_user_any, pidfd_send_signal
 */
export function checkSignalInfo(
  task: Task,
  registers: Registers,
  pointer: number,
  signal: number,
  isSelf: boolean,
): Refusal | undefined {
  const { checks } = task.machine.ports;
  const info = readSiginfo(task, registers, pointer);
  if ("ok" in info) return info;
  const { signo, code } = info;
  if (signo !== signal) {
    return reasons.refuse(checks, "pidfd_send_signal/info-signal", signal, signo);
  }
  reasons.passed(checks, "pidfd_send_signal/info-signal", signal, signo);
  if (!isSelf && isKernels(code)) {
    return reasons.refuse(checks, "pidfd_send_signal/info-forged", code);
  }
  reasons.passed(checks, "pidfd_send_signal/info-forged", code);
  return undefined;
}
