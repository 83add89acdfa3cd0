import type { Ports, Question } from "@kadvise/ports";
import { capabilityName } from "@kadvise/uapi";
import {
  capabilityNames,
  hasCapability,
  intersect,
  isEmpty,
  isSubset,
  oneCapability,
  unite,
  without,
  type CapabilitySet,
} from "./capabilitySet.ts";
import {
  ID_FIELDS,
  isSettled,
  type CapabilitySetName,
  type Credentials,
  type IdField,
  type UnknownFacts,
} from "./credentials.ts";
import { INVALID_ID, ROOT_ID, isUnknownId } from "./ids.ts";

/**
 * Reading facts that nobody may have stated. A strace log does not show initial credentials, so an
 * id may be unknown and a capability open. A rule that must know asks the choices port once; the
 * answer stays in the credentials, noted in the journal. Where everything is known, reading costs
 * one comparison.
 *
 * What merely has effects does not ask: it passes the gap on.
 */
type Open<T> = { -readonly [key in keyof T]: T[key] };

/**
 * An id, asked for if it is unknown. `returned`: the call returns this very id, so a log shows it.
 */
export function readId(ports: Ports, c: Credentials, field: IdField, returned = false): number {
  const id = c[field];
  return isUnknownId(id) ? askId(ports, c, field, returned) : id;
}

function askId(ports: Ports, c: Credentials, field: IdField, returned: boolean): number {
  const unknown = c[field];
  const question: Question<number> = {
    id: `credentials/${field}`,
    usual: ROOT_ID,
    allows: (id) =>
      Number.isInteger(id) && id >= 0 && id < INVALID_ID && !isExcluded(c, unknown, id),
    describe: () => `the ${field} of ${whose(c)}: any id`,
    ...(returned ? { fromResult: (value: number) => value } : {}),
  };
  const id = ports.choices.choose(question);
  settleId(ports, c, unknown, id);
  return id;
}

/**
 * Whether an id is this known one. An unknown id is asked for that alone: two answers, both
 * complete.
 */
export function idIs(ports: Ports, c: Credentials, field: IdField, id: number): boolean {
  const own = c[field];
  if (!isUnknownId(own)) return own === id;
  if (isExcluded(c, own, id)) return false;
  const is = ports.choices.choose<boolean>({
    id: `credentials/${field}-is`,
    usual: id === ROOT_ID,
    allows: (answer) => typeof answer === "boolean",
    describe: () => `whether the ${field} of ${whose(c)} is ${String(id)}`,
    alternatives: [true, false],
  });
  if (is) settleId(ports, c, own, id);
  else exclude(ports, c, own, id);
  return is;
}

/** Whether an id of one task is an id of another (or of the same). */
export function sameId(
  ports: Ports,
  a: Credentials,
  fieldA: IdField,
  b: Credentials,
  fieldB: IdField,
): boolean {
  const own = a[fieldA];
  const other = b[fieldB];
  if (a === b && own === other) return true;
  if (!isUnknownId(own)) return idIs(ports, b, fieldB, own);
  return idIs(ports, a, fieldA, readId(ports, b, fieldB));
}

/** Whether two ids of one set of credentials are the same, without asking. */
export function tellSame(c: Credentials, a: number, b: number): boolean | "unknown" {
  if (a === b) return true;
  if (!isUnknownId(a) && !isUnknownId(b)) return false;
  return isExcluded(c, a, b) || isExcluded(c, b, a) ? false : "unknown";
}

function isExcluded(c: Credentials, unknown: number, id: number): boolean {
  return c.unknown?.notIds.some((not) => not.unknown === unknown && not.id === id) ?? false;
}

function settleId(ports: Ports, c: Credentials, unknown: number, id: number): void {
  const open: Open<Credentials> = c;
  for (const field of ID_FIELDS) {
    if (open[field] !== unknown) continue;
    ports.journal.save(open, field);
    open[field] = id;
  }
  closeIfSettled(ports, c);
}

function exclude(ports: Ports, c: Credentials, unknown: number, id: number): void {
  const facts = factsOf(c);
  update(ports, c, { notIds: Object.freeze([...facts.notIds, Object.freeze({ unknown, id })]) });
}

/** Whether a capability, by number, is in a set. */
export function readCapability(
  ports: Ports,
  c: Credentials,
  set: CapabilitySetName,
  number: number,
): boolean {
  if (hasCapability(c[set], number)) return true;
  if (c.unknown === undefined || !hasCapability(c.unknown.open[set], number)) return false;
  const present =
    canHave(c, set, number) &&
    ports.choices.choose<boolean>({
      id: `credentials/${set}/${capabilityName(number) ?? String(number)}`,
      usual: true,
      allows: (answer) => typeof answer === "boolean",
      describe: () =>
        `whether ${capabilityName(number) ?? String(number)} is ${set} for ${whose(c)}`,
      alternatives: [true, false],
    });
  settleCapabilities(ports, c, set, oneCapability(number), present);
  return present;
}

