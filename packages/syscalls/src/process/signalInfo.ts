import { type Refusal, Reasons } from "@kadvise/uapi";
import { copyIn, wordAt } from "../copyUser.ts";
import type { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
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

const SIGINFO_BYTES = 128;
const SI_SIGNO = 0;
const SI_CODE = 8;
const SI_TKILL = -6;

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
  const bytes = copyIn(task, registers, pointer, SIGINFO_BYTES);
  if ("ok" in bytes) return bytes;
  const signo = wordAt(bytes, SI_SIGNO) | 0;
  if (signo !== signal) {
    return reasons.refuse(checks, "pidfd_send_signal/info-signal", signal, signo);
  }
  reasons.passed(checks, "pidfd_send_signal/info-signal", signal, signo);
  const code = wordAt(bytes, SI_CODE) | 0;
  if (!isSelf && (code >= 0 || code === SI_TKILL)) {
    return reasons.refuse(checks, "pidfd_send_signal/info-forged", code);
  }
  reasons.passed(checks, "pidfd_send_signal/info-forged", code);
  return undefined;
}
