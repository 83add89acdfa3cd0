import { success, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import type { IdField } from "../credentials.ts";
import type { Subject } from "../subject.ts";
import { readId } from "../unknownFacts.ts";
import { askIdMap } from "./idKind.ts";
import { shownId } from "../userNamespace.ts";

/**
 * getuid(2): the real uid, as the caller's user namespace names it; 65534 if it does not. Linux:
 * kernel/sys.c
 */
export function getuid(access: AccessDecision, subject: Subject): Result<number> {
  return success(shown(access, subject, "uid", true));
}

/** geteuid(2). Linux: kernel/sys.c */
export function geteuid(access: AccessDecision, subject: Subject): Result<number> {
  return success(shown(access, subject, "euid", true));
}

/** getgid(2). Linux: kernel/sys.c */
export function getgid(access: AccessDecision, subject: Subject): Result<number> {
  return success(shown(access, subject, "gid", true));
}

/** getegid(2). Linux: kernel/sys.c */
export function getegid(access: AccessDecision, subject: Subject): Result<number> {
  return success(shown(access, subject, "egid", true));
}

/** getresuid(2): real, effective, saved. Linux: kernel/sys.c */
export function getresuid(
  access: AccessDecision,
  subject: Subject,
): Result<readonly [number, number, number]> {
  return success([
    shown(access, subject, "uid"),
    shown(access, subject, "euid"),
    shown(access, subject, "suid"),
  ]);
}

/** getresgid(2): real, effective, saved. Linux: kernel/sys.c */
export function getresgid(
  access: AccessDecision,
  subject: Subject,
): Result<readonly [number, number, number]> {
  return success([
    shown(access, subject, "gid"),
    shown(access, subject, "egid"),
    shown(access, subject, "sgid"),
  ]);
}

function shown(
  { ports }: AccessDecision,
  subject: Subject,
  field: IdField,
  returned = false,
): number {
  const { credentials } = subject;
  askIdMap(ports, subject);
  const kind = field.endsWith("uid") ? "uid" : "gid";
  return shownId(credentials.userNamespace, kind, readId(ports, credentials, field, returned));
}
