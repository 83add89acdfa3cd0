import type { AccessDecision } from "./accessDecision.ts";
import { isSubset } from "./capabilitySet.ts";
import type { Credentials } from "./credentials.ts";
import { anyOf, not, type Maybe } from "./maybe.ts";
import type { Subject } from "./subject.ts";
import { possibly, tellSame } from "./unknownFacts.ts";
import { initialUserNamespace, type UserNamespace } from "./userNamespace.ts";

/** How a change of credentials came about. */
export interface CommitOptions {
  /** Only execve can give a task permitted capabilities that it had not. */
  readonly permittedMayGrow?: boolean;
}

/**
 * Gives a task new credentials. If its identity changes, the process stops being open to its peers:
 * the dumpable state becomes fs.suid_dumpable, for everyone who shares the memory, and stays so
 * after the identity is changed back.
 *
 * An identity is the effective and fs ids, a permitted set that does not grow, and a user namespace
 * that the old effective user owns. Real and saved ids, groups, securebits and the other sets are
 * none of it.
 *
 * Linux: commit_creds and cred_cap_issubset, kernel/cred.c, 5.8 to 7.3
 */
export function commitCredentials(
  access: AccessDecision,
  subject: Subject,
  next: Credentials,
  options: CommitOptions = {},
): void {
  const { journal } = access.ports;
  const old = subject.credentials;
  const changes = changesIdentity(old, next, options.permittedMayGrow === true);
  if (changes !== false) {
    closeToPeers(access, subject, changes);
    if (subject.parentDeathSignal !== 0) {
      journal.save(subject, "parentDeathSignal");
      subject.parentDeathSignal = 0;
    }
  }
  journal.save(subject, "credentials");
  subject.credentials = next;
}

function closeToPeers({ ports, settings }: AccessDecision, subject: Subject, changes: Maybe): void {
  const { exec } = subject;
  if (!subject.hasMemory || exec.dumpable === settings.suidDumpable) return;
  ports.journal.save(exec, "dumpable");
  exec.dumpable = changes === true ? settings.suidDumpable : "unknown";
}

function changesIdentity(old: Credentials, next: Credentials, permittedMayGrow: boolean): Maybe {
  return anyOf([
    not(tellSame(next, old.euid, next.euid)),
    not(tellSame(next, old.egid, next.egid)),
    not(tellSame(next, old.fsuid, next.fsuid)),
    not(tellSame(next, old.fsgid, next.fsgid)),
    not(isNoMore(old, next, permittedMayGrow)),
  ]);
}

function isNoMore(old: Credentials, next: Credentials, permittedMayGrow: boolean): Maybe {
  if (old.userNamespace !== next.userNamespace) return owns(old, next.userNamespace);
  if (!permittedMayGrow || isSubset(possibly(next, "permitted"), old.permitted)) return true;
  return isSubset(next.permitted, possibly(old, "permitted")) ? "unknown" : false;
}

/**
 * Whether the effective user of the old credentials owns the namespace, or one that it lies below,
 * from its parent.
 */
function owns(old: Credentials, namespace: UserNamespace): Maybe {
  let walker = namespace;
  while (walker !== initialUserNamespace && walker.parent !== undefined) {
    if (walker.parent === old.userNamespace) return tellSame(old, old.euid, walker.owner);
    walker = walker.parent;
  }
  return false;
}
