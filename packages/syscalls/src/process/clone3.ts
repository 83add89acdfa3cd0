import { CLONE, CSIGNAL, Reasons, type Refusal, type Result, success } from "@kadvise/uapi";
import { accessOk } from "../accessOk.ts";
import type { SystemCall } from "../call.ts";
import { copyIn, longAt, wordAt } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { cloneFor } from "./cloneFor.ts";
import { HIGH } from "./cloneTask.ts";
import { reasons as cloneReasons } from "./clone.ts";

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
  "clone3/cgroup": {
    errno: "EBADF",
    text: "CLONE_INTO_CGROUP with a descriptor that is no cgroup directory",
    linux: "kernel/cgroup/cgroup.c cgroup_css_set_fork",
    since: "5.7",
    remedy: "open the cgroup's directory",
    compares: ["fd"],
  },
} as const;

/** The reasons of clone3's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** struct clone_args: where its fields stand, and the sizes of its versions. */
const FIELD = {
  flags: 0,
  pidfd: 8,
  childTid: 16,
  parentTid: 24,
  exitSignal: 32,
  stack: 40,
  stackSize: 48,
  setTid: 64,
  setTidSize: 72,
  cgroup: 80,
} as const;
const SMALLEST = 64;
const WITH_CGROUP = 88;
const KNOWN_BYTES = 88;

/** CLONE_NEWTIME shares its bit with the exit signal; only clone3 can ask for it. */
const CLONE_NEWTIME = 0x80;
const MAX_PID_NS_LEVEL = 32;
const INT_MAX = 0x7fff_ffff;

/**
 * clone3(2): the arguments in a structure that may grow; what a kernel does not know of it must be
 * zero. Since 5.3. Linux: kernel/fork.c clone3, copy_clone_args_from_user, clone3_args_valid
 */
export const clone3: SystemCall = {
  name: "clone3",
  parameters: [
    parameter("cl_args", { structure: "clone-args", direction: "inout" }),
    parameter("size", "size"),
  ],
  returns: "pid",
  run(task, registers) {
    const { checks } = task.machine.ports;
    const args = copyArguments(task, registers);
    if (!args.ok) return args;
    const bytes = args.value;
    const wrong = unfit(bytes, registers.number(1));
    if (wrong !== undefined) return reasons.refuse(checks, "clone3/arguments", wrong);
    const setTid = readSetTid(task, bytes);
    if (!setTid.ok) return setTid;
    const flags = wordAt(bytes, FIELD.flags);
    const highFlags = wordAt(bytes, FIELD.flags + 4);
    const conflict = unfitFlags(task, bytes, flags, highFlags);
    if (conflict !== undefined) return reasons.refuse(checks, "clone3/arguments", conflict);
    const pointers = new Registers(
      ...[FIELD.pidfd, FIELD.parentTid, FIELD.childTid].map((at) => bigAt(bytes, at)),
    );
    const both = CLONE.CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
    if ((flags & both) === both && pointers.big(0) === pointers.big(1)) {
      return cloneReasons.refuse(checks, "clone/pidfd-and-parent-tid");
    }
    const cgroup = refuseCgroup(task, highFlags, wordAt(bytes, FIELD.cgroup));
    if (cgroup !== undefined) return cgroup;
    return cloneFor(task, {
      flags,
      highFlags,
      exitSignal: wordAt(bytes, FIELD.exitSignal),
      setTid: setTid.value,
      pointers: { registers: pointers, pidfd: 0, parentTid: 1, childTid: 2 },
    });
  },
};

/** The structure at its known size. Linux: copy_struct_from_user */
function copyArguments(task: Task, registers: Registers): Result<Uint8Array> {
  const { checks } = task.machine.ports;
  const size = registers.number(1);
  if (size > task.machine.memory.pageBytes) {
    return reasons.refuse(checks, "clone3/size-too-large", size);
  }
  if (size < SMALLEST) return reasons.refuse(checks, "clone3/size-too-small", size);
  const given = copyIn(task, registers, 0, size);
  if ("ok" in given) return given;
  if (given.subarray(KNOWN_BYTES).some((byte) => byte !== 0)) {
    return reasons.refuse(checks, "clone3/size-too-large", size);
  }
  const bytes = new Uint8Array(KNOWN_BYTES);
  bytes.set(given.subarray(0, KNOWN_BYTES));
  return success(bytes);
}

