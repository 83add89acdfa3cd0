import { AccessControl } from "./accessControl.ts";
import {
  capabilityNames,
  capabilitySet,
  unite,
  without,
  type CapabilitySet,
} from "./capabilitySet.ts";
import { changed, type Credentials } from "./credentials.ts";
import { ExecState } from "./execState.ts";
import type { Policy, PtraceQuestion } from "./policy.ts";
import { modeUsesFsIds } from "./ptraceMode.ts";
import { smallestSets } from "./smallestSets.ts";
import { Subject } from "./subject.ts";
import { initialUserNamespace } from "./userNamespace.ts";

/** One change of the world: a stable id, and one sentence. */
export interface Turn {
  readonly id: string;
  readonly text: string;
}

/** A copy of a question's world, to try changes on. */
interface World {
  caller: Credentials;
  target: Credentials;
  dumpable: ExecState["dumpable"];
  policies: readonly Policy[];
}

interface Candidate extends Turn {
  apply(world: World): void;
}

/**
 * The smallest changes that would turn a refusal of the access check into a yes: sets of which no
 * proper subset does. They are found by trying on copies; nothing of the machine changes. Empty if
 * the answer is yes already, or if nothing of up to three changes turns it.
 *
 * @example
 * smallestTurns(access, question)[0]; // [{ id: "target/dumpable", text: "the target is dumpable"
 * }]
 */
export function smallestTurns(access: AccessControl, question: PtraceQuestion): Turn[][] {
  const start = worldOf(access, question);
  const tries = (set: readonly Candidate[]): boolean => {
    const world = { ...start };
    for (const candidate of set) candidate.apply(world);
    return access.ports.journal.attempt(() => isAllowed(access, question, world));
  };
  if (tries([])) return [];
  return smallestSets(candidatesFor(access, question), tries).map((set) =>
    set.map(({ id, text }) => Object.freeze({ id, text })),
  );
}

function worldOf({ policies }: AccessControl, { caller, target }: PtraceQuestion): World {
  const isOpenDead = !target.hasMemory && target.wasDumpable === true;
  return {
    caller: caller.credentials,
    target: target.credentials,
    dumpable: isOpenDead ? 1 : target.exec.dumpable,
    policies,
  };
}

function isAllowed(access: AccessControl, question: PtraceQuestion, world: World): boolean {
  const { features, ports, settings } = access;
  const copy = new AccessControl({ features, ports, settings, policies: world.policies });
  const caller = copyOf(question.caller, world.caller);
  const target = copyOf(question.target, world.target);
  target.exec = new ExecState(world.dumpable, question.target.exec.userNamespace);
  target.wasDumpable = world.dumpable === 1 && !target.isKernelThread;
  return copy.ptraceAccess({ caller, target, mode: question.mode }).ok;
}

function copyOf(subject: Subject, credentials: Credentials): Subject {
  const copy = new Subject({ ...subject, credentials } as ConstructorParameters<typeof Subject>[0]);
  return Object.assign(copy, subject, { credentials });
}

/** What may be changed, in the order in which the check asks. */
function candidatesFor(
  access: AccessControl,
  { caller, target, mode }: PtraceQuestion,
): Candidate[] {
  const usesFsIds = modeUsesFsIds(mode) === true;
  const own = caller.credentials;
  const theirs = target.credentials;
  const missing = without(theirs.permitted, usesFsIds ? own.effective : own.permitted);
  const names = capabilityNames(missing).join(", ");
  const ptrace = capabilitySet(["CAP_SYS_PTRACE"]);
  return [
    {
      id: "caller/ids",
      text: usesFsIds
        ? `the caller's fsuid is ${String(theirs.euid)} and its fsgid ${String(theirs.egid)}`
        : `the caller's uid is ${String(theirs.uid)} and its gid ${String(theirs.gid)}`,
      apply(world) {
        const ids = usesFsIds
          ? { fsuid: theirs.euid, fsgid: theirs.egid }
          : { uid: theirs.uid, gid: theirs.gid };
        world.caller = changed(world.caller, ids);
      },
    },
    {
      id: "caller/cap-sys-ptrace",
      text: "the caller has CAP_SYS_PTRACE, effective and permitted",
      apply(world) {
        world.caller = withCapabilities(world.caller, ptrace);
      },
    },
    {
      id: "caller/capabilities",
      text: `the caller has what the target is permitted: ${names}`,
      apply(world) {
        world.caller = withCapabilities(world.caller, missing);
      },
    },
    {
      id: "caller/user-namespace",
      text: "the caller lives in the initial user namespace",
      apply(world) {
        world.caller = changed(world.caller, { userNamespace: initialUserNamespace });
      },
    },
    {
      id: "target/dumpable",
      text: "the target is dumpable",
      apply(world) {
        world.dumpable = 1;
      },
    },
    {
      id: "target/capabilities",
      text: `the target gives up what the caller has not: ${names}`,
      apply(world) {
        world.target = changed(world.target, {
          permitted: without(world.target.permitted, missing),
        });
      },
    },
    ...access.policies.map((policy): Candidate => ({
      id: `policy/${policy.name}`,
      text: `the policy ${policy.name} is not in the stack`,
      apply(world) {
        world.policies = world.policies.filter((other) => other !== policy);
      },
    })),
  ];
}

function withCapabilities(c: Credentials, more: CapabilitySet): Credentials {
  return changed(c, { permitted: unite(c.permitted, more), effective: unite(c.effective, more) });
}
