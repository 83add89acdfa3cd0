import type { Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed } from "../credentials.ts";
import { INVALID_ID } from "../ids.ts";
import { allOf, anyOf, not } from "../maybe.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { tellSame } from "../unknownFacts.ts";
import { GROUP, USER, ZERO, eitherId, idOf, mayTake, type Kind } from "./idKind.ts";
import { fixUpCapabilities } from "./uidFixup.ts";

/**
 * setreuid(2): sets the real and the effective uid; -1 leaves one. The fs uid follows the effective
 * one even where both are left, and the saved uid follows it where the real one is named or the
 * effective one becomes another than the real.
 *
 * Refusals: EINVAL `setreuid/invalid-id`, EPERM `setreuid/not-permitted`. Linux: `__sys_setreuid`,
 * kernel/sys.c.
 *
 * @example
 * setreuid(access, task, -1, -1); // forgets a setfsuid
 */
export function setreuid(
  access: AccessDecision,
  subject: Subject,
  uid: number,
  euid: number,
): Result<number> {
  return setTwo(access, subject, USER, "setreuid", uid, euid);
}

/**
 * setregid(2): as {@link setreuid} for groups; capabilities do not change.
 *
 * Refusals: EINVAL `setregid/invalid-id`, EPERM `setregid/not-permitted`. Linux: `__sys_setregid`,
 * kernel/sys.c.
 */
export function setregid(
  access: AccessDecision,
  subject: Subject,
  gid: number,
  egid: number,
): Result<number> {
  return setTwo(access, subject, GROUP, "setregid", gid, egid);
}

function setTwo(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  call: "setreuid" | "setregid",
  realArgument: number,
  effectiveArgument: number,
): Result<number> {
  const real = idOf(access, subject, kind, call, realArgument);
  if (!real.ok) return real;
  const effective = idOf(access, subject, kind, call, effectiveArgument);
  if (!effective.ok) return effective;
  reasons.passed(access.ports.checks, `${call}/invalid-id`);

  const refusal = mayTake(access, subject, kind, call, [
    { id: real.value, own: [kind.real, kind.effective] },
    { id: effective.value, own: [kind.real, kind.effective, kind.saved] },
  ]);
  if (refusal !== undefined) return refusal;

  const old = subject.credentials;
  const namesReal = real.value !== INVALID_ID;
  const namesEffective = effective.value !== INVALID_ID;
  const newEffective = namesEffective ? effective.value : old[kind.effective];
  const savedFollows = anyOf([
    namesReal,
    allOf([namesEffective, not(tellSame(old, newEffective, old[kind.real]))]),
  ]);
  const next = changed(old, {
    [kind.real]: namesReal ? real.value : old[kind.real],
    [kind.effective]: newEffective,
    [kind.saved]: eitherId(old, savedFollows, newEffective, old[kind.saved]),
    [kind.fs]: newEffective,
  });
  commitCredentials(access, subject, kind === USER ? fixUpCapabilities(old, next) : next);
  return ZERO;
}
