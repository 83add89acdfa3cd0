import type { Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, type Credentials, type IdField } from "../credentials.ts";
import { INVALID_ID } from "../ids.ts";
import { allOf, type Maybe } from "../maybe.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { tellSame } from "../unknownFacts.ts";
import { GROUP, USER, ZERO, eitherId, idOf, mayTake, type Kind } from "./idKind.ts";
import { fixUpCapabilities } from "./uidFixup.ts";

/**
 * setresuid(2): sets the real, effective and saved uid; -1 leaves one. The fs uid follows the
 * effective one, unless nothing at all would change: then newer kernels return at once and keep it.
 *
 * Refusals: EINVAL `setresuid/invalid-id`, EPERM `setresuid/not-permitted`. Linux:
 * `__sys_setresuid`, kernel/sys.c.
 *
 * @example
 * setresuid(access, task, -1, 1000, -1); // seteuid(1000)
 */
export function setresuid(
  access: AccessDecision,
  subject: Subject,
  uid: number,
  euid: number,
  suid: number,
): Result<number> {
  return setThree(access, subject, USER, "setresuid", [uid, euid, suid]);
}

/**
 * setresgid(2): as {@link setresuid} for groups; capabilities do not change.
 *
 * Refusals: EINVAL `setresgid/invalid-id`, EPERM `setresgid/not-permitted`. Linux:
 * `__sys_setresgid`, kernel/sys.c.
 */
export function setresgid(
  access: AccessDecision,
  subject: Subject,
  gid: number,
  egid: number,
  sgid: number,
): Result<number> {
  return setThree(access, subject, GROUP, "setresgid", [gid, egid, sgid]);
}

function setThree(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  call: "setresuid" | "setresgid",
  args: readonly number[],
): Result<number> {
  const ids: number[] = [];
  for (const argument of args) {
    const id = idOf(access, subject, kind, call, argument);
    if (!id.ok) return id;
    ids.push(id.value);
  }
  reasons.passed(access.ports.checks, `${call}/invalid-id`);
  const changes = nothingChanges(subject.credentials, kind, ids);
  if (changes === true && access.features.setresNoOp) return ZERO;

  const own: readonly IdField[] = [kind.real, kind.effective, kind.saved];
  const refusal = mayTake(
    access,
    subject,
    kind,
    call,
    ids.map((id) => ({ id, own })),
  );
  if (refusal !== undefined) return refusal;

  const old = subject.credentials;
  const [real, effective, saved] = own.map((field, i) => keep(ids[i], old[field])) as [
    number,
    number,
    number,
  ];
  const isNoOp = access.features.setresNoOp ? nothingChanges(old, kind, ids) : false;
  const next = changed(old, {
    [kind.real]: real,
    [kind.effective]: effective,
    [kind.saved]: saved,
    [kind.fs]: eitherId(old, isNoOp, old[kind.fs], effective),
  });
  commitCredentials(access, subject, kind === USER ? fixUpCapabilities(old, next) : next);
  return ZERO;
}

/** Whether every id that is named is what it is already, the effective one also as fs id. */
function nothingChanges(
  c: Credentials,
  kind: Kind,
  [real, effective, saved]: readonly number[],
): Maybe {
  return allOf([
    is(c, real, c[kind.real]),
    is(c, effective, c[kind.effective]),
    is(c, effective, c[kind.fs]),
    is(c, saved, c[kind.saved]),
  ]);
}

function is(c: Credentials, id: number | undefined, own: number): Maybe {
  return id === undefined || id === INVALID_ID ? true : tellSame(c, own, id);
}

function keep(id: number | undefined, own: number): number {
  return id === undefined || id === INVALID_ID ? own : id;
}
