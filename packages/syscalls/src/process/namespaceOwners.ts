import { initialUserNamespace, type UserNamespace } from "@kadvise/security";
import { CLONE } from "@kadvise/uapi";
import type { Task } from "../task.ts";

/** CLONE_NEWTIME lies in the byte of the exit signal. Linux: include/uapi/linux/sched.h */
const CLONE_NEWTIME = 0x80;

/** Namespaces of which nothing is followed but which user namespace owns them. */
const OWNED: readonly number[] = [
  ...[CLONE.CLONE_NEWNS, CLONE.CLONE_NEWCGROUP, CLONE.CLONE_NEWUTS, CLONE.CLONE_NEWNET],
  CLONE_NEWTIME,
];

/** By their CLONE_* bit; the initial user namespace where none is said. */
export type NamespaceOwners = ReadonlyMap<number, UserNamespace>;

/** Those of a task that makes some of its namespaces anew, or takes another's. */
export function withOwners(
  owners: NamespaceOwners,
  flags: number,
  ownerOf: (bit: number) => UserNamespace,
): NamespaceOwners {
  const changed = OWNED.filter((bit) => (flags & bit) !== 0);
  if (changed.length === 0) return owners;
  return new Map([...owners, ...changed.map((bit) => [bit, ownerOf(bit)] as const)]);
}

/** Who owns the namespaces of a task that some flags name. */
export function ownersOf({ namespaceOwners }: Task, flags: number): readonly UserNamespace[] {
  return OWNED.filter((bit) => (flags & bit) !== 0).map((bit) => ownerOf(namespaceOwners, bit));
}

/** Who owns one of them. */
export function ownerOf(owners: NamespaceOwners, bit: number): UserNamespace {
  return owners.get(bit) ?? initialUserNamespace;
}
