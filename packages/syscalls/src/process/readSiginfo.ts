import { type Refusal, Reasons, SIG } from "@kadvise/uapi";
import { copyIn, wordAt } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "siginfo/unknown-layout": {
    errno: "E2BIG",
    text: "behind the 48 bytes that the kernel knows something is written, under a code that it does not know",
    linux: "kernel/signal.c post_copy_siginfo_from_user",
    since: "4.20",
    remedy: "write zeros there, or a code that is known: SI_QUEUE for one",
    compares: ["si_code"],
  },
} as const;

/** The reasons of a siginfo that cannot be read. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** What a siginfo says, as far as calls ask. */
export interface Siginfo {
  readonly signo: number;
  readonly code: number;
}

const SIGINFO_BYTES = 128;
/** What the kernel keeps of it. Linux: include/linux/signal_types.h kernel_siginfo */
const KEPT_BYTES = 48;
const SI_SIGNO = 0;
const SI_CODE = 8;
const SI_KERNEL = 0x80;
const SI_DETHREAD = -7;
const SI_ASYNCNL = -60;

/** How many codes signals have that have codes of their own; others share a few. */
const OWN_CODES: { readonly [signal: number]: number } = {
  [SIG.SIGILL]: 11,
  [SIG.SIGFPE]: 15,
  [SIG.SIGSEGV]: 10,
  [SIG.SIGBUS]: 5,
  [SIG.SIGTRAP]: 6,
  [SIG.SIGCHLD]: 6,
  [SIG.SIGIO]: 6,
  [SIG.SIGSYS]: 2,
};
const SHARED_CODES = 6;

/**
 * Reads the siginfo that a register points to, about a signal: the one that it names, if no other
 * is said. What lies behind the bytes that the kernel keeps is read under an unknown code alone. A
 * 32-bit caller's siginfo is read as a whole and translated. Linux: kernel/signal.c
 * copy_siginfo_from_user, copy_siginfo_from_user32
 */
export function readSiginfo(
  task: Task,
  registers: Registers,
  pointer: number,
  signal?: number,
): Siginfo | Refusal {
  const isCompat = task.abi === "i386";
  const bytes = copyIn(task, registers, pointer, isCompat ? SIGINFO_BYTES : KEPT_BYTES);
  if ("ok" in bytes) return bytes;
  const signo = wordAt(bytes, SI_SIGNO) | 0;
  const code = wordAt(bytes, SI_CODE) | 0;
  if (isCompat || isKnown(signal ?? signo, code)) return { signo, code };
  const behind = new Registers(registers.big(pointer) + BigInt(KEPT_BYTES));
  const rest = copyIn(task, behind, 0, SIGINFO_BYTES - KEPT_BYTES);
  if ("ok" in rest) return rest;
  return rest.every((byte) => byte === 0)
    ? { signo, code }
    : reasons.refuse(task.machine.ports.checks, "siginfo/unknown-layout", code);
}

/** Linux: kernel/signal.c known_siginfo_layout */
function isKnown(signal: number, code: number): boolean {
  if (code === SI_KERNEL) return true;
  if (code > 0) return code <= (OWN_CODES[signal] ?? SHARED_CODES);
  return code >= SI_DETHREAD || code === SI_ASYNCNL;
}
