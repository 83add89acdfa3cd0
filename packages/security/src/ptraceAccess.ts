import { DONE, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "./accessDecision.ts";
import type { Credentials } from "./credentials.ts";
import { readDumpable } from "./execState.ts";
import { consult } from "./consult.ts";
import type { Voice } from "./policyStack.ts";
import type { PtraceQuestion } from "./policy.ts";
import { modeUsesFsIds } from "./ptraceMode.ts";
import { reasons } from "./reasons.ts";
import type { Subject } from "./subject.ts";
import { sameId } from "./unknownFacts.ts";
import { initialUserNamespace, type UserNamespace } from "./userNamespace.ts";

/**
 * The ptrace access check, in the kernel's order: mode, thread group, ids, dumpable, policies.
 *
 * Whether the mode reads or attaches is no concern of the check itself; policies look at it.
 *
 * Linux: __ptrace_may_access, kernel/ptrace.c, 5.8 to 7.3
 */
export function mayAccess(
  access: AccessDecision,
  question: PtraceQuestion,
  voices: readonly Voice[],
): Result<undefined> {
  const { caller, target, mode } = question;
  const { checks } = access.ports;
  const usesFsIds = modeUsesFsIds(mode);
  if (usesFsIds === undefined) return reasons.refuse(checks, "ptrace_access/mode-invalid", mode);
  reasons.passed(checks, "ptrace_access/mode-invalid", mode);

  if (caller.group === target.group) {
    reasons.passed(checks, "ptrace_access/thread-group", caller.group, target.group);
    return DONE;
  }
  return (
    checkIds(access, caller, target, usesFsIds) ??
    checkDumpable(access, caller, target) ??
    consult(voices, "ptraceAccess", question, access)
  );
}

/**
 * The caller's one uid must be the target's effective, saved and real uid, and the same for gids;
 * the target's fs ids and all supplementary groups are left out. CAP_SYS_PTRACE in the user
 * namespace of the target's credentials replaces the whole comparison.
 */
function checkIds(
  access: AccessDecision,
  caller: Subject,
  target: Subject,
  usesFsIds: boolean,
): Refusal | undefined {
  const { checks } = access.ports;
  const own = caller.credentials;
  const theirs = target.credentials;
  // What is unknown of the target need not be asked for where the answer does not hang on it.
  const need = own.unknown === undefined && theirs.unknown !== undefined;
  const early = need ? access.capable(caller, "CAP_SYS_PTRACE", theirs.userNamespace) : undefined;
  const agree = early?.ok !== true && idsAgree(access, own, theirs, usesFsIds);
  const capable = agree
    ? undefined
    : (early ?? access.capable(caller, "CAP_SYS_PTRACE", theirs.userNamespace));
  if (capable?.ok !== false && checks.listener === undefined) return undefined;
  const id = "ptrace_access/ids-differ";
  const shown = callerIds(own, usesFsIds);
  if (capable?.ok === false) {
    return reasons.refuseBecause(checks, id, capable, shown, targetIds(theirs));
  }
  reasons.passed(checks, id, shown, targetIds(theirs), agree ? "ids" : "CAP_SYS_PTRACE");
  return undefined;
}

function idsAgree(
  access: AccessDecision,
  own: Credentials,
  theirs: Credentials,
  usesFsIds: boolean,
): boolean {
  if (own.unknown !== undefined || theirs.unknown !== undefined) {
    return idsAgreeAsking(access, own, theirs, usesFsIds);
  }
  const uid = usesFsIds ? own.fsuid : own.uid;
  const gid = usesFsIds ? own.fsgid : own.gid;
  return (
    uid === theirs.euid &&
    uid === theirs.suid &&
    uid === theirs.uid &&
    gid === theirs.egid &&
    gid === theirs.sgid &&
    gid === theirs.gid
  );
}

/** As above, where an id may be unknown. */
function idsAgreeAsking(
  { ports }: AccessDecision,
  own: Credentials,
  theirs: Credentials,
  usesFsIds: boolean,
): boolean {
  const uid = usesFsIds ? "fsuid" : "uid";
  const gid = usesFsIds ? "fsgid" : "gid";
  return (
    (["euid", "suid", "uid"] as const).every((field) => sameId(ports, own, uid, theirs, field)) &&
    (["egid", "sgid", "gid"] as const).every((field) => sameId(ports, own, gid, theirs, field))
  );
}

/**
 * Only the dumpable state 1 is open. Otherwise it takes CAP_SYS_PTRACE in the user namespace in
 * which the target was executed, which unshare and setns do not change.
 */
function checkDumpable(
  access: AccessDecision,
  caller: Subject,
  target: Subject,
): Refusal | undefined {
  const { checks } = access.ports;
  if (isCapableAnyway(access, caller, target)) {
    reasons.passed(checks, "ptrace_access/not-dumpable", "unknown", undefined, "CAP_SYS_PTRACE");
    return undefined;
  }
  const asked = dumpableOf(access, target);
  if (asked === undefined) return undefined;
  if (asked === 1) {
    reasons.passed(checks, "ptrace_access/not-dumpable", 1);
    return undefined;
  }
  const executedIn = namespaceOfExec(access, target);
  const capable = access.capable(caller, "CAP_SYS_PTRACE", executedIn);
  if (!capable.ok) {
    return reasons.refuseBecause(
      checks,
      "ptrace_access/not-dumpable",
      capable,
      asked,
      executedIn.level,
    );
  }
  reasons.passed(checks, "ptrace_access/not-dumpable", asked, executedIn.level, "CAP_SYS_PTRACE");
  return undefined;
}

/** Whether an unknown dumpable state need not be asked for: the caller is known to be capable. */
function isCapableAnyway(access: AccessDecision, caller: Subject, target: Subject): boolean {
  const isOpen = target.exec.dumpable === "unknown" || target.wasDumpable === "unknown";
  if (!isOpen || caller.credentials.unknown !== undefined) return false;
  return access.capable(caller, "CAP_SYS_PTRACE", namespaceOfExec(access, target)).ok;
}

/**
 * The dumpable state that counts. A task without memory has none of its own up to 7.0; then a bit
 * saved when it gave its memory up; since 7.2 the state outlives the memory. `undefined`: nothing
 * is asked.
 */
function dumpableOf({ features, ports }: AccessDecision, target: Subject): number | undefined {
  if (target.hasMemory || features.deadTaskDumpable === "exec-state")
    return readDumpable(ports, target.exec);
  if (features.deadTaskDumpable === "skip") return undefined;
  if (target.wasDumpable === "unknown") {
    const answer = ports.choices.choose<boolean>({
      id: "exec/was-dumpable",
      usual: true,
      allows: (value) => typeof value === "boolean",
      describe: () => `whether process ${String(target.pid)} was dumpable when it died`,
      alternatives: [true, false],
    });
    ports.journal.save(target, "wasDumpable");
    target.wasDumpable = answer;
  }
  return target.wasDumpable ? 1 : 0;
}

function namespaceOfExec({ features }: AccessDecision, target: Subject): UserNamespace {
  const isLost = !target.hasMemory && features.deadTaskDumpable === "saved-bit";
  return isLost ? initialUserNamespace : target.exec.userNamespace;
}

function callerIds(c: Credentials, usesFsIds: boolean): string {
  return usesFsIds
    ? `fsuid ${name(c.fsuid)}, fsgid ${name(c.fsgid)}`
    : `uid ${name(c.uid)}, gid ${name(c.gid)}`;
}

function targetIds(c: Credentials): string {
  return (
    `uid ${name(c.uid)}, euid ${name(c.euid)}, suid ${name(c.suid)}, ` +
    `gid ${name(c.gid)}, egid ${name(c.egid)}, sgid ${name(c.sgid)}`
  );
}

function name(id: number): string {
  return id < 0 ? "unknown" : String(id);
}
