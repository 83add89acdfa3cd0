import {
  ASKED,
  compareVersions,
  formatVersion,
  NEWEST_POINT,
  parseVersion,
  profile,
  resolveVersion,
  type Profile,
  type Settings,
  type Version,
} from "@kadvise/releases";
import { stretches, type Stretch } from "../pack/packReleases.ts";

/** Kernels that a table does not tell apart: one, or point releases between which nothing changed. */
export interface TableKernel {
  /** The first one: `5.10.24`, `6.12.0`, `seed`. */
  readonly from: string;
  /** The last one: `5.10.109`; `6.12` where it is the newest of its line. */
  readonly to: string;
  readonly usual: Profile;
  /** What it may be besides, where it is open which changes it has. */
  readonly others: readonly Profile[];
  /** The real kernels that answered as this one does; none: not checked on a real kernel. */
  readonly asked: readonly string[];
  /** Whether no kernel lies between it and the one before it. */
  readonly follows: boolean;
}

/** The first release of which the data knows. */
const FIRST_LINE = Object.keys(NEWEST_POINT)[0];

let withUsualSettings: readonly TableKernel[] | undefined;

/** Every kernel from 5.8 on, in stretches of point releases, oldest first. */
export function allKernels(settings: Partial<Settings> = {}): readonly TableKernel[] {
  if (Object.keys(settings).length > 0) return makeAll(settings);
  withUsualSettings ??= makeAll({});
  return withUsualSettings;
}

function makeAll(settings: Partial<Settings>): readonly TableKernel[] {
  return stretches(FIRST_LINE).map((stretch, i) => kernelOf(stretch, settings, i > 0));
}

/**
 * The kernels that words name: `6.12`, `5.10.24`, `seed`, `6.12+pidfd-self,-landlock`, lists of
 * them (`5.10,6.12`), ranges (`5.10..6.1`, `5.10-6.1`: from the mainline release on, to the newest
 * point release), or `all`.
 *
 * @throws RangeError for what names no kernel
 */
export function namedKernels(
  words: readonly string[],
  settings: Partial<Settings> = {},
): readonly TableKernel[] {
  const items = words.flatMap((word) => word.split(/,(?![+-])|\s+/)).filter((item) => item !== "");
  return items.flatMap((item) => {
    if (item === "all") return allKernels(settings);
    const [, from, to] = /^(\d[\d.]*?)(?:\.\.|-)(\d[\d.]*)$/.exec(item) ?? [];
    if (from === undefined || to === undefined) return [oneKernel(item, settings)];
    return rangeOfKernels(from, to, settings);
  });
}

function rangeOfKernels(
  from: string,
  to: string,
  settings: Partial<Settings>,
): readonly TableKernel[] {
  const first = { ...resolveVersion(from), ...(isLine(from) ? { point: 0 } : {}) };
  const last = resolveVersion(to);
  if (compareVersions(first, last) > 0)
    throw new RangeError(`"${from}" is newer than "${to}": a range begins with the older release`);
  return stretches(FIRST_LINE)
    .filter((one) => compareVersions(one.last, first) >= 0 && compareVersions(one.first, last) <= 0)
    .map((one) => ({
      first: compareVersions(one.first, first) < 0 ? first : one.first,
      last: compareVersions(one.last, last) > 0 && !isLine(to) ? last : one.last,
    }))
    .map((one, i) => kernelOf(one, settings, i > 0));
}

function isLine(release: string): boolean {
  return parseVersion(release)?.point === undefined;
}

function kernelOf(
  { first, last }: Stretch,
  settings: Partial<Settings>,
  follows: boolean,
): TableKernel {
  const made = oneKernel(formatVersion(first), settings);
  const asked = made.usual.asked ? askedBetween(first, last) : [];
  return { ...made, to: endOf(last), asked, follows };
}

function oneKernel(name: string, settings: Partial<Settings>): TableKernel {
  const make = (one: string): Profile => profile(one, { settings, assume: "all" });
  const usual = make(name);
  const open = usual.bracketed.map((id) => `+${id}`);
  const others = open.length > 1 ? [...open, open.join("")] : open;
  const version = resolveVersion(usual.version);
  return {
    ...{ from: usual.name, to: usual.name, usual },
    others: others.map((changes) => make(name + changes)),
    asked: usual.asked ? askedLike(version, usual) : [],
    follows: false,
  };
}

/** The newest of a line goes by the line's name. */
function endOf(last: Version): string {
  const line = `${last.major}.${last.minor}`;
  return last.point > (NEWEST_POINT[line] ?? 0) ? line : formatVersion(last);
}

function askedBetween(first: Version, last: Version): readonly string[] {
  return ASKED.filter((name) => {
    const version = parseVersion(name);
    return (
      version?.point !== undefined &&
      compareVersions({ ...version, point: version.point }, first) >= 0 &&
      compareVersions({ ...version, point: version.point }, last) <= 0
    );
  });
}

/** Asked kernels of the same line with the same changes. */
function askedLike({ major, minor }: Version, { changes }: Profile): readonly string[] {
  return ASKED.filter((name) => {
    const other = profile(name);
    const isSame = other.changes.join() === changes.join() && other.bracketed.length === 0;
    return isSame && other.version.startsWith(`${major}.${minor}.`);
  });
}
