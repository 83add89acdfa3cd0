import type { Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed } from "../credentials.ts";
import { INVALID_ID } from "../ids.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { GROUP, USER, ZERO, idOf, mayTake, type Kind } from "./idKind.ts";
import { fixUpCapabilities } from "./uidFixup.ts";

/**
 * setuid(2): with CAP_SETUID it sets all ids, without it the effective and fs ids to the real or
 * the saved one.
 *
 * Refusals: EINVAL `setuid/invalid-id`, EPERM `setuid/not-permitted`. Linux: `__sys_setuid`,
 * kernel/sys.c.
 *
 * @example
 * setuid(access, task, 1000).ok; // true for root, which loses its capabilities thereby
 */
export function setuid(access: AccessDecision, subject: Subject, uid: number): Result<number> {
  return setOne(access, subject, USER, "setuid", uid);
}

/**
 * setgid(2): as {@link setuid}, with CAP_SETGID; capabilities do not change.
 *
 * Refusals: EINVAL `setgid/invalid-id`, EPERM `setgid/not-permitted`. Linux: `__sys_setgid`,
 * kernel/sys.c.
 */
export function setgid(access: AccessDecision, subject: Subject, gid: number): Result<number> {
  return setOne(access, subject, GROUP, "setgid", gid);
}

function setOne(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  call: "setuid" | "setgid",
  argument: number,
): Result<number> {
  const { checks } = access.ports;
  const mapped = idOf(access, subject, kind, call, argument);
  if (!mapped.ok) return mapped;
  const id = mapped.value;
  if (id === INVALID_ID) return reasons.refuse(checks, `${call}/invalid-id`, INVALID_ID);
  reasons.passed(checks, `${call}/invalid-id`, id);

  const { userNamespace } = subject.credentials;
  const setsAll = access.capable(subject, kind.capability, userNamespace).ok;
  if (!setsAll) {
    const refusal = mayTake(access, subject, kind, call, [{ id, own: [kind.real, kind.saved] }]);
    if (refusal !== undefined) return refusal;
  } else {
    reasons.passed(checks, `${call}/not-permitted`, id);
  }
  const old = subject.credentials;
  const next = changed(old, {
    [kind.effective]: id,
    [kind.fs]: id,
    ...(setsAll ? { [kind.real]: id, [kind.saved]: id } : {}),
  });
  commitCredentials(access, subject, kind === USER ? fixUpCapabilities(old, next) : next);
  return ZERO;
}
