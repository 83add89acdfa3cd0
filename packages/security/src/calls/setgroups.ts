import { success, type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { commitCredentials } from "../commitCredentials.ts";
import { changed, sortedGroups } from "../credentials.ts";
import { INVALID_ID, idArgument } from "../ids.ts";
import { reasons } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { readGroups } from "../unknownFacts.ts";
import { shownId, toKernelId } from "../userNamespace.ts";
import { askIdMap, ZERO } from "./idKind.ts";

/** NGROUPS_MAX. Linux: include/uapi/linux/limits.h */
const MOST_GROUPS = 65_536;

/**
 * What setgroups asks before it reads the array: who may, and how many. An entry from registers
 * asks it first, so that EPERM and EINVAL come before EFAULT.
 */
export function maySetgroups(
  access: AccessDecision,
  subject: Subject,
  count: number,
): Refusal | undefined {
  const { checks } = access.ports;
  const { userNamespace } = subject.credentials;
  const capable = access.capable(subject, "CAP_SETGID", userNamespace);
  if (!capable.ok) return reasons.refuseBecause(checks, "setgroups/not-permitted", capable);
  reasons.passed(checks, "setgroups/not-permitted");

  askIdMap(access.ports, subject);
  const { allowsSetgroups } = userNamespace;
  const isMapped = userNamespace.gidMap.length > 0;
  if (!isMapped || !allowsSetgroups) {
    return reasons.refuse(checks, "setgroups/denied-in-namespace", isMapped, allowsSetgroups);
  }
  reasons.passed(checks, "setgroups/denied-in-namespace", isMapped, allowsSetgroups);

  const unsigned = idArgument(count);
  if (unsigned > MOST_GROUPS) return reasons.refuse(checks, "setgroups/too-many", count);
  reasons.passed(checks, "setgroups/too-many", count);
  return undefined;
}

/**
 * setgroups(2): replaces the supplementary groups. The kernel keeps them in rising order.
 *
 * Refusals: EPERM `setgroups/not-permitted`, `setgroups/denied-in-namespace`; EINVAL
 * `setgroups/too-many`, `setgroups/invalid-id`. Linux: `setgroups`, kernel/groups.c.
 *
 * @example
 * setgroups(access, root, [5, 4]); // getgroups then says [4, 5]
 */
export function setgroups(
  access: AccessDecision,
  subject: Subject,
  groups: readonly number[],
): Result<number> {
  const { checks } = access.ports;
  const refusal = maySetgroups(access, subject, groups.length);
  if (refusal !== undefined) return refusal;
  const { userNamespace } = subject.credentials;
  const ids: number[] = [];
  for (const argument of groups) {
    const id = idArgument(argument);
    const kernelId = toKernelId(userNamespace, "gid", id);
    if (kernelId === INVALID_ID) return reasons.refuse(checks, "setgroups/invalid-id", id);
    ids.push(kernelId);
  }
  reasons.passed(checks, "setgroups/invalid-id");
  const old = subject.credentials;
  const unknown = old.unknown === undefined ? {} : { unknown: { ...old.unknown, groups: false } };
  commitCredentials(access, subject, changed(old, { groups: sortedGroups(ids), ...unknown }));
  return ZERO;
}

/**
 * getgroups(2): the supplementary groups, in rising order. A size of 0 asks for their number alone,
 * which is the length of what is returned here.
 *
 * Refusals: EINVAL `getgroups/too-small`. Linux: `getgroups`, kernel/groups.c.
 */
export function getgroups(
  access: AccessDecision,
  subject: Subject,
  size: number = Infinity,
): Result<readonly number[]> {
  const { ports } = access;
  const { userNamespace } = subject.credentials;
  if (size < 0) return reasons.refuse(ports.checks, "getgroups/too-small", size);
  const groups = readGroups(ports, subject.credentials);
  if (size !== 0 && groups.length > size) {
    return reasons.refuse(ports.checks, "getgroups/too-small", size, groups.length);
  }
  if (groups.length > 0) askIdMap(ports, subject);
  return success(groups.map((group) => shownId(userNamespace, "gid", group)));
}
