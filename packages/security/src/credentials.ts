import {
  ALL_CAPABILITIES,
  NO_CAPABILITIES,
  capabilitySet,
  isEmpty,
  type CapabilitySet,
  type CapabilitySpec,
} from "./capabilitySet.ts";
import { ROOT_ID, isUnknownId, requireId } from "./ids.ts";
import { initialUserNamespace, toKernelId, type UserNamespace } from "./userNamespace.ts";

/** The eight ids of a task. */
export type IdField = "uid" | "euid" | "suid" | "fsuid" | "gid" | "egid" | "sgid" | "fsgid";

/** The five capability sets of a task. */
export type CapabilitySetName = "permitted" | "effective" | "inheritable" | "bounding" | "ambient";

/** What nobody stated about a set of credentials. See unknown-facts.ts. */
export interface UnknownFacts {
  /** Whose credentials they are, for people: "process 178". */
  readonly whose: string;
  /**
   * For each set, the capabilities of which it is open whether they are in it; the set itself lacks
   * them.
   */
  readonly open: { readonly [set in CapabilitySetName]: CapabilitySet };
  /** Whether the supplementary groups are open. */
  readonly groups: boolean;
  /** Answers already given: the unknown id is not this one. */
  readonly notIds: readonly { readonly unknown: number; readonly id: number }[];
  /** Whether the permitted and the effective set are one, whatever is in them. */
  readonly evenSets?: true;
}

/**
 * Who a task is. Frozen and shared: every change makes a new one, as in the kernel. Ids are the
 * kernel's, not those of a namespace.
 *
 * Only credentials with unknown facts are not frozen: an answer fills the gap in place, and so in
 * every task that inherited them.
 *
 * Linux: struct cred, include/linux/cred.h
 */
export interface Credentials {
  readonly uid: number;
  readonly euid: number;
  readonly suid: number;
  readonly fsuid: number;
  readonly gid: number;
  readonly egid: number;
  readonly sgid: number;
  readonly fsgid: number;
  /** Supplementary groups, in rising order, as the kernel keeps them. */
  readonly groups: readonly number[];
  readonly permitted: CapabilitySet;
  readonly effective: CapabilitySet;
  readonly inheritable: CapabilitySet;
  readonly bounding: CapabilitySet;
  readonly ambient: CapabilitySet;
  readonly securebits: number;
  readonly userNamespace: UserNamespace;
  /** `undefined` when everything is known. */
  readonly unknown: UnknownFacts | undefined;
}

/** What {@link credentials} may be told. Unset ids follow `uid` and `gid`; `gid` follows `uid`. */
export interface CredentialOptions {
  readonly uid: number;
  readonly gid?: number;
  readonly euid?: number;
  readonly suid?: number;
  readonly fsuid?: number;
  readonly egid?: number;
  readonly sgid?: number;
  readonly fsgid?: number;
  readonly groups?: readonly number[];
  /** Sets permitted and effective alike. */
  readonly capabilities?: CapabilitySpec;
  readonly permitted?: CapabilitySpec;
  readonly effective?: CapabilitySpec;
  readonly inheritable?: CapabilitySpec;
  readonly bounding?: CapabilitySpec;
  readonly ambient?: CapabilitySpec;
  readonly securebits?: number;
  readonly userNamespace?: UserNamespace;
}

/**
 * Makes credentials. Unless it is said otherwise, root (uid, euid or suid) has every permitted
 * capability, an effective root every effective one, and everybody else none, as after a login.
 *
 * @example
 * credentials({ uid: 1000, capabilities: ["CAP_SYS_NICE"] }).euid; // 1000
 */
export function credentials(options: CredentialOptions): Credentials {
  const { uid, gid = uid, userNamespace = initialUserNamespace } = options;
  const ids = {
    uid,
    euid: options.euid ?? uid,
    suid: options.suid ?? uid,
    fsuid: options.fsuid ?? options.euid ?? uid,
    gid,
    egid: options.egid ?? gid,
    sgid: options.sgid ?? gid,
    fsgid: options.fsgid ?? options.egid ?? gid,
  };
  for (const [name, id] of Object.entries(ids)) requireId(id, name);
  const root = toKernelId(userNamespace, "uid", ROOT_ID);
  const anyRoot = ids.uid === root || ids.euid === root || ids.suid === root;
  const permitted = options.permitted ?? options.capabilities ?? (anyRoot ? "all" : "none");
  const usual = options.capabilities ?? (ids.euid === root ? permitted : "none");
  return frozen({
    ...ids,
    groups: sortedGroups(options.groups ?? []),
    permitted: capabilitySet(permitted),
    effective: capabilitySet(options.effective ?? usual),
    inheritable: capabilitySet(options.inheritable ?? "none"),
    bounding: capabilitySet(options.bounding ?? "all"),
    ambient: capabilitySet(options.ambient ?? "none"),
    securebits: options.securebits ?? 0,
    userNamespace,
    unknown: undefined,
  });
}