/** What the copy refuses before it looks at the flags. Linux: copy_clone_args_from_user */
function unfit(bytes: Uint8Array, size: number): string | undefined {
  const setTid = bigAt(bytes, FIELD.setTid);
  const setTidSize = longAt(bytes, FIELD.setTidSize);
  if (setTidSize > MAX_PID_NS_LEVEL) return "set_tid_size";
  if ((setTid === 0n) !== (setTidSize === 0)) return "set_tid without set_tid_size";
  if (longAt(bytes, FIELD.exitSignal) > 64) return "exit_signal";
  if ((wordAt(bytes, FIELD.flags + 4) & HIGH.CLONE_INTO_CGROUP) === 0) return undefined;
  return size < WITH_CGROUP || longAt(bytes, FIELD.cgroup) > INT_MAX ? "cgroup" : undefined;
}

/** Linux: clone3_args_valid, clone3_stack_valid */
function unfitFlags(
  task: Task,
  bytes: Uint8Array,
  flags: number,
  highFlags: number,
): string | undefined {
  const { cloneAutoreap } = task.machine.profile.pidfd;
  const newer =
    HIGH.CLONE_AUTOREAP | HIGH.CLONE_NNP | HIGH.CLONE_PIDFD_AUTOKILL | HIGH.CLONE_EMPTY_MNTNS;
  const known = HIGH.CLONE_CLEAR_SIGHAND | HIGH.CLONE_INTO_CGROUP | (cloneAutoreap ? newer : 0);
  if ((highFlags & ~known) !== 0) return "flags";
  if ((flags & (CLONE.CLONE_DETACHED | (CSIGNAL & ~CLONE_NEWTIME))) !== 0) return "flags";
  const clears = (highFlags & HIGH.CLONE_CLEAR_SIGHAND) !== 0;
  if (clears && (flags & CLONE.CLONE_SIGHAND) !== 0) return "CLONE_CLEAR_SIGHAND, CLONE_SIGHAND";
  const signals = wordAt(bytes, FIELD.exitSignal) !== 0;
  if (signals && (flags & (CLONE.CLONE_THREAD | CLONE.CLONE_PARENT)) !== 0) {
    return "exit_signal with CLONE_THREAD or CLONE_PARENT";
  }
  const stack = new Registers(bigAt(bytes, FIELD.stack), bigAt(bytes, FIELD.stackSize));
  if (stack.isZero(0) !== stack.isZero(1)) return "stack without stack_size";
  return stack.isZero(0) || isUserRange(task, stack) ? undefined : "stack";
}

function isUserRange(task: Task, range: Registers): boolean {
  const { pageShift } = task.machine.memory;
  const page = range.page(0, pageShift);
  const offset = range.offset(0, pageShift);
  return accessOk(task, page, offset, range.page(1, pageShift), range.offset(1, pageShift));
}

/** The numbers asked for, the innermost namespace's first. */
function readSetTid(task: Task, bytes: Uint8Array): Result<readonly number[]> {
  const count = longAt(bytes, FIELD.setTidSize);
  if (count === 0) return success([]);
  const pointer = new Registers(bigAt(bytes, FIELD.setTid));
  const numbers = copyIn(task, pointer, 0, count * 4);
  if ("ok" in numbers) return numbers;
  return success(Array.from({ length: count }, (_, i) => wordAt(numbers, i * 4) | 0));
}

/** Cgroups are not modelled: of a recorded program any directory may be one. */
function refuseCgroup(task: Task, highFlags: number, fd: number): Refusal | undefined {
  if ((highFlags & HIGH.CLONE_INTO_CGROUP) === 0) return undefined;
  const { machine } = task;
  const is =
    machine.recorded &&
    machine.ports.choices.choose<boolean>({
      id: "clone3/cgroup",
      usual: true,
      allows: () => true,
      describe: () => `whether descriptor ${fd} is a cgroup`,
      alternatives: [true, false],
    });
  return is ? undefined : reasons.refuse(machine.ports.checks, "clone3/cgroup", fd);
}

function bigAt(bytes: Uint8Array, offset: number): bigint {
  return (BigInt(wordAt(bytes, offset + 4)) << 32n) | BigInt(wordAt(bytes, offset));
}
