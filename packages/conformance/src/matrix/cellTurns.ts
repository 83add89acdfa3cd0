import { profile, type Profile } from "@kadvise/releases";
import { AccessControl, smallestChanges, type Turn } from "@kadvise/security";
import { ModelMachine } from "../model/modelMachine.ts";
import type { TargetFacts } from "../target/target.ts";
import { applyTurn, usesFsIds, type Cell } from "./applyTurn.ts";
import { groundOf } from "./askPairs.ts";
import { pairProgram } from "./pairProgram.ts";

/** Capabilities that some call of the matrix asks for. */
const CAPABILITIES = [
  "CAP_SYS_PTRACE",
  "CAP_SYS_NICE",
  "CAP_KILL",
  "CAP_SYS_RESOURCE",
  "CAP_PERFMON",
] as const;

/** Releases that are proposed where another would let the call pass. */
const RELEASES = ["5.10.0", "5.10", "6.1", "6.12", "6.18", "7.3"] as const;

/** Changes that are made of the call, or of the machine, and not of one of the two processes. */
const FURTHER: readonly Turn[] = [
  { id: "advice", text: "the advice is one that may be given to others, MADV_COLD for one" },
  { id: "pidfd", text: "the pidfd, or the number, names a process that lives" },
  ...RELEASES.map((release) => ({ id: `release/${release}`, text: `the kernel is ${release}` })),
];

/** Model kernels of cells. */
export class CellModel {
  private readonly facts: TargetFacts;
  private readonly profiles: Map<string, Profile> = new Map();

  constructor(facts: TargetFacts) {
    this.facts = facts;
  }

  /** Whether a cell's call succeeds, its pair started anew. */
  isAllowed(cell: Cell, release?: string): boolean {
    const { machine, perform } = this.machineOf(cell, release);
    return machine.kernel.attempt(perform);
  }

  /** The smallest changes that turn a refused cell. */
  turns(cell: Cell): Turn[][] {
    const { machine, perform, performCold } = this.machineOf(cell);
    const { access, processes } = machine.kernel.machine;
    if (!(access instanceof AccessControl)) throw new TypeError("the model has no policies");
    const caller = machine.taskOf(callerOf(cell));
    if (caller === undefined) throw new RangeError("the caller is gone");
    const target = processes.find(targetPid(cell, machine))?.thread?.payload ?? caller;
    return smallestChanges({
      access,
      caller: caller.subject,
      target: target.subject,
      usesFsIds: usesFsIds(cell.column),
      capabilities: CAPABILITIES,
      further: FURTHER.filter(({ id }) => this.isFitting(id, cell)),
      isAllowed: (chosen) => {
        const anew = [...chosen].filter((id) => id === "pidfd" || id.startsWith("release/"));
        if (anew.length === 0) return chosen.has("advice") ? performCold() : perform();
        return this.isAllowedAnew(cell, [...chosen]);
      },
    });
  }

  private isFitting(id: string, { column, pair }: Cell): boolean {
    if (id === "advice") return column === "process_madvise DONTNEED";
    if (id === "pidfd") return !["running", "stopped"].includes(pair.target.party.life);
    return id !== `release/${this.facts.kernel}`;
  }

  /** A release cannot be changed together with anything else. */
  private isAllowedAnew(cell: Cell, chosen: readonly string[]): boolean {
    const release = chosen.find((id) => id.startsWith("release/"))?.slice("release/".length);
    if (release !== undefined && chosen.length > 1) return false;
    if (release !== undefined) return this.isAllowed(cell, release);
    const changed = applyTurns(cell, chosen);
    return typeof changed !== "string" && this.isAllowed(changed);
  }

  private machineOf(
    { pair, column }: Cell,
    release: string = this.facts.kernel,
  ): { machine: ModelMachine; perform: () => boolean; performCold: () => boolean } {
    const { facts } = this;
    const { program, cells } = pairProgram(pair, groundOf(facts));
    const machine = new ModelMachine({ facts, profile: this.profileOf(release), program });
    const at = cells.get(column) ?? -1;
    for (const operation of program.operations.slice(0, at)) {
      machine.choices.begin({});
      machine.keep(machine.perform(operation));
    }
    const performing = (index: number) => (): boolean => {
      machine.choices.begin({});
      const { state, value } = machine.perform(program.operations[index]);
      return state === "done" && value >= 0n;
    };
    const cold = cells.get("process_madvise COLD") ?? -1;
    return { machine, perform: performing(at), performCold: performing(cold) };
  }

  private profileOf(release: string): Profile {
    let known = this.profiles.get(release);
    if (known === undefined) {
      known = profile(release, { settings: this.facts.settings, assume: "all" });
      this.profiles.set(release, known);
    }
    return known;
  }
}

/** A cell in which several changes were made; or why no pair can be started so. */
export function applyTurns(cell: Cell, ids: readonly string[]): Cell | string {
  let changed: Cell | string = cell;
  for (const id of ids) {
    if (typeof changed !== "string") changed = applyTurn(changed, id, cell.pair);
  }
  return changed;
}

const KTHREADD = 2;

function callerOf({ pair }: Cell): number {
  return pair.target.kinship === "parent" ? 1 : 0;
}

function targetPid({ pair }: Cell, machine: ModelMachine): number {
  const { kinship } = pair.target;
  if (kinship === "kernel") return KTHREADD;
  const actor = kinship === "self" || kinship === "parent" ? 0 : 1;
  return machine.pids[actor] ?? 0;
}
