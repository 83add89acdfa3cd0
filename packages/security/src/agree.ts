import { unite, without, type CapabilitySet } from "./capabilitySet.ts";
import {
  CAPABILITY_SETS,
  changed,
  ID_FIELDS,
  NOTHING_OPEN,
  type Credentials,
  type CapabilitySetName,
} from "./credentials.ts";

/**
 * Credentials of which only so much is known as several versions of them have in common: of a
 * capability that they do not all have, or not all lack, it is open whether it is there.
 *
 * Undefined where they are not versions of one: ids, securebits or namespaces differ.
 */
export function agreedCredentials(versions: readonly Credentials[]): Credentials | undefined {
  const [first] = versions;
  if (first === undefined || !versions.every((other) => isVersion(first, other))) return undefined;
  const open: { [set in CapabilitySetName]: CapabilitySet } = { ...NOTHING_OPEN };
  const sets: { [set in CapabilitySetName]?: CapabilitySet } = {};
  for (const name of CAPABILITY_SETS) {
    for (const { [name]: set, unknown } of versions) {
      const differs = unite(without(set, first[name]), without(first[name], set));
      open[name] = unite(open[name], unite(differs, unknown?.open[name] ?? open[name]));
    }
    sets[name] = without(first[name], open[name]);
  }
  const groups = versions.some(({ unknown }) => unknown?.groups === true);
  const whose = versions.find(({ unknown }) => unknown !== undefined)?.unknown?.whose;
  // What an unknown id was found not to be is forgotten.
  const isEven = versions.every((one) => one.unknown?.evenSets === true);
  const even = isEven ? { evenSets: true as const } : {};
  const unknown = { whose: whose ?? "the process", open, groups, notIds: [], ...even };
  return changed(first, { ...sets, unknown });
}

/** Whether two have the same ids, known or not, and are told apart by facts alone. */
function isVersion(a: Credentials, b: Credentials): boolean {
  return (
    ID_FIELDS.every((field) => a[field] === b[field]) &&
    a.groups.join() === b.groups.join() &&
    a.securebits === b.securebits &&
    a.userNamespace.level === b.userNamespace.level
  );
}
