import type { Change } from "./change.ts";
import { compareVersions, firstOf, lastOf, lineOf, type Version } from "./version.ts";

/**
 * Whether a version has a change: from its mainline release on, or by a backport to the version's
 * own line. `undefined` where the version lies between the last kernel seen without it and the
 * first seen with it.
 */
export function isInForce(change: Change, version: Version): boolean | undefined {
  if (compareVersions(version, firstOf(change.mainline)) >= 0) return true;
  const backport = change.stable?.[lineOf(version)];
  if (backport !== undefined) {
    const [without, present] = typeof backport === "number" ? [backport - 1, backport] : backport;
    if (version.point >= present) return true;
    return version.point > without ? undefined : false;
  }
  if (change.lastWithout === undefined) return false;
  return compareVersions(version, lastOf(change.lastWithout)) > 0 ? undefined : false;
}