/** A whole set, for a call that reports it. */
export function readCapabilities(
  ports: Ports,
  c: Credentials,
  set: CapabilitySetName,
): CapabilitySet {
  if (c.unknown === undefined || isEmpty(c.unknown.open[set])) return c[set];
  const known = c[set];
  const most = possibly(c, set);
  const answer = ports.choices.choose<CapabilitySet>({
    id: `credentials/${set}`,
    usual: most,
    allows: (a) => isSubset(known, a) && isSubset(a, most),
    describe: () =>
      `the ${set} capabilities of ${whose(c)}: any of ${capabilityNames(most).join(", ")}`,
  });
  settleCapabilities(ports, c, set, without(most, answer), false);
  settleCapabilities(ports, c, set, answer, true);
  return answer;
}

/**
 * Whether one's permitted capabilities are all in another's set. Where that is open it is asked as
 * such, and not kept: either answer leaves each single capability open.
 */
export function permittedWithin(
  ports: Ports,
  inner: Credentials,
  outer: Credentials,
  set: "permitted" | "effective",
): boolean {
  if (inner.unknown === undefined && outer.unknown === undefined)
    return isSubset(inner.permitted, outer[set]);
  if (inner === outer && (set === "permitted" || inner.unknown?.evenSets === true)) return true;
  if (isSubset(possibly(inner, "permitted"), outer[set])) return true;
  if (!isSubset(inner.permitted, possibly(outer, set))) return false;
  return ports.choices.choose<boolean>({
    id: "credentials/permitted-within",
    usual: true,
    allows: (answer) => typeof answer === "boolean",
    describe: () =>
      `whether the permitted capabilities of ${whose(inner)} are all ${set} for ${whose(outer)}`,
    alternatives: [true, false],
  });
}

/** The supplementary groups. */
export function readGroups(ports: Ports, c: Credentials): readonly number[] {
  if (c.unknown === undefined || !c.unknown.groups) return c.groups;
  const answer = ports.choices.choose<readonly number[]>({
    id: "credentials/groups",
    usual: [],
    allows: (groups) => groups.every((id) => Number.isInteger(id) && id >= 0 && id < INVALID_ID),
    describe: () => `the supplementary groups of ${whose(c)}: any`,
  });
  const open: Open<Credentials> = c;
  ports.journal.save(open, "groups");
  open.groups = Object.freeze(answer.slice().sort((a, b) => a - b));
  update(ports, c, { groups: false });
  return open.groups;
}

/** What may be in a set: what is, and what is open. */
export function possibly(c: Credentials, set: CapabilitySetName): CapabilitySet {
  return c.unknown === undefined ? c[set] : unite(c[set], c.unknown.open[set]);
}

/**
 * Which set holds every member of this one. Linux: kernel/capability.c, "E must be a subset of P"
 */
const HOLDERS: { readonly [set in CapabilitySetName]: readonly CapabilitySetName[] } = {
  permitted: [],
  effective: ["permitted"],
  inheritable: [],
  bounding: [],
  ambient: ["permitted", "inheritable"],
};

function canHave(c: Credentials, set: CapabilitySetName, number: number): boolean {
  return HOLDERS[set].every((holder) => hasCapability(possibly(c, holder), number));
}

function settleCapabilities(
  ports: Ports,
  c: Credentials,
  set: CapabilitySetName,
  which: CapabilitySet,
  present: boolean,
): void {
  const facts = c.unknown;
  const settled = facts === undefined ? which : intersect(which, facts.open[set]);
  if (facts === undefined || isEmpty(settled)) return;
  const open: Open<Credentials> = c;
  if (present) {
    ports.journal.save(open, set);
    open[set] = unite(c[set], settled);
  }
  update(ports, c, {
    open: Object.freeze({ ...facts.open, [set]: without(facts.open[set], settled) }),
  });
  for (const [other, holders] of Object.entries(HOLDERS) as [
    CapabilitySetName,
    CapabilitySetName[],
  ][]) {
    if (present && other === set)
      for (const holder of holders) settleCapabilities(ports, c, holder, settled, true);
    if (!present && holders.includes(set)) settleCapabilities(ports, c, other, settled, false);
  }
}

function update(ports: Ports, c: Credentials, changes: Partial<UnknownFacts>): void {
  const open: Open<Credentials> = c;
  ports.journal.save(open, "unknown");
  open.unknown = Object.freeze({ ...factsOf(c), ...changes });
  closeIfSettled(ports, c);
}

function closeIfSettled(ports: Ports, c: Credentials): void {
  if (c.unknown === undefined || !isSettled(c)) return;
  const open: Open<Credentials> = c;
  ports.journal.save(open, "unknown");
  open.unknown = undefined;
}

function factsOf(c: Credentials): UnknownFacts {
  if (c.unknown === undefined) throw new RangeError("these credentials have no unknown facts");
  return c.unknown;
}

function whose(c: Credentials): string {
  return c.unknown?.whose ?? "the process";
}
