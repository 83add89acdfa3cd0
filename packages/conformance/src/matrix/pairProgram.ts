import { CLONE, PR, SIG } from "@kadvise/uapi";
import type { Program } from "../program/program.ts";
import { ProgramBuilder } from "../program/programBuilder.ts";
import { enterParty, makeNamespace, settleParty, type Ground } from "./becomeParty.ts";
import { addCells, type Aim, type Column } from "./cellCalls.ts";
import type { Pair } from "./pair.ts";
import type { Party } from "./party.ts";

/** A pair as a program, and which operations are its cells. */
export interface PairProgram {
  readonly program: Program;
  readonly cells: ReadonlyMap<Column, number>;
}

/** The parent of all kernel threads. Linux: init/main.c rest_init */
const KTHREADD = 2;
const SCOPE_FILE = "/proc/sys/kernel/yama/ptrace_scope";
const SUID_DUMPABLE_FILE = "/proc/sys/fs/suid_dumpable";
const ANYBODY = -1;

/** The program that makes both of a pair, and then every call of the matrix. */
export function pairProgram(pair: Pair, ground: Ground): PairProgram {
  const hasTwo = pair.target.kinship === "strangers";
  const p = new ProgramBuilder({ actors: hasTwo ? 2 : 1 });
  const { scope, target } = pair;
  if (scope !== undefined) set(p, SCOPE_FILE, scope);
  if (target.suidDumpable !== undefined) set(p, SUID_DUMPABLE_FILE, target.suidDumpable);
  const aim = makePair(p, pair, ground);
  if (target.suidDumpable !== undefined) set(p, SUID_DUMPABLE_FILE, 0);
  const cells = addCells(p, aim);
  return { program: p.build(), cells };
}

function set(p: ProgramBuilder, path: string, value: number): void {
  p.add({ kind: "write", actor: "supervisor", path, text: `${value}\n` });
}

/** Makes both of the pair who they are. */
function makePair(p: ProgramBuilder, pair: Pair, ground: Ground): Aim {
  const { caller, target } = pair;
  switch (target.kinship) {
    case "self":
    case "kernel":
      enterParty(p, 0, caller.party, ground);
      settleParty(p, 0, caller.party, ground);
      return { caller: 0, target: target.kinship === "self" ? { actor: 0 } : { pid: KTHREADD } };
    case "within": {
      enterParty(p, 0, caller.party, ground);
      const child = p.fork(0);
      for (let level = 0; level < target.party.namespaces; level++) {
        makeNamespace(p, child, caller.party, level + caller.party.namespaces);
      }
      const namespaces = target.party.namespaces + caller.party.namespaces;
      return settleBoth(p, pair, { ...target.party, namespaces }, [0, child], ground);
    }
    case "strangers":
      return makeBoth(p, pair, [0, 1], ground);
    case "child":
      return makeBoth(p, pair, [0, p.fork(0)], ground);
    case "parent":
      return makeBoth(p, pair, [p.fork(0), 0], ground);
    case "memory": {
      const peer = p.fork(0, "clone", [CLONE.CLONE_VM | SIG.SIGCHLD, 0, 0, 0, 0]);
      return makeBoth(p, pair, [0, peer], ground);
    }
  }
}

type Actors = readonly [caller: number, target: number];

function makeBoth(p: ProgramBuilder, pair: Pair, actors: Actors, ground: Ground): Aim {
  enterParty(p, actors[1], pair.target.party, ground);
  enterParty(p, actors[0], pair.caller.party, ground);
  return settleBoth(p, pair, pair.target.party, actors, ground);
}

/** The target comes last: with a memory in common, its dumpable state is the one that stays. */
function settleBoth(
  p: ProgramBuilder,
  pair: Pair,
  party: Party,
  [caller, target]: Actors,
  ground: Ground,
): Aim {
  settleParty(p, caller, pair.caller.party, ground);
  settleParty(p, target, party, ground);
  if (pair.declares !== undefined) {
    const tracer = pair.declares === "caller" ? { pid: caller } : ANYBODY;
    p.call(target, "prctl", [PR.PR_SET_PTRACER, tracer, 0, 0, 0]);
  }
  live(p, party, [caller, target]);
  return { caller, target: { actor: target } };
}

/** What becomes of the target before the calls. */
function live(p: ProgramBuilder, { life }: Party, [caller, target]: Actors): void {
  switch (life) {
    case "running":
      return;
    case "stopped":
      p.call("supervisor", "kill", [{ pid: target }, SIG.SIGSTOP]);
      p.settle(target);
      return;
    case "zombie":
      p.exit(target, 0);
      return;
    case "reaped":
      p.exit(target, 0);
      p.call(caller, "wait4", [{ pid: target }, 0, 0, 0]);
  }
}
