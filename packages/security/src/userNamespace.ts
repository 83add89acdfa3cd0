import { INVALID_ID, OVERFLOW_ID, ROOT_ID } from "./ids.ts";

/**
 * One line of /proc/PID/uid_map: `count` ids from `inside` on are the kernel's ids from `kernel`
 * on.
 */
export interface IdRange {
  readonly inside: number;
  readonly kernel: number;
  readonly count: number;
}

/** Which of a namespace's two maps. */
export type IdKind = "uid" | "gid";

/**
 * A user namespace: whom its owner rules, and which ids have names in it.
 *
 * Linux: struct user_namespace, include/linux/user_namespace.h
 */
export class UserNamespace {
  readonly parent: UserNamespace | undefined;
  /** 0 for the initial namespace, one more for each below. */
  readonly level: number;
  /**
   * The kernel's id of the creator's effective user: whoever has it in the parent has every
   * capability here.
   */
  readonly owner: number;
  readonly group: number;
  /** Whether the creator had CAP_SETFCAP: without it nobody maps the parent's root. */
  readonly creatorHadSetfcap: boolean;
  /** Empty until written; a map is written once. */
  uidMap: readonly IdRange[];
  gidMap: readonly IdRange[];
  /** "deny" in /proc/PID/setgroups makes it false for good. */
  allowsSetgroups: boolean;

  constructor(fields: {
    parent: UserNamespace | undefined;
    owner: number;
    group: number;
    creatorHadSetfcap?: boolean;
    uidMap?: readonly IdRange[];
    gidMap?: readonly IdRange[];
    allowsSetgroups?: boolean;
  }) {
    this.parent = fields.parent;
    this.level = fields.parent === undefined ? 0 : fields.parent.level + 1;
    this.owner = fields.owner;
    this.group = fields.group;
    this.creatorHadSetfcap = fields.creatorHadSetfcap ?? true;
    this.uidMap = fields.uidMap ?? [];
    this.gidMap = fields.gidMap ?? [];
    this.allowsSetgroups = fields.allowsSetgroups ?? fields.parent?.allowsSetgroups ?? true;
  }
}

const IDENTITY: readonly IdRange[] = Object.freeze([
  Object.freeze({ inside: 0, kernel: 0, count: INVALID_ID }),
]);

/**
 * The namespace that a machine starts with. It never changes, so every modelled machine shares it.
 */
export const initialUserNamespace: UserNamespace = Object.freeze(
  new UserNamespace({
    parent: undefined,
    owner: ROOT_ID,
    group: ROOT_ID,
    uidMap: IDENTITY,
    gidMap: IDENTITY,
  }),
);

/**
 * The kernel's id of an id inside a namespace, or {@link INVALID_ID}. Linux: make_kuid, make_kgid
 */
export function toKernelId(namespace: UserNamespace, kind: IdKind, id: number): number {
  if (namespace === initialUserNamespace) return id;
  for (const range of kind === "uid" ? namespace.uidMap : namespace.gidMap) {
    if (id >= range.inside && id - range.inside < range.count)
      return range.kernel + (id - range.inside);
  }
  return INVALID_ID;
}

/**
 * The id inside a namespace of a kernel's id, or {@link INVALID_ID}. Linux: from_kuid, from_kgid
 */
export function fromKernelId(namespace: UserNamespace, kind: IdKind, kernelId: number): number {
  if (namespace === initialUserNamespace) return kernelId;
  for (const range of kind === "uid" ? namespace.uidMap : namespace.gidMap) {
    if (kernelId >= range.kernel && kernelId - range.kernel < range.count) {
      return range.inside + (kernelId - range.kernel);
    }
  }
  return INVALID_ID;
}

/**
 * As {@link fromKernelId}, the way getuid shows it: without a name it is 65534. Linux:
 * from_kuid_munged
 */
export function shownId(namespace: UserNamespace, kind: IdKind, kernelId: number): number {
  const id = fromKernelId(namespace, kind, kernelId);
  return id === INVALID_ID ? OVERFLOW_ID : id;
}

/** Whether a namespace is another one or lies below it. Linux: in_userns */
export function isWithin(namespace: UserNamespace, ancestor: UserNamespace): boolean {
  let walker: UserNamespace | undefined = namespace;
  while (walker !== undefined && walker.level > ancestor.level) walker = walker.parent;
  return walker === ancestor;
}
