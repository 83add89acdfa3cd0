import type { CapabilityName } from "@kadvise/uapi";
import type { AccessControl } from "./accessControl.ts";
import {
  capabilityNames,
  capabilitySet,
  isEmpty,
  unite,
  without,
  type CapabilitySet,
} from "./capabilitySet.ts";
import { changed, type Credentials } from "./credentials.ts";
import { ExecState } from "./execState.ts";
import { smallestSets } from "./smallestSets.ts";
import type { Subject } from "./subject.ts";
import { initialUserNamespace } from "./userNamespace.ts";

/** One change of the world: a stable id, and one sentence. */
export interface Turn {
  readonly id: string;
  readonly text: string;
}

/** An action of one task at another that was refused. */
export interface RefusedAction {
  readonly access: AccessControl;
  readonly caller: Subject;
  readonly target: Subject;
  /**
   * Whether the action is allowed as things stand. It is asked in attempts, with changes made;
   * `chosen` names them all, the {@link RefusedAction.further} ones included, which are its own to
   * make.
   */
  isAllowed(chosen: ReadonlySet<string>): boolean;
  /** Whether the action takes the caller's fs ids and effective capabilities, or its real ones. */
  readonly usesFsIds: boolean;
  /** Capabilities that are tried; CAP_SYS_PTRACE alone if unset. */
  readonly capabilities?: readonly CapabilityName[];
  /** What only the asker can change: another advice, another pidfd, another release. */
  readonly further?: readonly Turn[];
}

interface Candidate extends Turn {
  /** The capabilities that the caller would get. */
  readonly gains?: readonly CapabilityName[];
  apply(): void;
}

/**
 * The smallest changes that would turn a refusal into a yes: sets of which no proper subset does.
 * They are found by trying, and each try is taken back; nothing of the machine changes. Empty if
 * the answer is yes already, or if nothing of up to three changes turns it.
 *
 * What nobody can do is not proposed: to leave out commoncap, which every kernel has, or to change
 * a kernel thread.
 *
 * @example
 * smallestChanges({ access, caller, target, usesFsIds: true, isAllowed: () => call().ok });
 */
export function smallestChanges(action: RefusedAction): Turn[][] {
  const { journal } = action.access.ports;
  const tries = (set: readonly Candidate[]): boolean =>
    journal.attempt(() => {
      for (const candidate of set) candidate.apply();
      return action.isAllowed(new Set(set.map(({ id }) => id)));
    });
  if (tries([])) return [];
  const found = smallestSets(candidatesFor(action), tries);
  return found
    .filter((set) => !found.some((other) => asksLess(other, set)))
    .map((set) => set.map(({ id, text }) => Object.freeze({ id, text })));
}

/** Whether one set wants a single capability where the other wants several, that one among them. */
function asksLess(one: readonly Candidate[], other: readonly Candidate[]): boolean {
  const several = other.find(({ gains }) => gains !== undefined && gains.length > 1)?.gains;
  if (several === undefined) return false;
  return (
    one.every(
      ({ id, gains }) =>
        other.some((turn) => turn.id === id) || (gains?.length === 1 && several.includes(gains[0])),
    ) && one.some(({ gains }) => gains?.length === 1)
  );
}

/** What may be changed, in the order in which the access check asks. */
function candidatesFor(action: RefusedAction): Candidate[] {
  const { access, caller, target, usesFsIds } = action;
  const { journal } = access.ports;
  const own = caller.credentials;
  const theirs = target.credentials;
  const missing = without(theirs.permitted, usesFsIds ? own.effective : own.permitted);
  const become: Become = (subject, change) => {
    journal.save(subject, "credentials");
    subject.credentials = changed(subject.credentials, change(subject.credentials));
  };
  return [
    idsOf(action, (ids) => become(caller, () => ids)),
    ...(action.capabilities ?? ["CAP_SYS_PTRACE"]).map((name): Candidate => {
      const one = capabilitySet([name]);
      return {
        id: `caller/${name.toLowerCase().replaceAll("_", "-")}`,
        text: `the caller has ${name}, effective and permitted`,
        gains: [name],
        apply: () => become(caller, (c) => withCapabilities(c, one)),
      };
    }),
    ...(isEmpty(missing) ? [] : [gaining(missing, become, caller)]),
    {
      id: "caller/user-namespace",
      text: "the caller lives in the initial user namespace",
      apply: () => become(caller, () => ({ userNamespace: initialUserNamespace })),
    },
    ...(target.isKernelThread ? [] : [opening(action)]),
    ...(isEmpty(missing) || target.isKernelThread ? [] : [givingUp(missing, become, target)]),
    ...access.policies
      .filter(({ name }) => name !== "commoncap")
      .map((policy): Candidate => ({
        id: `policy/${policy.name}`,
        text: `the policy ${policy.name} is not in the stack`,
        apply() {
          access.policies = access.policies.filter((other) => other !== policy);
        },
      })),
    ...(action.further ?? []).map((turn): Candidate => ({ ...turn, apply: () => undefined })),
  ];
}

/** A dead target would have been dumpable when it gave its memory up. */
function opening({ access, target }: RefusedAction): Candidate {
  const { journal } = access.ports;
  return {
    id: "target/dumpable",
    text: "the target is dumpable",
    apply() {
      journal.save(target, "exec");
      journal.save(target, "wasDumpable");
      target.exec = new ExecState(1, target.exec.userNamespace);
      target.wasDumpable = true;
    },
  };
}

function idsOf(
  { target, usesFsIds }: RefusedAction,
  become: (ids: Partial<Credentials>) => void,
): Candidate {
  const { uid, euid, gid, egid } = target.credentials;
  return {
    id: "caller/ids",
    text: usesFsIds
      ? `the caller's fsuid is ${String(euid)} and its fsgid ${String(egid)}`
      : `the caller's uid is ${String(uid)} and its gid ${String(gid)}`,
    apply: () => become(usesFsIds ? { fsuid: euid, fsgid: egid } : { uid, gid }),
  };
}

type Become = (subject: Subject, change: (c: Credentials) => Partial<Credentials>) => void;

function gaining(missing: CapabilitySet, become: Become, caller: Subject): Candidate {
  const gains = capabilityNames(missing);
  return {
    id: "caller/capabilities",
    text: `the caller has what the target is permitted: ${gains.join(", ")}`,
    gains,
    apply: () => become(caller, (c) => withCapabilities(c, missing)),
  };
}

function givingUp(missing: CapabilitySet, become: Become, target: Subject): Candidate {
  return {
    id: "target/capabilities",
    text: `the target gives up what the caller has not: ${capabilityNames(missing).join(", ")}`,
    apply: () =>
      become(target, (c) => ({
        permitted: without(c.permitted, missing),
        effective: without(c.effective, missing),
      })),
  };
}

function withCapabilities(c: Credentials, more: CapabilitySet): Partial<Credentials> {
  return { permitted: unite(c.permitted, more), effective: unite(c.effective, more) };
}
