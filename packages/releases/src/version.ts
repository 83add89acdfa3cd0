/**
 * Release numbers. `6.12` names a release line; `6.12.107` a point release of it; `6.12.0` the
 * mainline release itself. 5.10.0 to 5.10.23 are another kernel than 5.10.24, so a line alone is
 * never enough to decide a behaviour.
 */
export interface Version {
  readonly major: number;
  readonly minor: number;
  /** The point release; 0 is the mainline release. */
  readonly point: number;
}

const PATTERN = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?$/;

/** Reads `X.Y` or `X.Y.Z`; `undefined` for anything else. A missing point is `undefined`. */
export function parseVersion(
  text: string,
): { major: number; minor: number; point: number | undefined } | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, major, minor, point] = match;
  return {
    major: Number(major),
    minor: Number(minor),
    point: point === undefined ? undefined : Number(point),
  };
}

/** The first version that a release of the data stands for: `X.Y` is the mainline release. */
export function firstOf(release: string): Version {
  return complete(release, 0);
}

/** The last version that a release of the data stands for: `X.Y` is the whole line. */
export function lastOf(release: string): Version {
  return complete(release, Number.POSITIVE_INFINITY);
}

function complete(release: string, missingPoint: number): Version {
  const parsed = parseVersion(release);
  if (parsed === undefined) throw new RangeError(`"${release}" is no release`);
  return { ...parsed, point: parsed.point ?? missingPoint };
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.point - b.point;
}

/** The release line of a version: `6.12`. */
export function lineOf(version: { readonly major: number; readonly minor: number }): string {
  return `${version.major}.${version.minor}`;
}

/** `6.12.107`; a mainline release keeps its `.0`, because `6.12` means the newest point release. */
export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}.${version.point}`;
}
