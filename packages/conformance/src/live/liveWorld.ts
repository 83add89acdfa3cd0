import type { Process } from "@kadvise/kernel";
import { Pidfd } from "@kadvise/pidfd";
import {
  capabilityHalves,
  credentials,
  ExecState,
  initialUserNamespace,
  UserNamespace,
  type CapabilitySet,
} from "@kadvise/security";
import type { OpenEntry, Task } from "@kadvise/syscalls";
import { World, type WorldOptions } from "../judge/world.ts";
import { layOut } from "./layOut.ts";
import type { NamespaceChain, ProcessFacts } from "./processFacts.ts";
import { INITIAL_USER_NAMESPACE } from "./processFacts.ts";

/** A pair of processes as they were found. */
export interface LivePair {
  readonly caller: ProcessFacts;
  readonly target: ProcessFacts;
  /** The user namespaces of either, where they could be asked. */
  readonly callerNamespaces: NamespaceChain | undefined;
  readonly targetNamespaces: NamespaceChain | undefined;
}

/** A world of the model in which a live pair stands. */
export interface LiveWorld {
  readonly world: World;
  readonly caller: Process;
  readonly target: Process;
  /** The descriptor by which the caller knows the target. */
  readonly pidfd: number;
}

/** Any number that the caller's table has free. */
const PIDFD = 3;

/**
 * Makes a world from what was found. `executedIn`: in which of the target's user namespaces its
 * program was executed, 0 for its own: /proc does not tell.
 */
export function liveWorld(options: WorldOptions, pair: LivePair, executedIn: number): LiveWorld {
  const world = new World(options);
  const namespaces = new Map<string, UserNamespace>();
  const caller = settle(world, pair.caller, pair.callerNamespaces, namespaces, 0);
  const isSelf = pair.caller.pid === pair.target.pid;
  const target = isSelf
    ? caller
    : settle(world, pair.target, pair.targetNamespaces, namespaces, executedIn);
  const { task } = caller;
  const file = new Pidfd<Task>(target.task.pid);
  task.files.set(PIDFD, { file: file as OpenEntry, closeOnExec: true });
  return { world, caller, target, pidfd: PIDFD };
}

function settle(
  world: World,
  facts: ProcessFacts,
  chain: NamespaceChain | undefined,
  namespaces: Map<string, UserNamespace>,
  executedIn: number,
): Process {
  const process = world.spawn(facts.pid);
  const { task } = process;
  const userNamespace = namespaceOf(facts, chain, namespaces, 0);
  const [uid = 0, euid = uid, suid = uid, fsuid = euid] = facts.credentials.uids;
  const [gid = 0, egid = gid, sgid = gid, fsgid = egid] = facts.credentials.gids;
  const sets = facts.credentials;
  task.subject.credentials = credentials({
    ...{ uid, euid, suid, fsuid, gid, egid, sgid, fsgid },
    groups: sets.groups,
    permitted: setOf(sets.permitted),
    effective: setOf(sets.effective),
    inheritable: setOf(sets.inheritable),
    bounding: setOf(sets.bounding),
    ambient: setOf(sets.ambient),
    userNamespace,
  });
  task.subject.noNewPrivs = sets.noNewPrivs;
  task.subject.exec = new ExecState(
    facts.dumpable,
    namespaceOf(facts, chain, namespaces, executedIn),
  );
  task.name = facts.name;
  if (facts.hasMemory) {
    if (facts.areas !== undefined)
      layOut(task, { areas: facts.areas, files: facts.files, stackBytes: 0 });
  } else {
    task.setMemory(undefined);
    task.subject.hasMemory = false;
  }
  return process;
}

/** The namespace of a process, or one above it; the same inode is the same namespace. */
function namespaceOf(
  { namespace }: ProcessFacts,
  chain: NamespaceChain | undefined,
  known: Map<string, UserNamespace>,
  above: number,
): UserNamespace {
  const links = chain?.slice(Math.min(above, chain.length - 1)) ?? [];
  if (links.length === 0) {
    return namespace === undefined || namespace === INITIAL_USER_NAMESPACE
      ? initialUserNamespace
      : remember(known, namespace, () => below(initialUserNamespace, 0));
  }
  let result = initialUserNamespace;
  for (const { inode, owner } of [...links].reverse()) {
    if (inode === INITIAL_USER_NAMESPACE) continue;
    const parent = result;
    result = remember(known, inode, () => below(parent, owner));
  }
  return result;
}

function below(parent: UserNamespace, owner: number): UserNamespace {
  return new UserNamespace({ parent, owner, group: owner });
}

function remember(
  known: Map<string, UserNamespace>,
  inode: string,
  make: () => UserNamespace,
): UserNamespace {
  const found = known.get(inode) ?? make();
  known.set(inode, found);
  return found;
}

/** A set as /proc/PID/status prints it. */
function setOf(hex: string): CapabilitySet {
  const bits = BigInt(`0x${hex}`);
  return capabilityHalves(Number(bits & 0xffff_ffffn), Number(bits >> 32n));
}
