import type { AccessDecision } from "./accessDecision.ts";
import { ALL_CAPABILITIES, NO_CAPABILITIES, unite } from "./capabilitySet.ts";
import { changed, NOTHING_OPEN, unknownCredentials } from "./credentials.ts";
import type { Subject } from "./subject.ts";

/** What of a task is to be forgotten; everything that is not named is. */
export interface ForgetOptions {
  readonly credentials?: boolean;
  readonly dumpable?: boolean;
}

/**
 * Makes what is known of a task unknown: something happened to it that nobody saw. Its user
 * namespace and securebits count as known still.
 *
 * @example
 * forgetCredentials(access, task, { dumpable: false });
 */
export function forgetCredentials(
  access: AccessDecision,
  subject: Subject,
  options: ForgetOptions = {},
): void {
  const { journal } = access.ports;
  if (options.credentials !== false) {
    const { userNamespace, securebits } = subject.credentials;
    journal.save(subject, "credentials");
    subject.credentials = unknownCredentials({
      whose: `process ${String(subject.pid)}`,
      userNamespace,
      securebits,
    });
  }
  if (options.dumpable !== false) {
    journal.save(subject.exec, "dumpable");
    subject.exec.dumpable = "unknown";
  }
}

/**
 * Makes unknown what a set-id program, or one with capabilities of its file, changes of the task
 * that executes it: effective, saved and file system ids, which are then one, the sets, and whether
 * it is dumpable. Real ids and groups stay. Linux: cap_bprm_creds_from_file, security/commoncap.c
 *
 * @example
 * forgetPrivileges(access, task);
 */
export function forgetPrivileges(access: AccessDecision, subject: Subject): void {
  const { journal } = access.ports;
  const old = subject.credentials;
  const open = old.unknown?.open ?? NOTHING_OPEN;
  journal.save(subject, "credentials");
  subject.credentials = changed(old, {
    ...{ euid: EFFECTIVE_UID, suid: EFFECTIVE_UID, fsuid: EFFECTIVE_UID },
    ...{ egid: EFFECTIVE_GID, sgid: EFFECTIVE_GID, fsgid: EFFECTIVE_GID },
    ...{ permitted: NO_CAPABILITIES, effective: NO_CAPABILITIES, ambient: NO_CAPABILITIES },
    unknown: Object.freeze({
      whose: `process ${String(subject.pid)}`,
      open: Object.freeze({
        ...open,
        ...{ permitted: ALL_CAPABILITIES, effective: ALL_CAPABILITIES },
        ambient: unite(old.ambient, open.ambient),
      }),
      groups: old.unknown?.groups ?? false,
      notIds: Object.freeze([]),
    }),
  });
  journal.save(subject.exec, "dumpable");
  subject.exec.dumpable = "unknown";
}

/** Ids of which only their own process knows more: no other unknown id of it is the same. */
const EFFECTIVE_UID = -10;
const EFFECTIVE_GID = -11;
