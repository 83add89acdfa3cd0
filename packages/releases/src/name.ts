import { CHANGES } from "./changes.ts";
import { NEWEST_POINT } from "./lines.ts";
import { nearest } from "./nearest.ts";
import { lineOf, parseVersion, type Version } from "./version.ts";

/** What the name of a kernel says. */
export interface KernelName {
  /** `seed`, `seed-code`, or a release. */
  readonly base: string;
  /** Changes by id that the kernel has (true) or lacks (false), whatever its release says. */
  readonly adjustments: ReadonlyMap<string, boolean>;
}

/**
 * Reads the name of a kernel: `seed`, `seed-code`, `X.Y` or `X.Y.Z`, and behind it any number of
 * `+id` and `-id`. Ids have hyphens of their own, so a comma stands before a minus that follows
 * another id: `6.12+pidfd-self,-landlock`.
 *
 * @throws RangeError for anything else; the message names what is meant most likely.
 */
export function parseName(name: string): KernelName {
  const [, base = "", rest = ""] = /^\s*(seed-code|seed|[^\s+,-]*)\s*(.*?)\s*$/s.exec(name) ?? [];
  const adjustments = new Map<string, boolean>();
  for (let at = 0; at < rest.length;) {
    const item = /(?:,\s*)?([+-])([a-z0-9-]+)\s*/y;
    item.lastIndex = at;
    const [whole, sign, id = ""] = item.exec(rest) ?? [];
    if (whole === undefined) {
      throw new RangeError(
        `cannot read "${name}" from "${rest.slice(at)}" on: expected +id or -id of a change`,
      );
    }
    if (!CHANGES.some((change) => change.id === id)) throw unknownChange(id);
    if (adjustments.get(id) === (sign === "-")) {
      throw new RangeError(`"${name}" both adds and takes away ${id}`);
    }
    adjustments.set(id, sign === "+");
    at += whole.length;
  }
  return { base, adjustments };
}

/** The version that a release means: `X.Y` is the newest point release of the line. */
export function resolveVersion(release: string): Version {
  const parsed = parseVersion(release);
  const newest = parsed === undefined ? undefined : NEWEST_POINT[lineOf(parsed)];
  if (parsed === undefined || newest === undefined) throw unknownRelease(release);
  return { major: parsed.major, minor: parsed.minor, point: parsed.point ?? newest };
}

function unknownRelease(name: string): RangeError {
  const lines = Object.keys(NEWEST_POINT);
  const meant = nearest(name, ["seed", "seed-code"]);
  return new RangeError(
    `unknown release "${name}": ${meant === undefined ? "" : `did you mean ${meant}? `}expected ` +
      `seed, seed-code, or a release from ${lines[0]} to ${lines.at(-1)} such as 6.12 or 5.10.24`,
  );
}

function unknownChange(id: string): RangeError {
  const ids = CHANGES.map((change) => change.id);
  const meant = nearest(id, ids);
  return new RangeError(
    meant === undefined
      ? `unknown change "${id}": expected one of ${ids.join(", ")}`
      : `unknown change "${id}": did you mean ${meant}?`,
  );
}
