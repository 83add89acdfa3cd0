import {
  CHANGES,
  compareVersions,
  formatVersion,
  NEWEST_POINT,
  parseVersion,
  type Version,
} from "@kadvise/releases";

/** Kernels of one line between which no change lies: `5.10.24` to `5.10.109`. */
export interface Stretch {
  /** The first one; what holds for it holds for all. */
  readonly first: Version;
  /** The last one; the newest that is known counts as the last of its line. */
  readonly last: Version;
}

/** Later than any point release. */
const LAST_POINT = 1_000_000;

/** The first release that has process_madvise. */
const FIRST_LINE = "5.10";

/** Every kernel from a line on, 5.10 if unset, in stretches, oldest first. */
export function stretches(from: string = FIRST_LINE): readonly Stretch[] {
  const first = versionOf(from, 0);
  return Object.keys(NEWEST_POINT)
    .filter((line) => compareVersions(versionOf(line, 0), first) >= 0)
    .flatMap(stretchesOf);
}

function stretchesOf(line: string): readonly Stretch[] {
  const newest = NEWEST_POINT[line] ?? 0;
  const starts = new Set([0]);
  for (const { mainline, lastWithout, stable } of CHANGES) {
    const backport = stable?.[line];
    if (typeof backport === "number") starts.add(backport);
    else if (backport !== undefined) starts.add(backport[0] + 1).add(backport[1]);
    const has = pointIn(line, mainline);
    const lacks = pointIn(line, lastWithout);
    if (has !== undefined) starts.add(has);
    if (lacks !== undefined) starts.add(lacks + 1);
  }
  const points = [...starts].filter((point) => point <= newest).sort((a, b) => a - b);
  return points.map((point, i) => ({
    first: versionOf(line, point),
    last: versionOf(line, (points[i + 1] ?? LAST_POINT) - 1),
  }));
}

/** The point of a release `X.Y.Z` of a line. */
function pointIn(line: string, release: string | undefined): number | undefined {
  if (release?.startsWith(`${line}.`) !== true) return undefined;
  return parseVersion(release)?.point;
}

function versionOf(line: string, point: number): Version {
  const parsed = parseVersion(line);
  if (parsed === undefined) throw new RangeError(`"${line}" is no release`);
  return { major: parsed.major, minor: parsed.minor, point };
}

/**
 * Writes which stretches have something in common: `5.10.24-6.12 7.2.12`. `X.Y` as the beginning of
 * a range is the mainline release, as its end the whole line.
 */
export function rangesText(all: readonly Stretch[], has: (index: number) => boolean): string {
  const ranges: string[] = [];
  for (let i = 0; i < all.length; i++) {
    if (!has(i)) continue;
    let end = i;
    while (end + 1 < all.length && has(end + 1)) end++;
    ranges.push(rangeText(all[i], all[end]));
    i = end;
  }
  return ranges.join(" ");
}

function rangeText({ first }: Stretch, { last }: Stretch): string {
  const from = first.point === 0 ? `${first.major}.${first.minor}` : formatVersion(first);
  const to = last.point === LAST_POINT - 1 ? `${last.major}.${last.minor}` : formatVersion(last);
  return from === to ? from : `${from}-${to}`;
}

/** Whether a version lies in such ranges. */
export function inRanges(version: Version, ranges: string): boolean {
  return ranges.split(" ").some((range) => {
    const [from = "", to = from] = range.split("-");
    return (
      compareVersions(version, bound(from, 0)) >= 0 &&
      compareVersions(version, bound(to, LAST_POINT)) <= 0
    );
  });
}

function bound(text: string, missingPoint: number): Version {
  const parsed = parseVersion(text);
  if (parsed === undefined) throw new RangeError(`"${text}" is no release`);
  return { ...parsed, point: parsed.point ?? missingPoint };
}
