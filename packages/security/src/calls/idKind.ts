import type { Ports } from "@kadvise/ports";
import {
  success,
  type CapabilityName,
  type Refusal,
  type Result,
  type Success,
} from "@kadvise/uapi";
import type { AccessDecision } from "../accessDecision.ts";
import { ID_FIELDS, type Credentials, type IdField } from "../credentials.ts";
import { INVALID_ID, idArgument, isUnknownId } from "../ids.ts";
import type { Maybe } from "../maybe.ts";
import { reasons } from "../reasons.ts";
import type { SetIdCall } from "../reasons/identity.ts";
import type { Subject } from "../subject.ts";
import { idIs, tellSame } from "../unknownFacts.ts";
import { shownId, toKernelId, type IdKind } from "../userNamespace.ts";

/** What the calls for users and those for groups differ in. */
export interface Kind {
  readonly map: IdKind;
  readonly real: IdField;
  readonly effective: IdField;
  readonly saved: IdField;
  readonly fs: IdField;
  readonly capability: CapabilityName;
}

export const USER: Kind = {
  map: "uid",
  real: "uid",
  effective: "euid",
  saved: "suid",
  fs: "fsuid",
  capability: "CAP_SETUID",
};

export const GROUP: Kind = {
  map: "gid",
  real: "gid",
  effective: "egid",
  saved: "sgid",
  fs: "fsgid",
  capability: "CAP_SETGID",
};

/** What a call without a value of its own returns. */
export const ZERO: Success<number> = Object.freeze(success(0));

/**
 * The kernel's id of an argument: {@link INVALID_ID} for -1, "leave it"; a refusal for an id
 * without meaning.
 */
export function idOf(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  call: SetIdCall,
  argument: number,
): Result<number> {
  const id = idArgument(argument);
  if (id === INVALID_ID) return success(INVALID_ID);
  askIdMap(access.ports, subject);
  const kernelId = toKernelId(subject.credentials.userNamespace, kind.map, id);
  if (kernelId !== INVALID_ID) return success(kernelId);
  return reasons.refuse(access.ports.checks, `${call}/invalid-id`, id);
}

/**
 * Whether a task may take ids: each is one of its own (in the fields that count for that argument),
 * or it has the capability. A refusal if not.
 */
export function mayTake(
  access: AccessDecision,
  subject: Subject,
  kind: Kind,
  call: SetIdCall,
  wishes: readonly { readonly id: number; readonly own: readonly IdField[] }[],
): Refusal | undefined {
  const { ports } = access;
  const c = subject.credentials;
  const foreign = wishes.filter(
    ({ id, own }) => id !== INVALID_ID && own.every((field) => c[field] !== id),
  );
  const capable =
    foreign.length === 0 ? undefined : access.capable(subject, kind.capability, c.userNamespace);
  if (capable?.ok === false) {
    for (const { id, own } of foreign) {
      if (own.some((field) => idIs(ports, c, field, id))) continue;
      const shown = own.map((field) => `${field} ${show(c, kind, c[field])}`).join(", ");
      return reasons.refuseBecause(ports.checks, `${call}/not-permitted`, capable, id, shown);
    }
  }
  reasons.passed(ports.checks, `${call}/not-permitted`);
  return undefined;
}

function show(c: Credentials, kind: Kind, id: number): string {
  return isUnknownId(id) ? "unknown" : String(shownId(c.userNamespace, kind.map, id));
}

/**
 * One id or another, as a condition has it; an id of its own that nobody knows where that is open.
 */
export function eitherId(c: Credentials, condition: Maybe, a: number, b: number): number {
  if (condition !== "unknown") return condition ? a : b;
  return tellSame(c, a, b) === true ? a : freshUnknownId(c);
}

/** A number for an unknown id that no other id has, and of which nothing was ever said. */
export function freshUnknownId(c: Credentials): number {
  const used = ID_FIELDS.map((field) => c[field]);
  const excluded = c.unknown?.notIds.map(({ unknown }) => unknown) ?? [];
  return Math.min(-1, ...used, ...excluded) - 1;
}

/** Asks how the ids of a user namespace are named, where nobody stated it. */
export function askIdMap(ports: Ports, { idMapUnstated, pid }: Subject): void {
  if (!idMapUnstated) return;
  ports.choices.choose<never>({
    id: "credentials/id-map",
    usual: undefined as never,
    allows: () => false,
    describe: () => `which ids the user namespace of process ${pid} maps`,
  });
}
