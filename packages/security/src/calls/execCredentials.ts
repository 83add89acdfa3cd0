import { SECUREBITS, success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { isSubset, unite } from "../capabilitySet.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, type Credentials } from "../credentials.ts";
import { ExecState } from "../execState.ts";
import { INVALID_ID, ROOT_ID } from "../ids.ts";
import { CLEARED, either, knownSet, meet, setFields, union, type KnownSet } from "../knownSet.ts";
import { allOf, anyOf, not, type Maybe } from "../maybe.ts";
import type { Subject } from "../subject.ts";
import { tellSame } from "../unknownFacts.ts";
import {
  fromKernelId,
  initialUserNamespace,
  toKernelId,
  type UserNamespace,
} from "../userNamespace.ts";
import { grantOfExec, type ExecGrant, type FileCapabilities } from "./execCapabilities.ts";
import { eitherId } from "./idKind.ts";

/** What execve's credential rules need to know of a program. Ids are the kernel's. */
export interface ExecFile {
  readonly owner: number;
  readonly group: number;
  /** The set-uid bit. */
  readonly setUid?: boolean;
  /** The set-gid bit, which counts only together with the group's execute bit. */
  readonly setGid?: boolean;
  readonly capabilities?: FileCapabilities;
  /**
   * Whether the caller may read the program (and its script): true if unset. What it may not read
   * is not dumped.
   */
  readonly isReadable?: boolean;
  /**
   * A nosuid mount, or one of a foreign user namespace: set-id bits and capabilities do not count.
   */
  readonly ignoresPrivileges?: boolean;
}

/** Circumstances of an exec. */
export interface ExecOptions {
  /** Whether another process shares the task's root and working directory (CLONE_FS). */
  readonly sharesFs?: boolean;
}

/** What an exec tells the program. */
export interface ExecOutcome {
  /** AT_SECURE: whether the C library must distrust the environment. */
  readonly isSecure: Maybe;
}

/**
 * What execve does to a task's credentials, and to its dumpable state: it gets a cell of its own,
 * open to its peers unless the program could not be read, the old ids differed, or the identity
 * changes.
 *
 * Refusals: EPERM `execve/file-capabilities-incomplete`. Linux: `begin_new_exec`, fs/exec.c;
 * `cap_bprm_creds_from_file`, security/commoncap.c, 5.8 to 7.3.
 *
 * @example
 * execCredentials(access, task, { owner: 0, group: 0, setUid: true }); // now euid 0, and closed
 */
export function execCredentials(
  access: AccessDecision,
  subject: Subject,
  file: ExecFile,
  options: ExecOptions = {},
): Result<ExecOutcome> {
  const old = subject.credentials;
  const wanted = idsOfProgram(subject, file);
  const capabilities = file.ignoresPrivileges === true ? undefined : file.capabilities;
  const grant = grantOfExec(access, old, wanted.euid, capabilities);
  if ("ok" in grant) return grant;

  const isNew = isNewIdentity(access, old, wanted);
  const takes = anyOf([isNew, gains(old, grant)]);
  const isCut = takes !== false && isUnsafe(access, subject, options) ? takes : false;
  const reverts = isCut !== false && revertsIds(access, subject) ? isCut : false;
  const euid = eitherId(old, reverts, old.uid, wanted.euid);
  const egid = eitherId({ ...old, euid }, reverts, old.gid, wanted.egid);
  const granted = either(isCut, meet(grant.permitted, knownSet(old, "permitted")), grant.permitted);
  const ambient = either(anyOf([grant.fromFile, isNew]), CLEARED, knownSet(old, "ambient"));
  const permitted = union(granted, ambient);
  const effective = either(grant.effective, permitted, ambient);
  const fields = setFields(old, { permitted, effective, ambient });
  // Without capabilities of the file, root has all of them in effect, and nobody else has more than
  // the ambient ones; only who is root by one of the two ids has more permitted than effective.
  const isEven = capabilities === undefined && tellSame(old, euid, old.uid) === true;
  const next = changed(old, {
    ...{ euid, suid: euid, fsuid: euid, egid, sgid: egid, fsgid: egid },
    ...fields,
    ...(isEven && fields.unknown !== undefined
      ? { unknown: Object.freeze({ ...fields.unknown, evenSets: true as const }) }
      : {}),
    securebits: old.securebits & ~SECUREBITS.SECBIT_KEEP_CAPS,
  });
  const isSecure = anyOf([isNew, isPrivileged(access, old, next, grant, permitted, ambient)]);
  enterProgram(access, subject, file);
  if (isSecure === true && subject.parentDeathSignal !== 0) {
    access.ports.journal.save(subject, "parentDeathSignal");
    subject.parentDeathSignal = 0;
  }
  commitCredentials(access, subject, next, { permittedMayGrow: true });
  return success({ isSecure });
}

interface ProgramIds {
  readonly euid: number;
  readonly egid: number;
}

/**
 * Set-id bits count unless no_new_privs, the mount, or an owner without a name in the namespace
 * says no.
 */
function idsOfProgram({ credentials: c, noNewPrivs }: Subject, file: ExecFile): ProgramIds {
  const counts =
    file.ignoresPrivileges !== true &&
    !noNewPrivs &&
    fromKernelId(c.userNamespace, "uid", file.owner) !== INVALID_ID &&
    fromKernelId(c.userNamespace, "gid", file.group) !== INVALID_ID;
  return {
    euid: counts && file.setUid === true ? file.owner : c.euid,
    egid: counts && file.setGid === true ? file.group : c.egid,
  };
}

/**
 * Whether the program changes who the task is. Up to 6.16 the *real* ids are the yardstick, so that
 * a task whose effective ids differ from its real ones counts as changed by any program; since 6.17
 * the effective uid, and the groups that the task is in: its fs group and the supplementary ones.
 */
function isNewIdentity(
  { features }: AccessDecision,
  old: Credentials,
  { euid, egid }: ProgramIds,
): Maybe {
  if (!features.execComparesEffective) {
    return anyOf([not(tellSame(old, euid, old.uid)), not(tellSame(old, egid, old.gid))]);
  }
  const isInGroups: Maybe =
    old.groups.includes(egid) || (old.unknown?.groups === true ? "unknown" : false);
  return anyOf([
    not(tellSame(old, euid, old.euid)),
    not(anyOf([tellSame(old, egid, old.fsgid), isInGroups])),
  ]);
}

/** Whether the program is granted a permitted capability that the task has not. */
function gains(old: Credentials, { permitted }: ExecGrant): Maybe {
  const own = knownSet(old, "permitted");
  if (isSubset(unite(permitted.has, permitted.open), own.has)) return false;
  return isSubset(permitted.has, unite(own.has, own.open)) ? "unknown" : true;
}

/**
 * Whether somebody could take advantage: no_new_privs, a shared root, or a tracer that may not do
 * this itself.
 */
function isUnsafe(access: AccessDecision, subject: Subject, options: ExecOptions): boolean {
  if (subject.noNewPrivs || options.sharesFs === true) return true;
  const { tracer, tracerCredentials } = subject;
  if (tracer === undefined) return false;
  return !access.capable(
    tracer,
    "CAP_SYS_PTRACE",
    subject.credentials.userNamespace,
    tracerCredentials,
  ).ok;
}

/** Whether an unsafe exec loses the new ids too: CAP_SETUID could have set them anyway. */
function revertsIds(access: AccessDecision, subject: Subject): boolean {
  return (
    subject.noNewPrivs ||
    !access.capable(subject, "CAP_SETUID", subject.credentials.userNamespace).ok
  );
}

/** What else makes the program's environment suspect. */
function isPrivileged(
  { features }: AccessDecision,
  old: Credentials,
  next: Credentials,
  grant: ExecGrant,
  permitted: KnownSet,
  ambient: KnownSet,
): Maybe {
  const root = toKernelId(old.userNamespace, "uid", ROOT_ID);
  const isReal = tellSame(next, next.uid, root);
  const hasMore: Maybe = isSubset(unite(permitted.has, permitted.open), ambient.has)
    ? false
    : isSubset(permitted.has, unite(ambient.has, ambient.open))
      ? "unknown"
      : true;
  const isCapable = allOf([not(isReal), anyOf([grant.effective, hasMore])]);
  if (!features.execComparesEffective) return isCapable;
  const differs = anyOf([
    not(tellSame(next, next.euid, next.uid)),
    not(tellSame(next, next.egid, next.gid)),
  ]);
  return anyOf([differs, isCapable]);
}

/**
 * Gives the task a cell of its own. The old ids decide whether it starts open; the namespace is the
 * task's, or, for a program that it cannot read, the nearest one above in which the program's owner
 * and group have names.
 *
 * Linux: begin_new_exec, would_dump, fs/exec.c
 */
function enterProgram({ ports, settings }: AccessDecision, subject: Subject, file: ExecFile): void {
  const old = subject.credentials;
  const isUnreadable = file.isReadable === false;
  const differs = anyOf([
    not(tellSame(old, old.euid, old.uid)),
    not(tellSame(old, old.egid, old.gid)),
  ]);
  const closes = isUnreadable ? true : differs;
  const dumpable = closes === false ? 1 : settings.suidDumpable;
  let namespace: UserNamespace = old.userNamespace;
  while (isUnreadable && namespace !== initialUserNamespace && !namesFile(namespace, file)) {
    namespace = namespace.parent ?? initialUserNamespace;
  }
  ports.journal.save(subject, "exec");
  subject.exec = new ExecState(
    closes === "unknown" && dumpable !== 1 ? "unknown" : dumpable,
    namespace,
  );
}

function namesFile(namespace: UserNamespace, { owner, group }: ExecFile): boolean {
  return (
    fromKernelId(namespace, "uid", owner) !== INVALID_ID &&
    fromKernelId(namespace, "gid", group) !== INVALID_ID
  );
}
