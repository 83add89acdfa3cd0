import { BASE } from "./base.ts";
import type { Change } from "./change.ts";
import { CHANGES } from "./changes.ts";
import type { FeaturePatch, Features } from "./features.ts";
import { ASKED, NEWEST_POINT } from "./lines.ts";
import { SEED_CODE, SEED_TEXT } from "./seed.ts";
import { USUAL_SETTINGS, type Settings } from "./settings.ts";
import { compareVersions, formatVersion, lineOf, parseVersion, type Version } from "./version.ts";

/** One kernel: what it does, and the settings it runs with. Frozen. */
export interface Profile extends Features {
  /** What was asked for: `6.12`, `5.10.24`, `seed`. */
  readonly name: string;
  /** The version that the name resolved to; the seed's is that of the memory model beneath it. */
  readonly version: string;
  /** Whether any kernel with this version was asked; a seed never. */
  readonly asked: boolean;
  /** Whether the interface was ever part of a release. */
  readonly released: boolean;
  /** Ids of the changes that are in force, oldest first. */
  readonly changes: readonly string[];
  /** Ids of changes of which nobody knows whether this version has them; they are taken as absent. */
  readonly bracketed: readonly string[];
  readonly settings: Settings;
  /** Settings that nobody stated: {@link settings} holds their usual value. */
  readonly assumed: readonly (keyof Settings)[];
}

/** How a profile is asked for besides its name. */
export interface ProfileOptions {
  /** Settings that are known. */
  readonly settings?: Partial<Settings>;
  /** `"all"` says that every setting is as usual: nothing is left open. */
  readonly assume?: "all";
}

/** The release on which the seed's areas and pages rest. */
const SEED_BASE = "5.10";

/**
 * Resolves a name to a profile: `seed`, `seed-code`, `X.Y` (the newest point release of the line), `X.Y.Z` (`X.Y.0` is
 * the mainline release), each with `+id` and `-id` behind it for a vendor kernel: `6.12+pidfd-self`.
 *
 * @throws RangeError for a name that no data describes; the message names what is known.
 * @example
 * profile("5.10").processMadvise.accessMode; // "PTRACE_MODE_READ_FSCREDS"
 * profile("5.10.0").processMadvise.accessMode; // "PTRACE_MODE_ATTACH_FSCREDS"
 */
export function profile(name: string, options: ProfileOptions = {}): Profile {
  const { base, adjustments } = splitAdjustments(name);
  const seed = base === "seed" || base === "seed-code";
  const version = resolveVersion(seed ? SEED_BASE : base);
  const chosen = CHANGES.filter(
    (change) => adjustments.get(change.id) ?? isInForce(change, version) ?? false,
  );
  for (const id of adjustments.keys()) {
    if (!CHANGES.some((change) => change.id === id)) throw unknownChange(id);
  }

  let features = BASE;
  for (const change of chosen) features = applyChange(features, change);
  if (seed) features = patch(features, SEED_CODE);
  if (base === "seed") features = patch(features, SEED_TEXT);

  const stated = options.settings ?? {};
  const assumed =
    options.assume === "all"
      ? []
      : (Object.keys(USUAL_SETTINGS) as (keyof Settings)[]).filter(
          (key) => stated[key] === undefined,
        );
  return deepFreeze({
    ...features,
    name,
    version: formatVersion(version),
    asked: !seed && adjustments.size === 0 && ASKED.includes(formatVersion(version)),
    released: !seed,
    changes: chosen.map((change) => change.id),
    bracketed: CHANGES.filter(
      (change) => !adjustments.has(change.id) && isInForce(change, version) === undefined,
    ).map((change) => change.id),
    settings: { ...USUAL_SETTINGS, ...stated },
    assumed,
  });
}

/** The version that a release name means. */
export function resolveVersion(name: string): Version {
  const parsed = parseVersion(name);
  const newest = parsed === undefined ? undefined : NEWEST_POINT[lineOf(parsed)];
  if (parsed === undefined || newest === undefined) throw unknownRelease(name);
  return { major: parsed.major, minor: parsed.minor, point: parsed.point ?? newest };
}

/**
 * Whether a version has a change: from its mainline release on, or by a backport to the version's own line. `undefined`
 * where the version lies between the last kernel seen without it and the first seen with it.
 */
export function isInForce(change: Change, version: Version): boolean | undefined {
  if (compareVersions(version, atLeast(change.mainline)) >= 0) return true;
  const backport = change.stable?.[lineOf(version)];
  if (backport !== undefined) {
    const [without, present] = typeof backport === "number" ? [backport - 1, backport] : backport;
    if (version.point >= present) return true;
    return version.point > without ? undefined : false;
  }
  if (change.lastWithout === undefined) return false;
  const last = parseVersion(change.lastWithout);
  if (last === undefined)
    throw new RangeError(`change ${change.id}: "${change.lastWithout}" is no release`);
  return compareVersions(version, { ...last, point: last.point ?? Number.POSITIVE_INFINITY }) > 0
    ? undefined
    : false;
}

function atLeast(release: string): Version {
  const parsed = parseVersion(release);
  if (parsed === undefined) throw new RangeError(`"${release}" is no release`);
  return { ...parsed, point: parsed.point ?? 0 };
}

function splitAdjustments(name: string): { base: string; adjustments: Map<string, boolean> } {
  const [base = "", ...rest] = name
    .replace(/^seed-code/, "seed_code")
    .split(/(?=[+])|(?=,-)|(?<=\d|seed|code)(?=-)/);
  const adjustments = new Map<string, boolean>();
  for (const part of rest.flatMap((piece) => piece.split(","))) {
    const word = part.trim();
    if (word !== "") adjustments.set(word.replace(/^[+-]/, ""), !word.startsWith("-"));
  }
  return { base: base.replace("seed_code", "seed-code"), adjustments };
}

function applyChange(features: Features, change: Change): Features {
  let next = change.set === undefined ? features : patch(features, change.set);
  if (change.addsAdvice !== undefined) {
    next = patch(next, { mm: { advice: [...next.mm.advice, ...change.addsAdvice] } });
  }
  if (change.addsRemoteAdvice !== undefined) {
    const remoteAdvice = [...next.processMadvise.remoteAdvice, ...change.addsRemoteAdvice];
    next = patch(next, { processMadvise: { remoteAdvice } });
  }
  if (change.addsCalls !== undefined)
    next = patch(next, { abi: { calls: [...next.abi.calls, ...change.addsCalls] } });
  return next;
}

function patch(features: Features, change: FeaturePatch): Features {
  return {
    processMadvise: { ...features.processMadvise, ...change.processMadvise },
    vector: { ...features.vector, ...change.vector },
    mm: { ...features.mm, ...change.mm },
    security: { ...features.security, ...change.security },
    pidfd: { ...features.pidfd, ...change.pidfd },
    abi: { ...features.abi, ...change.abi },
  };
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner))
      deepFreeze(inner as object);
  }
  return Object.freeze(value);
}

function unknownRelease(name: string): RangeError {
  const lines = Object.keys(NEWEST_POINT);
  return new RangeError(
    `unknown release "${name}": expected seed, seed-code, or a release from ${lines[0]} to ${lines.at(-1)} such as ` +
      `6.12 or 5.10.24`,
  );
}

function unknownChange(id: string): RangeError {
  return new RangeError(
    `unknown change "${id}": expected one of ${CHANGES.map((change) => change.id).join(", ")}`,
  );
}
