import type { AddressSpace } from "@kadvise/mm-core";
import type { Thread } from "@kadvise/pidfd";
import type { PtraceMode } from "@kadvise/security";
import { Reasons, type Refusal } from "@kadvise/uapi";
import { dropUser } from "./process/leaveMemory.ts";
import { ptraceMayAccess } from "./ptraceAccess.ts";
import type { Task } from "./task.ts";

const entries = {
  "mm_access/no-memory": {
    errno: "ESRCH",
    text: "the target has no memory: a zombie, a kernel thread, or a leader that exited before its threads",
    passes: "the target has memory",
    linux: "kernel/fork.c mm_access",
    since: "seed",
    remedy: "name a living process",
    compares: ["pid"],
  },
  "mm_access/denied": {
    errno: "EACCES",
    text: "the caller may not access the target's address space",
    passes: "the caller may access the target's address space",
    linux: "kernel/fork.c mm_access",
    since: "seed",
    remedy: "see the refusal of the ptrace access check that this one stands on",
    compares: ["mode", "pid"],
  },
  "mm_access/own": {
    errno: "EACCES",
    text: "the target has another address space than the caller, so access is asked",
    passes: "the target's address space is the caller's own: access is not asked",
    linux: "kernel/fork.c mm_access",
    since: "seed",
    remedy: "advise one's own address space",
    compares: ["pid"],
  },
} as const;

/** The reasons of a look into another address space. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * The address space of a task, if the caller may have it. Linux: kernel/fork.c mm_access
 *
 * A task without memory is ESRCH before any permission is asked. One's own address space needs
 * none: threads and processes that share it pass. All else is a ptrace access check, whose refusal
 * always becomes EACCES here; newer kernels let CAP_PERFMON read what that check refused.
 */
export function mmAccess(
  caller: Task,
  target: Thread<Task>,
  mode: PtraceMode,
): AddressSpace | Refusal {
  const { machine } = caller;
  const { checks } = machine.ports;
  const { number } = target.pid;
  const task = target.payload;
  const mm = hasMemory(target) ? task.mm : undefined;
  if (mm === undefined) return reasons.refuse(checks, "mm_access/no-memory", number);
  reasons.passed(checks, "mm_access/no-memory", number);
  if (mm === caller.mm) {
    reasons.passed(checks, "mm_access/own", number);
    return mm;
  }
  const access = ptraceMayAccess(caller, target, mode);
  if (access.ok) return mm;
  if (machine.profile.security.perfmonReads && mode.startsWith("PTRACE_MODE_READ")) {
    if (machine.access.capable(caller.subject, "CAP_PERFMON").ok) return mm;
    if (machine.access.capable(caller.subject, "CAP_SYS_ADMIN").ok) return mm;
  }
  return reasons.refuseBecause(checks, "mm_access/denied", access, mode, number);
}

/**
 * Whether a target still has its memory. One that was just sent a fatal signal, or whose leader is
 * on its way out, may or may not; once it is gone it stays so.
 */
function hasMemory(target: Thread<Task>): boolean {
  if (!target.alive) return false;
  const { group, payload } = target;
  const { mm, machine } = payload;
  if (group.isUnwatched) askForMemory(target);
  if ((!group.dying && !target.exiting) || mm === undefined) return mm !== undefined;
  const isThere = machine.ports.choices.choose<boolean>({
    id: "signal/target-still-alive",
    usual: false,
    allows: () => true,
    describe: () => `whether process ${group.pid.number}, which is about to end, is gone yet`,
    alternatives: [false, true],
  });
  if (isThere) return true;
  payload.setMemory(undefined);
  dropUser(mm);
  return false;
}

/** Of a process that the record does not follow nobody knows what its memory is by now. */
function askForMemory({ group, payload }: Thread<Task>): void {
  payload.machine.ports.choices.choose<never>({
    id: "process/unwatched",
    usual: undefined as never,
    allows: () => false,
    describe: () => `what became of process ${group.pid.number}, which the record does not follow`,
  });
}
