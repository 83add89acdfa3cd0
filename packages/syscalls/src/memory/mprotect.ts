import { NO_KEY } from "@kadvise/mm-core";
import { PROT, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { addressPages, type Registers } from "../registers.ts";
import type { Task } from "../task.ts";

const entries = {
  "mprotect/both-directions": {
    errno: "EINVAL",
    text: "PROT_GROWSDOWN and PROT_GROWSUP together",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "give one of them",
  },
  "mprotect/unaligned": {
    errno: "EINVAL",
    text: "the address is not page-aligned",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "align the address",
    compares: ["offset"],
  },
  "mprotect/range-wraps": {
    errno: "ENOMEM",
    text: "the range wraps around, or its length rounds up to zero",
    linux: "mm/mprotect.c do_mprotect_pkey",
    since: "2.6",
    remedy: "name a range that ends below 2^64",
    compares: ["page", "pages"],
  },
  "mprotect/unknown-protection": {
    errno: "EINVAL",
    text: "the protection has bits other than read, write, execute and PROT_SEM",
    linux: "include/linux/mman.h arch_validate_prot",
    since: "2.6",
    remedy: "pass PROT_* bits",
    compares: ["prot"],
  },
} as const;

/** The reasons of mprotect's argument checks. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const GROWS: number = PROT.PROT_GROWSDOWN | PROT.PROT_GROWSUP;

/** mprotect(2). Linux: mm/mprotect.c do_mprotect_pkey */
export const mprotect: SystemCall = {
  name: "mprotect",
  parameters: [
    parameter("addr", "address"),
    parameter("len", "size"),
    parameter("prot", { flags: PROT }),
  ],
  run: (task, registers) => protectRange(task, registers, NO_KEY),
};

/**
 * Protects a range, with a protection key where one is given; `checkKey` objects to it when the
 * range is known to be sound.
 */
export function protectRange(
  task: Task,
  registers: Registers,
  key: number,
  checkKey: () => Refusal | undefined = () => undefined,
): Outcome {
  const { pageShift } = task.machine.memory;
  const { checks } = task.machine.ports;
  const prot = registers.low(2);
  if ((prot & GROWS) === GROWS) return reasons.refuse(checks, "mprotect/both-directions");
  const offset = registers.offset(0, pageShift);
  if (offset !== 0) return reasons.refuse(checks, "mprotect/unaligned", offset);
  if (registers.isZero(1)) return success(0);
  const page = registers.page(0, pageShift);
  const pages = registers.pagesUp(1, pageShift);
  const wrap = addressPages(pageShift);
  if (pages >= wrap || page + pages >= wrap)
    return reasons.refuse(checks, "mprotect/range-wraps", page, pages);
  const known = PROT.PROT_READ | PROT.PROT_WRITE | PROT.PROT_EXEC | PROT.PROT_SEM;
  if (registers.high(2) !== 0 || (prot & ~GROWS & ~known) !== 0) {
    return reasons.refuse(checks, "mprotect/unknown-protection", `0x${prot.toString(16)}`);
  }
  const objection = checkKey();
  if (objection !== undefined) return objection;
  const result = task.space.protect(page, pages, prot, task.actor, key);
  return result.ok ? success(0) : result;
}
