import { CAP } from "@kadvise/uapi";
import type { Target } from "../target/target.ts";
import { applyTurns, CellModel } from "./cellTurns.ts";
import { capabilityOf, type Cell } from "./applyTurn.ts";
import { groundOf } from "./askPairs.ts";
import type { Ground } from "./becomeParty.ts";
import { COLUMNS } from "./cellCalls.ts";
import { dice } from "./dice.ts";
import { pairProgram, type PairProgram } from "./pairProgram.ts";
import { nameOf, pairsFor } from "./pairs.ts";

/** How refused cells are drawn. */
export interface TurnOptions {
  /** How many refused cells for which the model proposes something. */
  readonly count: number;
  readonly seed: number;
  progress?(cells: number): void;
}

/** What came of it. */
export interface TurnsTried {
  readonly cells: number;
  readonly sets: number;
  readonly programs: number;
  /** Proposals that no pair can be started with here: another release, for one. */
  readonly notStarted: number;
  /** How often each set was proposed and applied. */
  readonly kinds: readonly (readonly [set: string, times: number])[];
  readonly failures: readonly string[];
}

/** A pair to start anew, and whether its call must then be let through. */
interface Trial {
  readonly name: string;
  readonly cell: Cell;
  readonly isAllowed: boolean;
  readonly pair: PairProgram;
}

/** So many programs are sent at once. */
const PART = 200;

/**
 * Draws refused cells, has the model propose the smallest changes, and starts each pair anew with
 * them: on the model and on the target's kernel the call must now be let through, and with any one
 * change left out it must not.
 */
export async function tryTurns(target: Target, options: TurnOptions): Promise<TurnsTried> {
  const facts = await target.describe();
  const ground = groundOf(facts);
  const model = new CellModel(facts);
  const pairs = pairsFor(facts, { rare: true }).filter(({ scope }) => scope === undefined);
  const draw = dice(options.seed);
  const seen = new Set<string>();
  const kinds = new Map<string, number>();
  const failures: string[] = [];
  const trials: Trial[] = [];
  let [cells, sets, notStarted] = [0, 0, 0];
  const most = pairs.length * COLUMNS.length;
  while (cells < options.count && seen.size < most) {
    const pair = pairs[draw(pairs.length)];
    const column = COLUMNS[draw(COLUMNS.length)];
    const cell: Cell = { pair, column };
    const name = `${nameOf(pair)}: ${column}`;
    if (seen.has(name)) continue;
    seen.add(name);
    if (model.isAllowed(cell)) continue;
    const proposed = model.turns(cell).map((set) => set.map(({ id }) => id));
    if (proposed.length === 0) continue;
    cells++;
    options.progress?.(cells);
    trials.push(trialOf(name, cell, false, ground));
    for (const ids of proposed) {
      const started = trialsOf(name, cell, ids, ground);
      if (started === undefined) {
        notStarted++;
        continue;
      }
      sets++;
      const kind = ids.join(" + ");
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      trials.push(...started);
    }
  }
  for (const { name, cell, isAllowed } of trials) {
    if (model.isAllowed(cell) !== isAllowed) failures.push(`on the model, ${name}`);
  }
  failures.push(...(await runTrials(target, trials)));
  const order = [...kinds].sort((a, b) => b[1] - a[1]);
  return { cells, sets, programs: trials.length, notStarted, kinds: order, failures };
}

/** The pair with all changes, and with each one left out; undefined where none can be started. */
function trialsOf(
  name: string,
  cell: Cell,
  ids: readonly string[],
  ground: Ground,
): Trial[] | undefined {
  if (ids.some((id) => !canHave(id, cell, ground))) return undefined;
  const subsets = ids.length > 1 ? ids.map((left) => ids.filter((id) => id !== left)) : [];
  const trials: Trial[] = [];
  for (const set of [ids, ...subsets]) {
    const changed = applyTurns(cell, set);
    if (typeof changed === "string") return undefined;
    trials.push(trialOf(`${name} with ${set.join(" + ")}`, changed, set === ids, ground));
  }
  return trials;
}

function trialOf(name: string, cell: Cell, isAllowed: boolean, ground: Ground): Trial {
  return { name, cell, isAllowed, pair: pairProgram(cell.pair, ground) };
}

/** Root here may itself lack a capability, as in a container. */
function canHave(id: string, { column, pair }: Cell, { available }: Ground): boolean {
  const has = (bit: number): boolean => ((available >> BigInt(bit)) & 1n) === 1n;
  const name = capabilityOf(id);
  if (name !== undefined) return pair.caller.party.namespaces > 0 || has(CAP[name]);
  // A namespace has every capability, and so may ask for ones that are not to be had outside.
  const isWide = id === "caller/user-namespace" || id === "caller/capabilities";
  return !isWide || column !== "prlimit64" || has(CAP.CAP_SYS_RESOURCE);
}

async function runTrials(target: Target, trials: readonly Trial[]): Promise<string[]> {
  const failures: string[] = [];
  for (let i = 0; i < trials.length; i += PART) {
    const part = trials.slice(i, i + PART);
    const results = await target.run(part.map(({ pair }) => pair.program));
    for (const [n, { name, cell, isAllowed, pair }] of part.entries()) {
      const { operations } = results[n];
      const first = Math.min(...pair.cells.values());
      const isMade = operations
        .slice(0, first)
        .every(({ state, value }) => state === "done" && value >= 0n);
      const { state, value } = operations[pair.cells.get(cell.column) ?? -1];
      const passed = state === "done" && value >= 0n;
      if (!isMade) failures.push(`on ${target.name}, ${name}: the pair could not be made`);
      else if (passed !== isAllowed) failures.push(`on ${target.name}, ${name}: ${value}`);
    }
  }
  return failures;
}
