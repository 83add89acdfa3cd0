import {
  capabilityHalves,
  credentials,
  type CapabilitySet,
  type Dumpable,
} from "@kadvise/security";
import type { Task } from "@kadvise/syscalls";
import type { RlimitName } from "@kadvise/uapi";
import { UNLIMITED } from "../target/procStatus.ts";
import type { ObservedCredentials, StartState } from "../target/startState.ts";

/** Makes a task who a real process was seen to be: its credentials and limits. */
export function settleTask(task: Task, start: StartState): void {
  const { subject } = task;
  subject.credentials = credentialsOf(start.credentials);
  subject.noNewPrivs = start.credentials.noNewPrivs;
  subject.exec.dumpable = start.credentials.dumpable as Dumpable;
  for (const [name, { soft, hard }] of Object.entries(start.limits)) {
    task.limits.set(name as RlimitName, { soft: limitOf(soft), hard: limitOf(hard) });
  }
}

function limitOf(value: number): number {
  return value === UNLIMITED ? Number.POSITIVE_INFINITY : value;
}

function credentialsOf(seen: ObservedCredentials): ReturnType<typeof credentials> {
  const [uid = 0, euid = uid, suid = uid, fsuid = euid] = seen.uids;
  const [gid = 0, egid = gid, sgid = gid, fsgid = egid] = seen.gids;
  return credentials({
    ...{ uid, euid, suid, fsuid, gid, egid, sgid, fsgid },
    groups: seen.groups,
    permitted: setOf(seen.permitted),
    effective: setOf(seen.effective),
    inheritable: setOf(seen.inheritable),
    bounding: setOf(seen.bounding),
    ambient: setOf(seen.ambient),
    securebits: seen.securebits,
  });
}

/** A set as /proc/PID/status prints it. */
function setOf(hex: string): CapabilitySet {
  const bits = BigInt(`0x${hex}`);
  return capabilityHalves(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
}
