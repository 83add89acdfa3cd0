import type { Profile } from "@kadvise/releases";

/** What was read of a profile, with the values that were found. */
export type Reads = ReadonlyMap<string, unknown>;

/** A profile that remembers what is read of it. */
export interface TrackedProfile {
  readonly profile: Profile;
  readonly reads: Reads;
}

/** Parts that are looked into; whatever else a profile has counts as one value. */
const PARTS: ReadonlySet<string> = new Set([
  ...["processMadvise", "vector", "mm", "security", "pidfd", "abi", "settings"],
]);

/**
 * Watches what a run reads of its profile. Two profiles that agree in that give the same answers: of
 * eighty kernels most need not be run.
 */
export function trackProfile(profile: Profile): TrackedProfile {
  const reads = new Map<string, unknown>();
  const watched = Object.fromEntries(
    Object.entries(profile).map(([name, value]) => [
      name,
      PARTS.has(name) ? watch(value as object, `${name}.`, reads) : (value as unknown),
    ]),
  );
  return { profile: watch(watched, "", reads) as Profile, reads };
}

/** Whether a profile has all that was read of another. */
export function agrees(profile: Profile, reads: Reads): boolean {
  for (const [path, value] of reads) {
    if (comparableAt(profile, path) !== comparable(value)) return false;
  }
  return true;
}

/** What a profile has at a place that was read; lists are texts. */
export function comparableAt(profile: Profile, path: string): unknown {
  return comparable(valueAt(profile, path));
}

function watch(object: object, path: string, reads: Map<string, unknown>): object {
  return new Proxy(
    { ...object },
    {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof name === "string" && !(path === "" && PARTS.has(name))) {
          reads.set(path + name, value);
        }
        return value;
      },
    },
  );
}

const places: Map<string, readonly string[]> = new Map();

function valueAt(profile: Profile, path: string): unknown {
  const place = places.get(path) ?? path.split(".");
  places.set(path, place);
  const [part = "", name] = place;
  const value: unknown = Reflect.get(profile, part);
  return name === undefined ? value : Reflect.get(value as object, name);
}

const texts: WeakMap<object, string> = new WeakMap();

/** Lists of different profiles are the same if they hold the same. */
function comparable(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
}
