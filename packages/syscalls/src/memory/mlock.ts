import { MCL, MLOCK2, Reasons, type Refusal, success } from "@kadvise/uapi";
import type { Outcome, SystemCall } from "../call.ts";
import type { Registers } from "../registers.ts";
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
  "mlockall/flags": {
    errno: "EINVAL",
    text: "mlockall needs MCL_CURRENT or MCL_FUTURE, and knows no flag besides MCL_ONFAULT",
    linux: "mm/mlock.c mlockall",
    since: "2.6",
    remedy: "pass MCL_CURRENT, MCL_FUTURE or both",
    compares: ["flags"],
  },
  "mlockall/limit": {
    errno: "ENOMEM",
    text: "locking everything that is mapped would exceed RLIMIT_MEMLOCK",
    linux: "mm/mlock.c mlockall",
    since: "2.6",
    remedy: "raise RLIMIT_MEMLOCK or gain CAP_IPC_LOCK",
    compares: ["pages", "limitPages"],
  },
} as const;

/** The reasons of the mlock family's argument checks. */
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
    const range = pagesOf(task, registers);
    if ("ok" in range) return range;
    const result = task.space.unlock(range.page, range.pages);
    return result.ok ? success(0) : result;
  },
};

/** mlockall(2). Linux: mm/mlock.c mlockall */
export const mlockall: SystemCall = {
  name: "mlockall",
  parameters: [parameter("flags", { flags: MCL })],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const flags = registers.low(0);
    const known = MCL.MCL_CURRENT | MCL.MCL_FUTURE | MCL.MCL_ONFAULT;
    if (flags === 0 || (flags & ~known) !== 0 || flags === MCL.MCL_ONFAULT) {
      return reasons.refuse(checks, "mlockall/flags", flags);
    }
    const refusal = mayLock(task);
    if (refusal !== undefined) return refusal;
    const limit = limitPages(task);
    const { totalPages } = task.space;
    if (
      (flags & MCL.MCL_CURRENT) !== 0 &&
      totalPages > limit &&
      !task.actor.capable("CAP_IPC_LOCK")
    ) {
      return reasons.refuse(checks, "mlockall/limit", totalPages, limit);
    }
    const current = (flags & MCL.MCL_CURRENT) !== 0;
    task.space.lockAll(current, (flags & MCL.MCL_FUTURE) !== 0, (flags & MCL.MCL_ONFAULT) !== 0);
    return success(0);
  },
};

/** munlockall(2). */
export const munlockall: SystemCall = {
  name: "munlockall",
  parameters: [],
  run(task) {
    task.space.unlockAll();
    return success(0);
  },
};

function lock(task: Task, registers: Registers, onFault: boolean): Outcome {
  const refusal = mayLock(task);
  if (refusal !== undefined) return refusal;
  const range = pagesOf(task, registers);
  if ("ok" in range) return range;
  const { page, pages } = range;
  const mm = task.space;
  const limit = limitPages(task);
  if (mm.lockedPages + pages > limit && !task.actor.capable("CAP_IPC_LOCK")) {
    // What is locked already is not counted twice.
    const wanted = mm.lockedPages + pages - lockedWithin(mm, page, page + pages);
    if (wanted > limit)
      return reasons.refuse(task.machine.ports.checks, "mlock/limit", wanted, limit);
  }
  const result = mm.lock(page, pages, onFault);
  return result.ok ? success(0) : result;
}

function mayLock(task: Task): Refusal | undefined {
  if (task.limits.soft("RLIMIT_MEMLOCK") > 0 || task.actor.capable("CAP_IPC_LOCK"))
    return undefined;
  return reasons.refuse(task.machine.ports.checks, "mlock/not-permitted");
}

function limitPages(task: Task): number {
  return Math.floor(task.limits.soft("RLIMIT_MEMLOCK") / task.machine.memory.pageBytes);
}

/** The range in pages; a length that rounds up to zero is nothing to do, as Linux has it. */
function pagesOf(task: Task, registers: Registers): { page: number; pages: number } | Refusal {
  const { pageShift, pageBytes } = task.machine.memory;
  const wrap = 2 ** (64 - pageShift);
  const page = registers.page(0, pageShift);
  const rest = registers.offset(0, pageShift) + registers.offset(1, pageShift);
  const pages = (registers.page(1, pageShift) + Math.ceil(rest / pageBytes)) % wrap;
  if (page + pages >= wrap && pages > 0)
    return reasons.refuse(task.machine.ports.checks, "mlock/range-wraps");
  return { page, pages };
}
