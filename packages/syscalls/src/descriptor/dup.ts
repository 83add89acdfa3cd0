import { O, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { isBeyondUnstated } from "./unstatedLimit.ts";
import type { Task } from "../task.ts";

const entries = {
  "dup2/number-too-large": {
    errno: "EBADF",
    text: "the new number is not below RLIMIT_NOFILE",
    linux: "fs/file.c ksys_dup3",
    since: "2.6",
    remedy: "choose a smaller number, or raise RLIMIT_NOFILE",
    compares: ["fd", "limit"],
  },
  "dup3/flags": {
    errno: "EINVAL",
    text: "dup3 knows no flag but O_CLOEXEC",
    linux: "fs/file.c ksys_dup3",
    since: "2.6.27",
    remedy: "pass 0 or O_CLOEXEC",
    compares: ["flags"],
  },
  "dup3/same-number": {
    errno: "EINVAL",
    text: "old and new number are the same",
    linux: "fs/file.c ksys_dup3",
    since: "2.6.27",
    remedy: "use dup2, which does nothing then",
    compares: ["fd"],
  },
} as const;

/** The reasons of dup2 and dup3. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** dup(2): the lowest free number; the mark close-on-exec is not copied. Linux: fs/file.c dup */
export const dup: SystemCall = {
  name: "dup",
  parameters: [parameter("oldfd", "fd")],
  returns: "fd",
  run(task, registers) {
    const slot = task.files.require(registers.int(0));
    if (!slot.ok) return slot;
    return task.files.open(slot.value.file, false, task.limits.soft("RLIMIT_NOFILE"));
  },
};

/**
 * dup2(2): the number is given; the same number does nothing, if it is open. Linux: fs/file.c dup2
 */
export const dup2: SystemCall = {
  name: "dup2",
  parameters: [parameter("oldfd", "fd"), parameter("newfd", "fd")],
  returns: "fd",
  run(task, registers) {
    const oldFd = registers.int(0);
    const newFd = registers.int(1);
    if (oldFd === newFd) {
      const slot = task.files.require(oldFd);
      return slot.ok ? success(newFd) : slot;
    }
    return replace(task, oldFd, newFd, false);
  },
};

/** dup3(2). Linux: fs/file.c ksys_dup3 */
export const dup3: SystemCall = {
  name: "dup3",
  parameters: [
    parameter("oldfd", "fd"),
    parameter("newfd", "fd"),
    parameter("flags", { flags: O }),
  ],
  returns: "fd",
  run(task, registers) {
    const { checks } = task.machine.ports;
    const flags = registers.low(2);
    if ((flags & ~O.O_CLOEXEC) !== 0) return reasons.refuse(checks, "dup3/flags", flags);
    if (registers.int(0) === registers.int(1))
      return reasons.refuse(checks, "dup3/same-number", registers.int(0));
    return replace(task, registers.int(0), registers.int(1), flags !== 0);
  },
};

function replace(task: Task, oldFd: number, newFd: number, closeOnExec: boolean): Outcome {
  const tooLarge = checkNumber(task, newFd);
  if (tooLarge !== undefined) return tooLarge;
  const slot = task.files.require(oldFd);
  if (!slot.ok) return slot;
  task.files.set(newFd, { file: slot.value.file, closeOnExec });
  return success(newFd);
}

function checkNumber(task: Task, fd: number): Refusal | undefined {
  const limit = task.limits.soft("RLIMIT_NOFILE");
  const unsigned = fd >>> 0;
  if (unsigned < Math.min(limit, 2 ** 31) && !isBeyondUnstated(task, unsigned)) return undefined;
  return reasons.refuse(task.machine.ports.checks, "dup2/number-too-large", fd, String(limit));
}
