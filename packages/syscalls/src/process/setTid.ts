import { namespaceAt, type PidNamespace } from "@kadvise/pidfd";
import { Reasons, type Refusal } from "@kadvise/uapi";
import type { Task } from "../task.ts";
import { ownerOf } from "./newPidNamespace.ts";

const entries = {
  "clone/set-tid": {
    errno: "EINVAL",
    text: "the number asked for is none that a process can have, or there are more than namespaces",
    linux: "kernel/pid.c alloc_pid",
    since: "5.5",
    remedy:
      "ask for one number a namespace, from 1 to below kernel.pid_max, and 1 for the first of all",
    compares: ["pid"],
  },
  "clone/set-tid-not-permitted": {
    errno: "EPERM",
    text: "asking for a process number needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN",
    linux: "kernel/pid.c alloc_pid",
    since: "5.5",
    remedy: "gain one of them in the user namespace that owns the pid namespace",
    compares: ["pid"],
  },
  "clone/set-tid-in-use": {
    errno: "EEXIST",
    text: "the number asked for is in use",
    linux: "kernel/pid.c alloc_pid",
    since: "5.5",
    remedy: "ask for a free one",
    compares: ["pid"],
  },
} as const;

/** The reasons for which a task does not get the numbers that clone3 asks for. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/**
 * The numbers that clone3 asks for, the innermost first: each is looked at in its namespace. Up to
 * 6.19 one that is in use ends it at once. Linux: kernel/pid.c alloc_pid
 */
export function checkSetTid(
  parent: Task,
  innermost: PidNamespace<Task>,
  setTid: readonly number[],
): Refusal | undefined {
  const { checks } = parent.machine.ports;
  if (setTid.length > innermost.level + 1)
    return reasons.refuse(checks, "clone/set-tid", setTid[innermost.level + 1] ?? 0);
  const asked = setTid.map((number, i) => {
    const level = innermost.level - i;
    return { number, namespace: namespaceAt(innermost, level) ?? innermost };
  });
  const { setTidChecksAll } = parent.machine.profile.pidfd;
  const inUse = (one: Asked): Refusal | undefined =>
    isInUse(parent, one) ? reasons.refuse(checks, "clone/set-tid-in-use", one.number) : undefined;
  for (const one of asked) {
    const refusal = checkOne(parent, one) ?? (setTidChecksAll ? undefined : inUse(one));
    if (refusal !== undefined) return refusal;
  }
  return setTidChecksAll ? firstOf(asked.map(inUse)) : undefined;
}

/** A number, and where it is asked for. */
interface Asked {
  readonly number: number;
  readonly namespace: PidNamespace<Task>;
}

function firstOf(refusals: readonly (Refusal | undefined)[]): Refusal | undefined {
  return refusals.find((refusal) => refusal !== undefined);
}

/**
 * Whether a number is taken. A record shows neither everybody who was there nor who waits for whom:
 * of it only who lives for sure, and the first process of all, have theirs.
 */
function isInUse({ machine }: Task, { number, namespace }: Asked): boolean {
  const known = machine.processes.find(number, namespace);
  if (!machine.recorded || known?.thread?.alive === true) return known !== undefined;
  if (number === 1 && namespace.level === 0) return true;
  if (namespace.level > 0 && namespace.init === undefined) return false;
  return machine.ports.choices.choose<boolean>({
    id: "clone/number-in-use",
    usual: false,
    allows: () => true,
    describe: () => `whether the process number ${number} is in use`,
    alternatives: [false, true],
  });
}

/**
 * A record does not show kernel.pid_max, which nobody sets below its default and nobody can set above
 * the other bound. Linux: include/linux/threads.h PID_MAX_DEFAULT, PID_MAX_LIMIT
 */
function isBelowMost({ recorded, profile, ports }: Task["machine"], number: number): boolean {
  const { pidMax } = profile.settings;
  if (!recorded || number < USUAL_PID_MAX || number >= MOST_PID_MAX) return number < pidMax;
  return ports.choices.choose<boolean>({
    id: "clone/pid-max",
    usual: number < pidMax,
    allows: () => true,
    describe: () => `whether the number ${number} is below kernel.pid_max`,
    alternatives: [true, false],
  });
}
const USUAL_PID_MAX = 2 ** 15;
const MOST_PID_MAX = 2 ** 22;

function checkOne({ machine, subject }: Task, { number, namespace }: Asked): Refusal | undefined {
  const { checks } = machine.ports;
  const hasFirst = namespace.level === 0 || namespace.init !== undefined;
  const isPossible = number >= 1 && isBelowMost(machine, number);
  if (!isPossible || (number !== 1 && !hasFirst))
    return reasons.refuse(checks, "clone/set-tid", number);
  const owner = ownerOf(namespace);
  const restore = machine.access.capable(subject, "CAP_CHECKPOINT_RESTORE", owner);
  const admin = restore.ok ? restore : machine.access.capable(subject, "CAP_SYS_ADMIN", owner);
  return admin.ok
    ? undefined
    : reasons.refuseBecause(checks, "clone/set-tid-not-permitted", admin, number);
}
