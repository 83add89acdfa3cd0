import { idIs } from "@kadvise/security";
import { Reasons, type Refusal, RLIMIT, type RlimitName, success } from "@kadvise/uapi";
import type { SystemCall } from "../call.ts";
import { copyIn, copyOut, longAt, words } from "../copyUser.ts";
import type { Limit } from "../limits.ts";
import { parameter } from "../signature.ts";
import type { Task } from "../task.ts";
import { findPid } from "./numbering.ts";

const entries = {
  "prlimit/no-process": {
    errno: "ESRCH",
    text: "no process has this number",
    linux: "kernel/sys.c prlimit64",
    since: "2.6.36",
    remedy: "name a living process, or 0 for oneself",
    compares: ["pid"],
  },
  "prlimit/not-permitted": {
    errno: "EPERM",
    text: "the process has other ids than the caller, who lacks CAP_SYS_RESOURCE",
    linux: "kernel/sys.c check_prlimit_permission",
    since: "2.6.36",
    remedy: "gain CAP_SYS_RESOURCE in the process' user namespace",
    compares: ["pid"],
  },
  "prlimit/resource": {
    errno: "EINVAL",
    text: "no such resource, or a soft limit above the hard one",
    linux: "kernel/sys.c do_prlimit",
    since: "2.6.36",
    remedy: "pass an RLIMIT_* number and a soft limit up to the hard one",
    compares: ["resource"],
  },
  "prlimit/too-many-files": {
    errno: "EPERM",
    text: "RLIMIT_NOFILE above fs.nr_open",
    linux: "kernel/sys.c do_prlimit",
    since: "2.6.36",
    remedy: "ask for less, or raise fs.nr_open",
    compares: ["hard"],
  },
  "prlimit/raise": {
    errno: "EPERM",
    text: "raising a hard limit needs CAP_SYS_RESOURCE",
    linux: "kernel/sys.c do_prlimit",
    since: "2.6.36",
    remedy: "gain CAP_SYS_RESOURCE",
    compares: ["resource"],
  },
} as const;

/** prlimit's reasons. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** The resources by their numbers. */
export const limitNames: readonly RlimitName[] = Object.keys(RLIMIT) as RlimitName[];
const INFINITE = 0xffff_ffff_ffff_ffffn;
/** fs.nr_open as it comes. Linux: fs/file.c sysctl_nr_open */
const NR_OPEN = 1024 * 1024;

/**
 * prlimit64(2): the new limit is read before anybody looks whose it is. Linux: kernel/sys.c
 * prlimit64
 */
export const prlimit64: SystemCall = {
  name: "prlimit64",
  parameters: [
    parameter("pid", "pid"),
    parameter("resource", { names: RLIMIT }),
    parameter("new_limit", { structure: "rlimit", direction: "in" }),
    parameter("old_limit", { structure: "rlimit", direction: "out" }),
  ],
  run(task, registers) {
    const { checks } = task.machine.ports;
    const bytes = registers.isZero(2) ? undefined : copyIn(task, registers, 2, 16);
    if (bytes !== undefined && "ok" in bytes) return bytes;
    const pid = registers.int(0);
    const target = pid === 0 ? task : findPid(task, pid)?.thread?.payload;
    if (target === undefined) return reasons.refuse(checks, "prlimit/no-process", pid);
    if (!mayLimit(task, target)) return reasons.refuse(checks, "prlimit/not-permitted", pid);

    const resource = registers.low(1);
    const name = limitNames[resource];
    if (name === undefined) return reasons.refuse(checks, "prlimit/resource", resource);
    const old = target.limits.get(name);
    if (bytes !== undefined) {
      const refusal = changeLimit(task, target, resource, limitOf(bytes));
      if (refusal !== undefined) return refusal;
    }
    if (registers.isZero(3)) return success(0);
    const shown = words(...limitWords(old.soft), ...limitWords(old.hard));
    return copyOut(task, registers, 3, shown) ?? success(0);
  },
};

/** The caller's real ids must be all of the target's. Linux: check_prlimit_permission */
function mayLimit(task: Task, target: Task): boolean {
  if (task === target) return true;
  const { machine, subject } = task;
  const own = subject.credentials;
  const theirs = target.subject.credentials;
  const agree =
    (["uid", "euid", "suid"] as const).every((id) => idIs(machine.ports, theirs, id, own.uid)) &&
    (["gid", "egid", "sgid"] as const).every((id) => idIs(machine.ports, theirs, id, own.gid));
  return agree || machine.access.capable(subject, "CAP_SYS_RESOURCE", theirs.userNamespace).ok;
}

/** Gives a process another limit, if the caller may. Linux: kernel/sys.c do_prlimit */
export function changeLimit(
  task: Task,
  target: Task,
  resource: number,
  limit: Limit,
): Refusal | undefined {
  const name = limitNames[resource];
  if (name === undefined)
    return reasons.refuse(task.machine.ports.checks, "prlimit/resource", resource);
  const refusal = checkLimit(task, resource, limit, target.limits.get(name));
  if (refusal === undefined) target.limits.set(name, limit);
  return refusal;
}

/** Linux: do_prlimit */
function checkLimit(task: Task, resource: number, limit: Limit, old: Limit): Refusal | undefined {
  const { access, ports } = task.machine;
  if (limit.soft > limit.hard) return reasons.refuse(ports.checks, "prlimit/resource", resource);
  if (resource === RLIMIT.RLIMIT_NOFILE && limit.hard > NR_OPEN) {
    return reasons.refuse(ports.checks, "prlimit/too-many-files", String(limit.hard));
  }
  if (limit.hard <= old.hard) return undefined;
  const allowed = access.capable(task.subject, "CAP_SYS_RESOURCE");
  return allowed.ok
    ? undefined
    : reasons.refuseBecause(ports.checks, "prlimit/raise", allowed, resource);
}

function bytesLimit(bytes: Uint8Array, offset: number): number {
  const value = longAt(bytes, offset);
  return value >= 2 ** 63 ? Number.POSITIVE_INFINITY : value;
}

/** A limit as two 64-bit numbers. Linux: struct rlimit64 */
export function limitOf(bytes: Uint8Array): Limit {
  return { soft: bytesLimit(bytes, 0), hard: bytesLimit(bytes, 8) };
}

/** One of the two, in halves. */
export function limitWords(limit: number): [number, number] {
  const value = Number.isFinite(limit) ? BigInt(limit) : INFINITE;
  return [Number(value & 0xffff_ffffn), Number(value >> 32n)];
}
