import { MCL, Reasons, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { parameter } from "../signature.ts";
import { lockLimitPages, mayLock } from "./mlock.ts";

const entries = {
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

/** The reasons of mlockall. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

const KNOWN: number = MCL.MCL_CURRENT | MCL.MCL_FUTURE | MCL.MCL_ONFAULT;

/**
 * mlockall(2). What exists is measured against the limit, and cannot be locked only in part; what
 * cannot be brought in is passed over. Linux: mm/mlock.c mlockall
 */
export const mlockall: SystemCall = {
  name: "mlockall",
  parameters: [parameter("flags", { flags: MCL })],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const flags = registers.low(0);
    if (flags === 0 || (flags & ~KNOWN) !== 0 || flags === MCL.MCL_ONFAULT) {
      return reasons.refuse(checks, "mlockall/flags", flags);
    }
    const refusal = mayLock(task);
    if (refusal !== undefined) return refusal;
    const isCurrent = (flags & MCL.MCL_CURRENT) !== 0;
    const limit = lockLimitPages(task);
    const { totalPages } = task.space;
    if (isCurrent && !task.space.isWithin(limit) && !task.actor.capable("CAP_IPC_LOCK")) {
      return reasons.refuse(checks, "mlockall/limit", totalPages, limit);
    }
    const isFuture = (flags & MCL.MCL_FUTURE) !== 0;
    task.space.lockAll(isCurrent, isFuture, (flags & MCL.MCL_ONFAULT) !== 0, task.actor);
    return success(0);
  },
};

/**
 * munlockall(2): what exists, and what would come. Nobody is asked. Linux: mm/mlock.c munlockall
 */
export const munlockall: SystemCall = {
  name: "munlockall",
  parameters: [],
  run(task) {
    task.space.unlockAll();
    return success(0);
  },
};
