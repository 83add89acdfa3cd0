import { MLOCK2, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import { addressPages, type Registers } from "../registers.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { lockedWithin } from "./lockedWithin.ts";

const entries = {
  "mlock/not-permitted": {
    errno: "EPERM",
    text: "the caller may lock nothing (RLIMIT_MEMLOCK is 0) and lacks CAP_IPC_LOCK",
    linux: "mm/mlock.c can_do_mlock",
    since: "2.6.9",
    remedy: "raise RLIMIT_MEMLOCK or gain CAP_IPC_LOCK",
  },
  "mlock/limit": {
    errno: "ENOMEM",
    text: "the locked memory would exceed RLIMIT_MEMLOCK",
    linux: "mm/mlock.c do_mlock",
    since: "2.6.9",
    remedy: "raise RLIMIT_MEMLOCK or gain CAP_IPC_LOCK",
    compares: ["pages", "limitPages"],
  },
  "mlock/range-wraps": {
    errno: "EINVAL",
    text: "the range wraps around",
    linux: "mm/mlock.c apply_vma_lock_flags",
    since: "2.6",
    remedy: "name a range that ends below 2^64",
  },
  "mlock2/flags": {
    errno: "EINVAL",
    text: "mlock2 knows no flag but MLOCK_ONFAULT",
    linux: "mm/mlock.c mlock2",
    since: "4.4",
    remedy: "pass 0 or MLOCK_ONFAULT",
    compares: ["flags"],
  },
} as const;

/** The reasons of the argument checks of mlock, mlock2 and munlock. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** mlock(2). The length counts from the start of the first page. Linux: mm/mlock.c do_mlock */
export const mlock: SystemCall = {
  name: "mlock",
  parameters: [parameter("addr", "address"), parameter("len", "size")],
  run: (task, registers) => lock(task, registers, false),
};

/** mlock2(2). Since 4.4. */
export const mlock2: SystemCall = {
  name: "mlock2",
  parameters: [...mlock.parameters, parameter("flags", { flags: MLOCK2 })],
  run(task, registers) {
    const flags = registers.low(2);
    if ((flags & ~MLOCK2.MLOCK_ONFAULT) !== 0)
      return reasons.refuse(task.machine.ports.checks, "mlock2/flags", flags);
    return lock(task, registers, flags !== 0);
  },
};

/** munlock(2): no limit, no capability. */
export const munlock: SystemCall = {
  name: "munlock",
  parameters: mlock.parameters,
  run(task, registers) {
    const { page, pages } = pagesOf(task, registers);
    const wraps = checkWrap(task, page, pages);
    if (wraps !== undefined) return wraps;
    const result = task.space.unlock(page, pages);
    return result.ok ? success(0) : result;
  },
};

/** What is locked already is not counted twice, and only looked at where it matters. */
function lock(task: Task, registers: Registers, onFault: boolean): Outcome {
  const refusal = mayLock(task);
  if (refusal !== undefined) return refusal;
  const { page, pages } = pagesOf(task, registers);
  const mm = task.space;
  const limit = lockLimitPages(task);
  if (mm.lockedPages + pages > limit && !task.actor.capable("CAP_IPC_LOCK")) {
    const wanted = mm.lockedPages + pages - lockedWithin(mm, page, pages);
    if (wanted > limit)
      return reasons.refuse(task.machine.ports.checks, "mlock/limit", wanted, limit);
  }
  const wraps = checkWrap(task, page, pages);
  if (wraps !== undefined) return wraps;
  const result = mm.lock(page, pages, onFault, task.actor);
  return result.ok ? success(0) : result;
}

/** Who may lock nothing at all is told so first. Linux: mm/mlock.c can_do_mlock */
export function mayLock(task: Task): Refusal | undefined {
  if (task.limits.soft("RLIMIT_MEMLOCK") > 0 || task.actor.capable("CAP_IPC_LOCK"))
    return undefined;
  return reasons.refuse(task.machine.ports.checks, "mlock/not-permitted");
}

/** RLIMIT_MEMLOCK, in whole pages. */
export function lockLimitPages(task: Task): number {
  return Math.floor(task.limits.soft("RLIMIT_MEMLOCK") / task.machine.memory.pageBytes);
}

/** The range in pages; a length that rounds up to zero is nothing to do, as Linux has it. */
function pagesOf(task: Task, registers: Registers): { page: number; pages: number } {
  const { pageShift, pageBytes } = task.machine.memory;
  const rest = registers.offset(0, pageShift) + registers.offset(1, pageShift);
  const pages = registers.page(1, pageShift) + Math.ceil(rest / pageBytes);
  return { page: registers.page(0, pageShift), pages: pages % addressPages(pageShift) };
}

/** Asked behind the limit. Linux: mm/mlock.c apply_vma_lock_flags */
function checkWrap(task: Task, page: number, pages: number): Refusal | undefined {
  if (pages === 0 || page + pages < addressPages(task.machine.memory.pageShift)) return undefined;
  return reasons.refuse(task.machine.ports.checks, "mlock/range-wraps");
}
