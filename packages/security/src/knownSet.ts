import { NO_CAPABILITIES, intersect, unite, without, type CapabilitySet } from "./capabilitySet.ts";
import { NOTHING_OPEN, type CapabilitySetName, type Credentials } from "./credentials.ts";
import type { Maybe } from "./maybe.ts";

/**
 * A capability set as far as it is known: what is in it, and of what it is open. The two share
 * nothing.
 */
export interface KnownSet {
  readonly has: CapabilitySet;
  readonly open: CapabilitySet;
}

/** The empty set, known to be so. */
export const CLEARED: KnownSet = Object.freeze({ has: NO_CAPABILITIES, open: NO_CAPABILITIES });

/** A set of which everything is known. */
export function exactly(has: CapabilitySet): KnownSet {
  return { has, open: NO_CAPABILITIES };
}

/** One of a task's sets. */
export function knownSet(c: Credentials, set: CapabilitySetName): KnownSet {
  return { has: c[set], open: c.unknown === undefined ? NO_CAPABILITIES : c.unknown.open[set] };
}

function most(set: KnownSet): CapabilitySet {
  return unite(set.has, set.open);
}

/** What is in either. */
export function union(a: KnownSet, b: KnownSet): KnownSet {
  const has = unite(a.has, b.has);
  return { has, open: without(unite(a.open, b.open), has) };
}

/** What is in both. */
export function meet(a: KnownSet, b: KnownSet): KnownSet {
  const has = intersect(a.has, b.has);
  return { has, open: without(intersect(most(a), most(b)), has) };
}

/** What is in the first and not in a known set. */
export function minus(a: KnownSet, b: CapabilitySet): KnownSet {
  return { has: without(a.has, b), open: without(a.open, b) };
}

/** One set or the other, as a condition has it. */
export function either(condition: Maybe, a: KnownSet, b: KnownSet): KnownSet {
  if (condition !== "unknown") return condition ? a : b;
  const has = intersect(a.has, b.has);
  return { has, open: without(unite(most(a), most(b)), has) };
}

/** The fields that give credentials these sets. */
export function setFields(
  c: Credentials,
  sets: { readonly [set in CapabilitySetName]?: KnownSet },
): Partial<Credentials> {
  const fields: { -readonly [key in CapabilitySetName | "unknown"]?: Credentials[key] } = {};
  const open: { -readonly [key in CapabilitySetName]: CapabilitySet } = {
    ...(c.unknown?.open ?? NOTHING_OPEN),
  };
  for (const [name, set] of Object.entries(sets) as [CapabilitySetName, KnownSet][]) {
    fields[name] = set.has;
    open[name] = set.open;
  }
  if (c.unknown === undefined) return fields;
  // Whether two sets are one, whoever changes either must say anew.
  const { whose, groups, notIds } = c.unknown;
  fields.unknown = Object.freeze({ whose, groups, notIds, open: Object.freeze(open) });
  return fields;
}
