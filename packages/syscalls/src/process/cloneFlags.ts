import { CLONE, Reasons, type Refusal } from "@kadvise/uapi";
import type { Task } from "../task.ts";
import { HIGH, type CloneRequest } from "./cloneTask.ts";
import { namespaceForChildren } from "./newPidNamespace.ts";

const entries = {
  "clone/flags-conflict": {
    errno: "EINVAL",
    text: "two of the flags exclude or require each other",
    linux: "kernel/fork.c copy_process",
    since: "2.6",
    remedy:
      "CLONE_THREAD needs CLONE_SIGHAND, which needs CLONE_VM; a new namespace cannot share what it replaces",
    compares: ["flags", "conflict"],
  },
  "clone/autokill-not-permitted": {
    errno: "EPERM",
    text: "CLONE_PIDFD_AUTOKILL kills what may be more privileged: it needs CAP_SYS_ADMIN or CLONE_NNP",
    linux: "kernel/fork.c copy_process",
    since: "7.1",
    remedy: "add CLONE_NNP, or gain CAP_SYS_ADMIN",
  },
} as const;

/** The reasons for which flags do not go together. */
export const reasons: Reasons<keyof typeof entries> = new Reasons(entries);

/** Flags that exclude or require each other, in Linux' order. Linux: kernel/fork.c copy_process */
export function checkFlags(parent: Task, request: CloneRequest): Refusal | undefined {
  const { machine } = parent;
  const { flags } = request;
  const { threads } = machine.profile.pidfd;
  const has = (bit: number): boolean => (flags & bit) !== 0;
  const refuse = (conflict: string): Refusal => {
    const shown = `0x${(flags >>> 0).toString(16)}`;
    return reasons.refuse(machine.ports.checks, "clone/flags-conflict", shown, conflict);
  };
  if (has(CLONE.CLONE_NEWNS) && has(CLONE.CLONE_FS)) return refuse("CLONE_NEWNS with CLONE_FS");
  if (has(CLONE.CLONE_NEWUSER) && has(CLONE.CLONE_FS)) return refuse("CLONE_NEWUSER with CLONE_FS");
  if (has(CLONE.CLONE_THREAD) && !has(CLONE.CLONE_SIGHAND))
    return refuse("CLONE_THREAD without CLONE_SIGHAND");
  if (has(CLONE.CLONE_SIGHAND) && !has(CLONE.CLONE_VM))
    return refuse("CLONE_SIGHAND without CLONE_VM");
  const { group } = parent.thread;
  if (has(CLONE.CLONE_PARENT) && group.pid.namespace.init === group)
    return refuse("CLONE_PARENT by the first process of a pid namespace");
  if (has(CLONE.CLONE_THREAD) && has(CLONE.CLONE_NEWUSER | CLONE.CLONE_NEWPID)) {
    return refuse("CLONE_THREAD with a new user or pid namespace");
  }
  if (has(CLONE.CLONE_THREAD) && namespaceForChildren(parent) !== parent.pid.namespace)
    return refuse("CLONE_THREAD where children are made in another pid namespace");
  // Up to 6.1. Linux: kernel/fork.c copy_process
  const sharesAcross = parent.childrenLeaveTime && has(CLONE.CLONE_THREAD | CLONE.CLONE_VM);
  if (sharesAcross && !machine.profile.abi.execEntersTime)
    return refuse("CLONE_VM where children are made in another time namespace");
  if (has(CLONE.CLONE_PIDFD)) {
    if (has(CLONE.CLONE_DETACHED)) return refuse("CLONE_PIDFD with CLONE_DETACHED");
    if (has(CLONE.CLONE_THREAD) && !threads) return refuse("CLONE_PIDFD with CLONE_THREAD");
  }
  return checkHighFlags(parent, request, refuse);
}

/** The flags of 7.1, which only clone3 can give. */
function checkHighFlags(
  parent: Task,
  { flags, highFlags = 0, exitSignal }: CloneRequest,
  refuse: (conflict: string) => Refusal,
): Refusal | undefined {
  const isThread = (flags & CLONE.CLONE_THREAD) !== 0;
  const isReaped = (highFlags & HIGH.CLONE_AUTOREAP) !== 0;
  const hasNoNewPrivs = (highFlags & HIGH.CLONE_NNP) !== 0;
  if (isReaped) {
    if (isThread) return refuse("CLONE_AUTOREAP with CLONE_THREAD");
    if ((flags & CLONE.CLONE_PARENT) !== 0) return refuse("CLONE_AUTOREAP with CLONE_PARENT");
    if (exitSignal !== 0) return refuse("CLONE_AUTOREAP with an exit signal");
  }
  if (hasNoNewPrivs && isThread) return refuse("CLONE_NNP with CLONE_THREAD");
  if ((highFlags & HIGH.CLONE_PIDFD_AUTOKILL) === 0) return undefined;
  if ((flags & CLONE.CLONE_PIDFD) === 0) return refuse("CLONE_PIDFD_AUTOKILL without CLONE_PIDFD");
  if (!isReaped) return refuse("CLONE_PIDFD_AUTOKILL without CLONE_AUTOREAP");
  const { access, ports } = parent.machine;
  const { userNamespace } = parent.subject.credentials;
  if (hasNoNewPrivs) return undefined;
  const allowed = access.capable(parent.subject, "CAP_SYS_ADMIN", userNamespace);
  return allowed.ok
    ? undefined
    : reasons.refuseBecause(ports.checks, "clone/autokill-not-permitted", allowed);
}
