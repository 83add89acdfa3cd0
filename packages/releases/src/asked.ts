import { changesOf, type KernelChanges } from "./changesOf.ts";
import { NEWEST_POINT } from "./lines.ts";
import { parseName, resolveVersion } from "./name.ts";
import { lineOf, type Version } from "./version.ts";

/**
 * The kernels that were asked, by the name of the profile that each should agree with; their
 * answers are in probe/answers.json, and a test compares.
 *
 * `6.18.44` is a vendor's build, the others are Debian's. Debian's 6.1.172 carries a fix that the
 * stable tree has from 6.1.173 on.
 */
export const ASKED: readonly string[] = [
  "5.10.223",
  "6.1.170",
  "6.1.172+dead-task-saved-dumpable",
  "6.1.176",
  "6.1.192",
  "6.12.100",
  "6.12.107",
  "6.12.117",
  "6.16.12",
  "6.17.13",
  "6.18.15",
  "6.18.44",
  "6.19.14",
  "7.0.13",
  "7.1.13",
  "7.2.12",
  "7.3.4",
];

/**
 * Whether a kernel was asked: one of exactly this version and these changes, or another point
 * release of the same line that has just the same changes. Of neither may it be open whether it has
 * some change or not, and the data must know the version.
 */
export function wasAsked(version: Version, adjustments: ReadonlyMap<string, boolean>): boolean {
  if (version.point > (NEWEST_POINT[lineOf(version)] ?? -1)) return false;
  const own = changesOf(version, adjustments);
  return ASKED.some((name) => {
    const asked = parseName(name);
    const other = resolveVersion(asked.base);
    return lineOf(other) === lineOf(version) && isSame(own, changesOf(other, asked.adjustments));
  });
}

function isSame(a: KernelChanges, b: KernelChanges): boolean {
  return (
    a.bracketed.length === 0 &&
    b.bracketed.length === 0 &&
    a.present.length === b.present.length &&
    a.present.every((change, i) => change === b.present[i])
  );
}
