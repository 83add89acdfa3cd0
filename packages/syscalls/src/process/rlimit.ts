import { RLIMIT, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { copyIn, copyOut, words, wordAt } from "../copyUser.ts";
import type { Limit } from "../limits.ts";
import type { Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { changeLimit, limitNames, limitOf, limitWords, reasons } from "./prlimit.ts";

/** setrlimit(2): the new limit is read before its number is looked at. Linux: kernel/sys.c */
export const setrlimit: SystemCall = {
  name: "setrlimit",
  parameters: [
    parameter("resource", { names: RLIMIT }),
    parameter("rlim", { structure: "rlimit", direction: "in" }),
  ],
  run(task, registers) {
    const narrow = isNarrow(task, registers);
    const bytes = copyIn(task, registers, 1, narrow ? 8 : 16);
    if ("ok" in bytes) return bytes;
    const limit = narrow ? narrowLimit(bytes) : limitOf(bytes);
    return changeLimit(task, task, registers.low(0), limit) ?? success(0);
  },
};

/** getrlimit(2); i386's first one tells no limit above 2 GiB. Linux: kernel/sys.c */
export const getrlimit: SystemCall = {
  name: "getrlimit",
  parameters: [
    parameter("resource", { names: RLIMIT }),
    parameter("rlim", { structure: "rlimit", direction: "out" }),
  ],
  run: (task, registers) => tellLimit(task, registers, MOST_OF_OLD),
};

/** i386's getrlimit of programs since 2.4. Linux: kernel/sys.c COMPAT_SYSCALL_DEFINE2(getrlimit) */
export const ugetrlimit: SystemCall = {
  ...getrlimit,
  name: "ugetrlimit",
  run: (task, registers) => tellLimit(task, registers, NARROW_INFINITY),
};

const NARROW_INFINITY = 0xffff_ffff;
const MOST_OF_OLD = 0x7fff_ffff;

function tellLimit(task: Task, registers: Registers, most: number): Outcome {
  const resource = registers.low(0);
  const name = limitNames[resource];
  if (name === undefined)
    return reasons.refuse(task.machine.ports.checks, "prlimit/resource", resource);
  const { soft, hard } = task.limits.get(name);
  const shown = isNarrow(task, registers)
    ? words(Math.min(soft, most), Math.min(hard, most))
    : words(...limitWords(soft), ...limitWords(hard));
  return copyOut(task, registers, 1, shown) ?? success(0);
}

/** Limits of 32-bit programs have 32 bits; a record shows each as the number that it is. */
function isNarrow(task: Task, registers: Registers): boolean {
  const page = registers.page(1, task.machine.memory.pageShift);
  return task.abi === "i386" && task.memory.isLaidOver?.(page) !== true;
}

function narrowLimit(bytes: Uint8Array): Limit {
  const read = (offset: number): number => {
    const value = wordAt(bytes, offset);
    return value === NARROW_INFINITY ? Number.POSITIVE_INFINITY : value;
  };
  return { soft: read(0), hard: read(4) };
}
