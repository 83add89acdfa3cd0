import { CAP, success, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { capabilitiesUpTo } from "../capabilitySet.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, type Credentials } from "../credentials.ts";
import { INVALID_ID, isUnknownId } from "../ids.ts";
import { CLEARED, exactly, setFields } from "../knownSet.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { readCapability, readId } from "../unknownFacts.ts";
import { UserNamespace, fromKernelId } from "../userNamespace.ts";
import { askIdMap, ZERO } from "./idKind.ts";
import { EXEC_SECUREBITS } from "./prctlSecurebits.ts";

/**
 * A namespace whose parent lies deeper than this is not made. Linux: create_user_ns,
 * kernel/user_namespace.c
 */
const DEEPEST_PARENT = 32;

/**
 * unshare(CLONE_NEWUSER): a new user namespace of the task's own, in which it has every capability.
 * Its ids stay what they are and have no names until the maps are written; the process stays as
 * open to its peers as it was.
 *
 * Refusals: ENOSPC `user_namespace/too-deep`; EPERM `user_namespace/chrooted`,
 * `user_namespace/ids-unmapped`. Linux: `create_user_ns`, kernel/user_namespace.c, since 3.8.
 */
export function createUserNamespace(
  access: AccessDecision,
  subject: Subject,
): Result<UserNamespace> {
  const made = newNamespace(access, subject);
  if (made.ok)
    commitCredentials(access, subject, inNamespace(access, subject.credentials, made.value));
  return made;
}

/**
 * unshare(CLONE_NEWUSER) that was seen to succeed: whatever allowed it, the task is in a namespace of
 * its own now, of which nobody stated the maps. False where its effective ids are not known, and so
 * not who owns the namespace: then nothing changed.
 *
 * @example
 * enterSeenNamespace(access, task); // true
 */
export function enterSeenNamespace(access: AccessDecision, subject: Subject): boolean {
  const { journal } = access.ports;
  const { credentials: old } = subject;
  if (isUnknownId(old.euid) || isUnknownId(old.egid)) return false;
  const namespace = new UserNamespace({
    ...{ parent: old.userNamespace, owner: old.euid, group: old.egid },
  });
  journal.save(subject, "idMapUnstated");
  subject.idMapUnstated = true;
  commitCredentials(access, subject, inNamespace(access, old, namespace));
  return true;
}

/**
 * clone(CLONE_NEWUSER): as {@link createUserNamespace} for a child that its creator has just made.
 *
 * Linux: `copy_creds`, kernel/cred.c. The child's credentials are set directly, not committed.
 */
export function cloneIntoUserNamespace(
  access: AccessDecision,
  creator: Subject,
  child: Subject,
): Result<UserNamespace> {
  const made = newNamespace(access, creator);
  if (made.ok) {
    access.ports.journal.save(child, "credentials");
    child.credentials = inNamespace(access, child.credentials, made.value);
  }
  return made;
}

function newNamespace(access: AccessDecision, creator: Subject): Result<UserNamespace> {
  const { ports } = access;
  const { checks } = ports;
  const c = creator.credentials;
  const parent = c.userNamespace;
  if (parent.level > DEEPEST_PARENT)
    return reasons.refuse(checks, "user_namespace/too-deep", parent.level);
  reasons.passed(checks, "user_namespace/too-deep", parent.level);
  if (creator.isChrooted) return reasons.refuse(checks, "user_namespace/chrooted");
  reasons.passed(checks, "user_namespace/chrooted");

  const owner = readId(ports, c, "euid");
  const group = readId(ports, c, "egid");
  askIdMap(ports, creator);
  const isNamed =
    fromKernelId(parent, "uid", owner) !== INVALID_ID &&
    fromKernelId(parent, "gid", group) !== INVALID_ID;
  if (!isNamed) return reasons.refuse(checks, "user_namespace/ids-unmapped", owner, group);
  reasons.passed(checks, "user_namespace/ids-unmapped", owner, group);
  const creatorHadSetfcap = readCapability(ports, c, "effective", CAP.CAP_SETFCAP);
  return success(new UserNamespace({ parent, owner, group, creatorHadSetfcap }));
}

/** What a set-up namespace may be joined under. */
export interface JoinOptions {
  readonly hasSeveralThreads?: boolean;
  /** Whether another task shares its root and working directory (CLONE_FS). */
  readonly sharesFs?: boolean;
}

/**
 * setns(2) into a user namespace. Unless the task's old namespace is its parent (or an ancestor's
 * parent) and the task owns it from there, this closes the process to its peers.
 *
 * Refusals: EINVAL `setns/same-user-namespace`, `setns/several-threads`, `setns/shares-root`; EPERM
 * `setns/not-permitted`. Linux: `userns_install`, kernel/user_namespace.c, since 3.8.
 */
export function joinUserNamespace(
  access: AccessDecision,
  subject: Subject,
  namespace: UserNamespace,
  options: JoinOptions = {},
): Result<number> {
  const { checks } = access.ports;
  const old = subject.credentials;
  const refusal =
    refuseIf(access, "setns/same-user-namespace", namespace === old.userNamespace) ??
    refuseIf(access, "setns/several-threads", options.hasSeveralThreads === true) ??
    refuseIf(access, "setns/shares-root", options.sharesFs === true);
  if (refusal !== undefined) return refusal;
  const capable = access.capable(subject, "CAP_SYS_ADMIN", namespace);
  if (!capable.ok) return reasons.refuseBecause(checks, "setns/not-permitted", capable);
  reasons.passed(checks, "setns/not-permitted");
  commitCredentials(access, subject, inNamespace(access, old, namespace));
  return ZERO;
}

function refuseIf(
  { ports }: AccessDecision,
  id: "setns/same-user-namespace" | "setns/several-threads" | "setns/shares-root",
  isSo: boolean,
): Refusal | undefined {
  if (isSo) return reasons.refuse(ports.checks, id);
  reasons.passed(ports.checks, id);
  return undefined;
}

/**
 * Full capabilities, of which nothing is inheritable or ambient, and no securebits. Linux:
 * set_cred_user_ns
 */
function inNamespace(
  { features }: AccessDecision,
  old: Credentials,
  userNamespace: UserNamespace,
): Credentials {
  const all = exactly(capabilitiesUpTo(features.lastCapability));
  const sets = setFields(old, {
    permitted: all,
    effective: all,
    bounding: all,
    inheritable: CLEARED,
    ambient: CLEARED,
  });
  const kept = features.namespaceKeepsExecSecurebits ? EXEC_SECUREBITS : 0;
  return changed(old, { ...sets, securebits: old.securebits & kept, userNamespace });
}
