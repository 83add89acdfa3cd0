import { ptraceAttach, ptraceDetach, ptraceTraceme, type Subject } from "@kadvise/security";
import { PTRACE, Reasons, SIG } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { deliver } from "./kill.ts";
import { findPid } from "./numbering.ts";

const entries = {
  "ptrace/no-process": {
    errno: "ESRCH",
    text: "no thread has this number",
    passes: "a thread has this number",
    linux: "kernel/ptrace.c ptrace",
    since: "2.6",
    remedy: "name a living thread",
    compares: ["pid"],
  },
  "ptrace/seize-options": {
    errno: "EIO",
    text: "PTRACE_SEIZE takes no address, and only options that the kernel knows",
    passes: "the address is 0 and the options are known",
    linux: "kernel/ptrace.c ptrace_attach",
    since: "3.4",
    remedy: "pass 0 and PTRACE_O_* options",
    compares: ["address", "options"],
  },
  "ptrace/not-traced": {
    errno: "ESRCH",
    text: "the thread is not traced by the caller",
    passes: "the thread is traced by the caller",
    linux: "kernel/ptrace.c ptrace_check_attach",
    since: "2.6",
    remedy: "attach to it first",
    compares: ["pid"],
  },
} as const;

/** ptrace's own reasons; those of attaching are in the security package. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The bits of PTRACE_O_MASK. Linux: include/uapi/linux/ptrace.h */
const OPTIONS = 0xff | (1 << 20) | (1 << 21);

/**
 * ptrace(2), as far as it makes and ends the bond between tracer and tracee: PTRACE_TRACEME,
 * PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_DETACH. Linux: kernel/ptrace.c
 */
export const ptrace: SystemCall = {
  name: "ptrace",
  parameters: [
    parameter("request", { names: PTRACE }),
    parameter("pid", "pid"),
    parameter("addr", "ulong"),
    parameter("data", "ulong"),
  ],
  run(task, registers): Outcome {
    const { access, ports } = task.machine;
    const request = registers.number(0);
    if (request === PTRACE.PTRACE_TRACEME) return traceMe(task);
    const number = registers.int(1);
    const target = findPid(task, number)?.thread?.payload;
    if (target === undefined) return reasons.refuse(ports.checks, "ptrace/no-process", number);
    reasons.passed(ports.checks, "ptrace/no-process", number);
    switch (request) {
      case PTRACE.PTRACE_ATTACH: {
        const attached = ptraceAttach(access, task.subject, target.subject);
        if (attached.ok) deliver(target, SIG.SIGSTOP);
        return attached;
      }
      case PTRACE.PTRACE_SEIZE:
        return checkSeize(task, registers) ?? ptraceAttach(access, task.subject, target.subject);
      default:
        return traced(task, target.subject, request);
    }
  },
};

/** Whoever has no parent here is init's child, which traces nobody. */
function traceMe(task: Task): Outcome {
  const { access, ports } = task.machine;
  if (task.subject.parent !== undefined) return ptraceTraceme(access, task.subject);
  return ports.choices.choose<never>({
    id: "ptrace/parent-unstated",
    usual: undefined as never,
    allows: () => false,
    describe: () => `whether the parent of ${task.pid.number} may trace it`,
  });
}

function checkSeize(task: Task, registers: Registers): Outcome | undefined {
  const { checks } = task.machine.ports;
  const isSound =
    registers.isZero(2) && registers.high(3) === 0 && (registers.low(3) & ~OPTIONS) === 0;
  if (!isSound) {
    return reasons.refuse(checks, "ptrace/seize-options", registers.hex(2), registers.hex(3));
  }
  reasons.passed(checks, "ptrace/seize-options", registers.hex(2), registers.hex(3));
  return undefined;
}

/** Requests to a tracee. What else than detaching they do is not followed. */
function traced(task: Task, target: Subject, request: number): Outcome {
  const { access, ports } = task.machine;
  if (target.tracer !== task.subject) {
    return reasons.refuse(ports.checks, "ptrace/not-traced", target.pid);
  }
  reasons.passed(ports.checks, "ptrace/not-traced", target.pid);
  if (request === PTRACE.PTRACE_DETACH) return ptraceDetach(access, target);
  return ports.choices.choose<never>({
    id: "ptrace/request-not-modelled",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what ptrace's request ${request} does`,
  });
}