/**
 * Supplementary groups in the order in which the kernel keeps and shows them. Linux: groups_sort,
 * kernel/groups.c
 */
export function sortedGroups(groups: readonly number[]): readonly number[] {
  for (const group of groups) requireId(group, "a group");
  return Object.freeze(groups.slice().sort((a, b) => a - b));
}

/** The same credentials with some fields changed; frozen as soon as nothing is unknown any more. */
export function changed(old: Credentials, changes: Partial<Credentials>): Credentials {
  const next: Credentials = { ...old, ...changes };
  if (next.unknown === undefined) return frozen(next);
  return isSettled(next) ? frozen({ ...next, unknown: undefined }) : next;
}

/**
 * A copy for good. Field by field: an engine then gives all credentials one shape, and reading one
 * in an access check stays a load. What a spread makes gets a shape of its own.
 */
function frozen(c: Credentials): Credentials {
  return Object.freeze({
    uid: c.uid,
    euid: c.euid,
    suid: c.suid,
    fsuid: c.fsuid,
    gid: c.gid,
    egid: c.egid,
    sgid: c.sgid,
    fsgid: c.fsgid,
    groups: c.groups,
    permitted: c.permitted,
    effective: c.effective,
    inheritable: c.inheritable,
    bounding: c.bounding,
    ambient: c.ambient,
    securebits: c.securebits,
    userNamespace: c.userNamespace,
    unknown: c.unknown,
  });
}

/** The facts of credentials about which nothing is open, as a base to say what is. */
export const NOTHING_OPEN: UnknownFacts["open"] = Object.freeze({
  permitted: NO_CAPABILITIES,
  effective: NO_CAPABILITIES,
  inheritable: NO_CAPABILITIES,
  bounding: NO_CAPABILITIES,
  ambient: NO_CAPABILITIES,
});

/** Whether nothing about these credentials is unknown, whatever `unknown` says. */
export function isSettled(c: Credentials): boolean {
  for (const field of ID_FIELDS) if (isUnknownId(c[field])) return false;
  if (c.unknown === undefined) return true;
  for (const set of CAPABILITY_SETS) if (!isEmpty(c.unknown.open[set])) return false;
  return !c.unknown.groups;
}

export const UID_FIELDS = ["uid", "euid", "suid", "fsuid"] as const;
export const GID_FIELDS = ["gid", "egid", "sgid", "fsgid"] as const;
export const ID_FIELDS: readonly IdField[] = [...UID_FIELDS, ...GID_FIELDS];
export const CAPABILITY_SETS: readonly CapabilitySetName[] = [
  "permitted",
  "effective",
  "inheritable",
  "bounding",
  "ambient",
];

/** Credentials of which nothing is known but the namespace. */
export interface UnknownCredentialOptions {
  /** Whose they are, for people: "process 178". */
  readonly whose?: string;
  /**
   * Assumes that the four uids are one id and the four gids are one, as after a login or a plain
   * exec.
   */
  readonly sameIds?: boolean;
  readonly securebits?: number;
  readonly userNamespace?: UserNamespace;
}

/**
 * Credentials that nobody stated: of each id, capability and group it is open what it is, and a
 * rule that reads one asks the choices port. Securebits and the namespace count as known.
 */
export function unknownCredentials(options: UnknownCredentialOptions = {}): Credentials {
  const { whose = "the process", sameIds = false, securebits = 0 } = options;
  const variables: Partial<Record<IdField, number>> = {};
  ID_FIELDS.forEach((field, i) => {
    variables[field] = -2 - (sameIds ? i - (i % UID_FIELDS.length) : i);
  });
  const all = ALL_CAPABILITIES;
  return {
    ...credentials({
      uid: ROOT_ID,
      permitted: "none",
      effective: "none",
      bounding: "none",
      securebits,
    }),
    userNamespace: options.userNamespace ?? initialUserNamespace,
    ...variables,
    unknown: Object.freeze({
      whose,
      open: Object.freeze({
        permitted: all,
        effective: all,
        inheritable: all,
        bounding: all,
        ambient: all,
      }),
      groups: true,
      notIds: Object.freeze([]),
    }),
  };
}
