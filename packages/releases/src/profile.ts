import { applyChange, patch } from "./applyChange.ts";
import { wasAsked } from "./asked.ts";
import { BASE } from "./base.ts";
import { changesOf } from "./changesOf.ts";
import type { Features } from "./features.ts";
import { parseName, resolveVersion } from "./name.ts";
import { SEED_CODE, SEED_TEXT } from "./seed.ts";
import { USUAL_SETTINGS, type Settings } from "./settings.ts";
import { formatVersion } from "./version.ts";

/** One kernel: what it does, and the settings it runs with. Frozen. */
export interface Profile extends Features {
  /** What was asked for: `6.12`, `5.10.24`, `seed`. */
  readonly name: string;
  /** The version that the name resolved to; the seed's is that of the memory model beneath it. */
  readonly version: string;
  /**
   * Whether a real kernel was asked: one of exactly this version, or another point release of its
   * line that has just the same changes, with none of which it is open. A seed never was.
   */
  readonly asked: boolean;
  /** Whether the interface was ever part of a release. */
  readonly released: boolean;
  /** Ids of the changes that are in force, oldest first. */
  readonly changes: readonly string[];
  /** Ids of changes of which nobody knows whether this version has them; taken as absent. */
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
 * Resolves a name to a profile: `seed`, `seed-code`, `X.Y` (the newest point release of the line),
 * `X.Y.Z` (`X.Y.0` is the mainline release), each with `+id` and `-id` of changes behind it for a
 * vendor's kernel: `6.12+pidfd-self,-landlock`.
 *
 * @throws RangeError for a name that no data describes; the message names what is known.
 * @example
 * profile("5.10").processMadvise.accessMode; // "PTRACE_MODE_READ_FSCREDS"
 * profile("5.10.0").processMadvise.accessMode; // "PTRACE_MODE_ATTACH_FSCREDS"
 */
export function profile(name: string, options: ProfileOptions = {}): Profile {
  const { base, adjustments } = parseName(name);
  const seed = base === "seed" || base === "seed-code";
  const version = resolveVersion(seed ? SEED_BASE : base);
  const { present, bracketed } = changesOf(version, adjustments);

  let features = present.reduce(applyChange, BASE);
  if (seed) features = patch(features, SEED_CODE);
  if (base === "seed") features = patch(features, SEED_TEXT);

  const settings: Settings = {
    ...USUAL_SETTINGS,
    unprivilegedUserfaultfd: !features.mm.userfaultfdNeedsPtrace,
    ...options.settings,
  };
  const stated = options.assume === "all" ? settings : (options.settings ?? {});
  return deepFreeze({
    ...features,
    name,
    version: formatVersion(version),
    asked: !seed && wasAsked(version, adjustments),
    released: !seed,
    changes: present.map((change) => change.id),
    bracketed: bracketed.map((change) => change.id),
    settings,
    assumed: (Object.keys(settings) as (keyof Settings)[]).filter(
      (key) => stated[key] === undefined,
    ),
  });
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value) as unknown[]) {
    if (typeof inner === "object" && inner !== null && !Object.isFrozen(inner)) deepFreeze(inner);
  }
  return Object.freeze(value);
}
