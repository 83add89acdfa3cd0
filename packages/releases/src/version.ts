/**
 * Release numbers. `6.12` names a release line; `6.12.107` a point release of it; `6.12.0` the mainline release
 * itself. 5.10.0 to 5.10.23 are another kernel than 5.10.24, so a line alone is never enough to decide a behaviour.
 */
export interface Version {
  readonly major: number;
  readonly minor: number;
  /** The point release; 0 is the mainline release. */
  readonly point: number;
}

const PATTERN = /^(\d{1,3})\.(\d{1,3})(?:\.(\d{1,4}))?$/;

/** Reads `X.Y` or `X.Y.Z`; `undefined` for anything else. A missing point is reported as `undefined`. */
export function parseVersion(
  text: string,
): { major: number; minor: number; point: number | undefined } | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  return {
    major: Number(match[1]),
    minor: Number(match[2]),
    point: match[3] === undefined ? undefined : Number(match[3]),
  };
}

/** Negative, zero or positive, as `a` is older than, equal to or newer than `b`. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.point - b.point;
}

/** The release line of a version: `6.12`. */
export function lineOf(version: { readonly major: number; readonly minor: number }): string {
  return `${version.major}.${version.minor}`;
}

/** `6.12.107`; the mainline release prints with its `.0`, because `6.12` means the newest point release. */
export function formatVersion(version: Version): string {
  return `${version.major}.${version.minor}.${version.point}`;
}
