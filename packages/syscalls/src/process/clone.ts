import { CLONE, CSIGNAL, Reasons, SIG, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyIn, longAt, putInt } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { cloneTask, type CloneRequest } from "./cloneTask.ts";

const entries = {
  "clone3/size-too-small": {
    errno: "EINVAL",
    text: "the structure is smaller than its first version (64 bytes)",
    linux: "kernel/fork.c copy_clone_args_from_user",
    since: "5.3",
    remedy: "pass sizeof(struct clone_args)",
    compares: ["size"],
  },
  "clone3/size-too-large": {
    errno: "E2BIG",
    text: "the structure is larger than a page, or has bits beyond what this kernel knows",
    linux: "kernel/fork.c copy_clone_args_from_user",
    since: "5.3",
    remedy: "pass sizeof(struct clone_args)",
    compares: ["size"],
  },
  "clone3/arguments": {
    errno: "EINVAL",
    text: "the structure asks for something that clone3 does not take",
    linux: "kernel/fork.c clone3_args_valid",
    since: "5.3",
    remedy:
      "CLONE_DETACHED and the exit signal's bits do not belong into flags; a stack needs a size",
    compares: ["what"],
  },
  "clone/pidfd-and-parent-tid": {
    errno: "EINVAL",
    text: "CLONE_PIDFD and CLONE_PARENT_SETTID would write to the same place",
    linux: "kernel/fork.c kernel_clone",
    since: "5.2",
    remedy: "use clone3, which has a pointer for each",
  },
} as const;

/** The reasons of clone and clone3. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** CLONE_NEWTIME shares its bit with the exit signal; only clone3 can ask for it. */
const CLONE_NEWTIME = 0x80;

/** clone(2). Linux: kernel/fork.c clone; i386 and arm64 pass tls before the child's pointer. */
export const clone: SystemCall = {
  name: "clone",
  parameters: [
    parameter("flags", { flags: CLONE }),
    parameter("child_stack", "pointer"),
    parameter("parent_tidptr", "pointer"),
    parameter("child_tidptr", "pointer"),
    parameter("tls", "pointer"),
  ],
  returns: "pid",
  run(task, registers) {
    const low = registers.low(0);
    const flags = (low & ~CSIGNAL) >>> 0;
    const pidfdAndTid = CLONE.CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
    if ((flags & pidfdAndTid) === pidfdAndTid) {
      return reasons.refuse(task.machine.ports.checks, "clone/pidfd-and-parent-tid");
    }
    return start(task, { flags, exitSignal: low & CSIGNAL, isClone3: false }, registers, 2);
  },
};

/** fork(2). */
export const fork: SystemCall = {
  name: "fork",
  parameters: [],
  returns: "pid",
  run: (task) => start(task, { flags: 0, exitSignal: SIG.SIGCHLD, isClone3: false }),
};

/** vfork(2): the child borrows the memory; the parent sleeps until it gives it back. */
export const vfork: SystemCall = {
  name: "vfork",
  parameters: [],
  returns: "pid",
  run: (task) =>
    start(task, {
      flags: CLONE.CLONE_VFORK | CLONE.CLONE_VM,
      exitSignal: SIG.SIGCHLD,
      isClone3: false,
    }),
};

const SMALLEST = 64;
const KNOWN_BYTES = 88;

/** clone3(2). Since 5.3. Linux: kernel/fork.c clone3, struct clone_args */
export const clone3: SystemCall = {
  name: "clone3",
  parameters: [
    parameter("cl_args", { structure: "clone-args", direction: "inout" }),
    parameter("size", "size"),
  ],
  returns: "pid",
  run(task, registers) {
    const { checks } = task.machine.ports;
    const size = registers.number(1);
    if (size > task.machine.memory.pageBytes)
      return reasons.refuse(checks, "clone3/size-too-large", size);
    if (size < SMALLEST) return reasons.refuse(checks, "clone3/size-too-small", size);
    const bytes = copyIn(task, registers, 0, size);
    if ("ok" in bytes) return bytes;
    if (bytes.subarray(KNOWN_BYTES).some((byte) => byte !== 0)) {
      return reasons.refuse(checks, "clone3/size-too-large", size);
    }
    const flags = longAt(bytes, 0);
    const exitSignal = longAt(bytes, 32);
    const stack = longAt(bytes, 40);
    const stackSize = longAt(bytes, 48);
    const wrong =
      exitSignal > 64
        ? "exit_signal"
        : flags >= 2 ** 34 ||
            (flags & CLONE.CLONE_DETACHED) !== 0 ||
            (flags & CSIGNAL & ~CLONE_NEWTIME) !== 0
          ? "flags"
          : (flags & (CLONE.CLONE_THREAD | CLONE.CLONE_PARENT)) !== 0 && exitSignal !== 0
            ? "exit_signal with CLONE_THREAD or CLONE_PARENT"
            : (stack === 0) !== (stackSize === 0)
              ? "stack without stack_size"
              : undefined;
    if (wrong !== undefined) return reasons.refuse(checks, "clone3/arguments", wrong);
    const pidfd = longAt(bytes, 8);
    const parentTid = longAt(bytes, 24);
    const both = CLONE.CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
    if ((flags & both) === both && pidfd === parentTid)
      return reasons.refuse(checks, "clone/pidfd-and-parent-tid");
    const pointers = new Registers(0, 0, pidfd, parentTid);
    return start(task, { flags: flags >>> 0, exitSignal, isClone3: true }, pointers, 2);
  },
};

/** Makes the task and tells its descriptor and number where the caller asked for them. */
function start(task: Task, request: CloneRequest, pointers?: Registers, pidfdAt = 0): Outcome {
  const made = cloneTask(task, request);
  if (!made.ok) return made;
  const { task: child, pidfd } = made.value;
  const { number } = child.pid;
  if (pidfd !== undefined && pointers !== undefined) {
    const refusal = putInt(task, pointers, pidfdAt, pidfd);
    if (refusal !== undefined) return refusal;
  }
  if ((request.flags & CLONE.CLONE_PARENT_SETTID) !== 0 && pointers !== undefined) {
    // A pointer that cannot be written is not noticed: Linux ignores put_user's answer here.
    putInt(task, pointers, request.isClone3 ? 3 : 2, number);
  }
  return success(number);
}
