import { type Refusal, type Result } from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { INVALID_ID, ROOT_ID } from "../ids.ts";
import { reasons, type SecurityReasonId } from "../reasons.ts";
import type { Subject } from "../subject.ts";
import { idIs } from "../unknownFacts.ts";
import { toKernelId, type IdKind, type IdRange, type UserNamespace } from "../userNamespace.ts";
import { GROUP, USER, ZERO } from "./idKind.ts";

/**
 * One line as it is written: `count` ids from `inside` on are the parent namespace's ids from
 * `outside` on.
 */
export interface WrittenRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** UID_GID_MAP_MAX_EXTENTS. Linux: include/linux/user_namespace.h, since 4.15 */
const MOST_RANGES = 340;

/**
 * A write to /proc/PID/uid_map or gid_map, once and for all.
 *
 * Refusals: EPERM `id_map/written-already`, `id_map/writer-lacks-admin`, `id_map/not-permitted`,
 * `id_map/parent-unmapped`; EINVAL `id_map/ranges-invalid`. Linux: `map_write`,
 * kernel/user_namespace.c, since 3.8.
 *
 * @example
 * writeIdMap(access, task, namespace, "uid", [{ inside: 0, outside: 1000, count: 1 }]);
 */
export function writeIdMap(
  access: AccessDecision,
  writer: Subject,
  namespace: UserNamespace,
  kind: IdKind,
  ranges: readonly WrittenRange[],
): Result<number> {
  const { parent } = namespace;
  const map = kind === "uid" ? "uidMap" : "gidMap";
  const { checks } = access.ports;
  if (parent === undefined || namespace[map].length > 0)
    return reasons.refuse(checks, "id_map/written-already");
  reasons.passed(checks, "id_map/written-already");
  const refusal =
    checkAdmin(access, writer, namespace, parent) ??
    check(access, "id_map/ranges-invalid", areValid(ranges), ranges.length) ??
    check(
      access,
      "id_map/not-permitted",
      isPermitted(access, writer, namespace, parent, kind, ranges),
      kind === "uid" ? USER.capability : GROUP.capability,
    );
  if (refusal !== undefined) return refusal;
  const kernelRanges: IdRange[] = [];
  for (const { inside, outside, count } of ranges) {
    const kernel = toKernelId(parent, kind, outside);
    const last = toKernelId(parent, kind, outside + count - 1);
    if (kernel === INVALID_ID || last === INVALID_ID || last - kernel !== count - 1) {
      return reasons.refuse(checks, "id_map/parent-unmapped", outside);
    }
    kernelRanges.push(Object.freeze({ inside, kernel, count }));
  }
  reasons.passed(checks, "id_map/parent-unmapped");
  access.ports.journal.save(namespace, map);
  namespace[map] = Object.freeze(kernelRanges);
  return ZERO;
}

/**
 * A write to /proc/PID/setgroups.
 *
 * Refusals: EPERM `id_map/writer-lacks-admin`, `id_map/setgroups-fixed`. Linux:
 * `proc_setgroups_write`, since 3.19.
 */
export function writeSetgroups(
  access: AccessDecision,
  writer: Subject,
  namespace: UserNamespace,
  value: "allow" | "deny",
): Result<number> {
  const { journal } = access.ports;
  const isFixed = value === "deny" ? namespace.gidMap.length > 0 : !namespace.allowsSetgroups;
  const refusal =
    checkAdmin(access, writer, namespace, undefined) ??
    check(access, "id_map/setgroups-fixed", !isFixed);
  if (refusal !== undefined) return refusal;
  if (value === "deny") {
    journal.save(namespace, "allowsSetgroups");
    namespace.allowsSetgroups = false;
  }
  return ZERO;
}

function check(
  { ports }: AccessDecision,
  id: SecurityReasonId,
  isFine: boolean,
  compared?: number | string,
): Refusal | undefined {
  if (!isFine) return reasons.refuse(ports.checks, id, compared);
  reasons.passed(ports.checks, id, compared);
  return undefined;
}

/**
 * A map is written from inside or from the parent, by someone with CAP_SYS_ADMIN inside. Without a
 * parent it does not matter from where, as for setgroups.
 */
function checkAdmin(
  access: AccessDecision,
  writer: Subject,
  namespace: UserNamespace,
  parent: UserNamespace | undefined,
): Refusal | undefined {
  const { userNamespace } = writer.credentials;
  const isNear = userNamespace === namespace || userNamespace === parent || parent === undefined;
  const isAdmin = isNear && access.capable(writer, "CAP_SYS_ADMIN", namespace).ok;
  return check(access, "id_map/writer-lacks-admin", isAdmin);
}

function areValid(ranges: readonly WrittenRange[]): boolean {
  if (ranges.length === 0 || ranges.length > MOST_RANGES) return false;
  const areSound = ranges.every(
    ({ inside, outside, count }) =>
      count > 0 && isNoWrap(inside, count) && isNoWrap(outside, count),
  );
  return areSound && !overlaps(ranges, "inside") && !overlaps(ranges, "outside");
}

function isNoWrap(first: number, count: number): boolean {
  return first + count <= INVALID_ID;
}

function overlaps(ranges: readonly WrittenRange[], side: "inside" | "outside"): boolean {
  return ranges.some((a, i) =>
    ranges.some((b, j) => i < j && a[side] < b[side] + b.count && b[side] < a[side] + a.count),
  );
}

/**
 * The owner maps its own single id (a group only where setgroups is denied); everything else takes
 * the capability in the parent. Mapping the parent's root takes CAP_SETFCAP besides, since that
 * root's file capabilities would come along.
 */
function isPermitted(
  access: AccessDecision,
  writer: Subject,
  namespace: UserNamespace,
  parent: UserNamespace,
  kind: IdKind,
  ranges: readonly WrittenRange[],
): boolean {
  const c = writer.credentials;
  const mapsRoot = kind === "uid" && ranges.some(({ outside }) => outside === ROOT_ID);
  if (mapsRoot && access.features.rootMapNeedsSetfcap) {
    const isFromInside = c.userNamespace === namespace;
    const may = isFromInside
      ? namespace.creatorHadSetfcap
      : access.capable(writer, "CAP_SETFCAP", parent).ok;
    if (!may) return false;
  }
  const [only] = ranges;
  const isSingle = ranges.length === 1 && only?.count === 1;
  if (only !== undefined && isSingle && idIs(access.ports, c, "euid", namespace.owner)) {
    const id = toKernelId(parent, kind, only.outside);
    if (kind === "uid" && idIs(access.ports, c, "euid", id)) return true;
    if (kind === "gid" && !namespace.allowsSetgroups && idIs(access.ports, c, "egid", id))
      return true;
  }
  return access.capable(writer, kind === "uid" ? USER.capability : GROUP.capability, parent).ok;
}
