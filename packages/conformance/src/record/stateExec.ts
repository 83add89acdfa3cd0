import {
  capabilityHalves,
  credentials,
  initialUserNamespace,
  type CapabilitySet,
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
  stateCredentials(task, facts);
  stateDescriptors(task, facts);
  if (facts.children?.length === 0) {
    const { group } = task.thread;
    journal.save(group, "childrenUnstated");
    group.childrenUnstated = false;
  }
  if (facts.dumpable !== "unknown" && task.subject.exec.dumpable === "unknown") {
    journal.save(task.subject.exec, "dumpable");
    task.subject.exec.dumpable = facts.dumpable;
  }
  if (areas === undefined) return;
  const stackBytes = limits["RLIMIT_STACK"]?.soft;
  layOut(task, {
    areas,
    ...(startBreak === undefined ? {} : { startBreak }),
    ...(stackBytes === undefined ? {} : { stackBytes }),
  });
}

/** Where the log settled who the process is, it stays so; what is open is filled. */
function stateCredentials({ subject, machine }: Task, facts: ExecFacts): void {
  const old = subject.credentials;
  if (!facts.isInitialNamespace || old.unknown === undefined) return;
  if (old.userNamespace !== initialUserNamespace) return;
  const seen = facts.credentials;
  const [uid = 0, euid = uid, suid = uid, fsuid = euid] = seen.uids;
  const [gid = 0, egid = gid, sgid = gid, fsgid = egid] = seen.gids;
  machine.ports.journal.save(subject, "credentials");
  subject.credentials = credentials({
    ...{ uid, euid, suid, fsuid, gid, egid, sgid, fsgid },
    groups: seen.groups,
    permitted: setOf(seen.permitted),
    effective: setOf(seen.effective),
    inheritable: setOf(seen.inheritable),
    bounding: setOf(seen.bounding),
    ambient: setOf(seen.ambient),
    securebits: old.securebits,
  });
}

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
