import {
  capabilityHalves,
  credentials,
  initialUserNamespace,
  type CapabilitySet,
  type Credentials,
} from "@kadvise/security";
import type { Task } from "@kadvise/syscalls";
import type { RlimitName } from "@kadvise/uapi";
import { layOut } from "../live/layOut.ts";
import { UNLIMITED } from "../target/procStatus.ts";
import type { ExecFacts } from "./logFacts.ts";

/** States what was seen of a process behind its execve: nothing of that is open any more. */
export function stateExec(task: Task, facts: ExecFacts): void {
  const { journal } = task.machine.ports;
  const { areas, startBreak, limits } = facts;
  for (const [name, { soft, hard }] of Object.entries(limits))
    task.limits.set(name as RlimitName, { soft: limitOf(soft), hard: limitOf(hard) });
  const isOther = stateCredentials(task, facts);
  stateDescriptors(task, facts);
  if (facts.children?.length === 0) {
    const { group } = task.thread;
    journal.save(group, "childrenUnstated");
    group.childrenUnstated = false;
  }
  const { exec } = task.subject;
  if (isOther || (facts.dumpable !== "unknown" && exec.dumpable !== facts.dumpable)) {
    journal.save(exec, "dumpable");
    exec.dumpable = facts.dumpable;
  }
  if (areas === undefined) return;
  const stackBytes = limits["RLIMIT_STACK"]?.soft;
  layOut(task, {
    areas,
    ...(startBreak === undefined ? {} : { startBreak }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
  });
}

/**
 * Who the process is. Where the log settled it, a set-id program or the capabilities of its file may
 * have made another one of it: returns whether they did.
 */
function stateCredentials({ subject, machine }: Task, facts: ExecFacts): boolean {
  const old = subject.credentials;
  if (!facts.isInitialNamespace || old.userNamespace !== initialUserNamespace) return false;
  const seen = facts.credentials;
  const [uid = 0, euid = uid, suid = uid, fsuid = euid] = seen.uids;
  const [gid = 0, egid = gid, sgid = gid, fsgid = egid] = seen.gids;
  const now = credentials({
    ...{ uid, euid, suid, fsuid, gid, egid, sgid, fsgid },
    groups: seen.groups,
    permitted: setOf(seen.permitted),
    effective: setOf(seen.effective),
    inheritable: setOf(seen.inheritable),
    bounding: setOf(seen.bounding),
    ambient: setOf(seen.ambient),
    securebits: old.securebits,
  });
  const isOther = old.unknown === undefined && !isSame(old, now);
  if (old.unknown === undefined && !isOther) return false;
  machine.ports.journal.save(subject, "credentials");
  subject.credentials = now;
  return isOther;
}

function isSame(a: Credentials, b: Credentials): boolean {
  return (
    ID_FIELDS.every((field) => a[field] === b[field]) &&
    SETS.every((name) => a[name].lo === b[name].lo && a[name].hi === b[name].hi)
  );
}

const ID_FIELDS = ["euid", "suid", "fsuid", "egid", "sgid", "fsgid"] as const;
const SETS = ["permitted", "effective", "ambient"] as const;

/** So many descriptors are stated to be closed where they are not open. */
const DESCRIPTORS = 1024;

/** What is open stays whatever it is; the rest is closed. */
function stateDescriptors({ files }: Task, { descriptors }: ExecFacts): void {
  if (descriptors === undefined) return;
  for (let fd = 0; fd < DESCRIPTORS; fd++) {
    if (descriptors.includes(fd)) files.stateOpen(fd);
    else if (files.peek(fd) === undefined) files.set(fd, null);
  }
}

function limitOf(value: number): number {
  return value === UNLIMITED ? Number.POSITIVE_INFINITY : value;
}

/** A set as /proc/PID/status prints it. */
function setOf(hex: string): CapabilitySet {
  const bits = BigInt(`0x${hex}`);
  return capabilityHalves(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
}
