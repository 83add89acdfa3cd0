import type { Profile } from "@kadvise/releases";
import { SYSTEM_CALLS, callByNumber } from "@kadvise/syscalls";
import type { Abi } from "@kadvise/uapi";
import type { Operation, Program } from "../program/program.ts";
import type { OperationResult, ProgramResult } from "../program/result.ts";
import type { TargetFacts } from "../target/target.ts";
import { resultsMatch } from "./compareResults.ts";
import { ModelMachine } from "./modelMachine.ts";
import type { Departure, Seen } from "./programChoices.ts";

/** An operation of which the model does not allow what the kernel did. */
export interface Difference {
  /** The number of the operation. */
  readonly operation: number;
  readonly seen: OperationResult;
  readonly modelled: OperationResult;
}

/** What the model makes of a program that a real kernel has run. */
export interface Followed {
  /** What the model says, up to the first difference. */
  readonly results: readonly OperationResult[];
  readonly difference?: Difference;
  /** Why the model broke down at the difference: an error that it threw. */
  readonly thrown?: string;
  /** Where the kernel did another thing than the usual one, and was allowed to. */
  readonly departures: readonly (Departure & { readonly operation: number })[];
}

/** What is followed: a program, and what a kernel answered. */
export interface FollowOptions {
  readonly facts: TargetFacts;
  readonly profile: Profile;
  readonly program: Program;
  readonly seen: ProgramResult;
  /** Who looks on. */
  readonly watch?: Watch;
}

/** Sees each operation before the model performs it, and after both agreed on what it did. */
export interface Watch {
  before(machine: ModelMachine, program: Program, operation: Operation, abi: Abi): void;
  after(result: OperationResult): void;
}

/** How many ways one operation is tried. */
const MOST_WAYS = 64;

/**
 * Runs a program on the model beside what a real kernel answered. Where Linux may do several
 * things, the model takes what the kernel did, if it is allowed. Ends at the first difference; that
 * the model throws is one.
 */
export function followProgram(options: FollowOptions): Followed {
  const { facts, profile, program, seen } = options;
  let machine: ModelMachine | undefined;
  try {
    machine = new ModelMachine({ facts, profile, program, pids: seen.pids });
    return follow(machine, options);
  } catch (error) {
    const results = machine?.results ?? [];
    const operation = results.length;
    const difference = { operation, seen: seen.operations[operation], modelled: BROKEN };
    return { results: [...results, BROKEN], difference, departures: [], thrown: String(error) };
  }
}

/** Where the model threw, it said nothing. */
const BROKEN: OperationResult = Object.freeze({ state: "unmodelled", value: 0n });

function follow(machine: ModelMachine, { facts, program, seen, watch }: FollowOptions): Followed {
  const departures: (Departure & { operation: number })[] = [];
  for (const [i, operation] of program.operations.entries()) {
    const real = seen.operations[i];
    if (real === undefined || real.state === "not-reached") break;
    watch?.before(machine, program, operation, facts.abi);
    const modelled = tryWays(machine, operation, real, seenOf(program, seen, i, facts.abi));
    if (!resultsMatch(operation, real, modelled)) {
      const difference = { operation: i, seen: real, modelled };
      return { results: [...machine.results, modelled], difference, departures };
    }
    watch?.after(modelled);
    for (const departure of machine.choices.departures)
      departures.push({ ...departure, operation: i });
    // What the model does not know goes on as the kernel had it.
    machine.keep(modelled.state === "unmodelled" ? { ...modelled, value: real.value } : modelled);
    if (real.state === "hung") break;
  }
  return { results: machine.results, departures };
}

/** The way of an operation that agrees with what was seen; the usual one if none does. */
function tryWays(
  machine: ModelMachine,
  operation: Operation,
  real: OperationResult,
  seen: Seen,
): OperationResult {
  const { choices, kernel } = machine;
  const { journal } = kernel.ports;
  let script: readonly number[] | undefined = [];
  for (let way = 0; way < MOST_WAYS && script !== undefined; way++) {
    const mark = journal.begin();
    choices.begin(seen, script);
    const result = machine.perform(operation);
    if (resultsMatch(operation, real, result)) {
      journal.keep(mark);
      return result;
    }
    const { alternatives } = choices;
    journal.undo(mark);
    script = nextScript(script, alternatives);
  }
  choices.begin(seen);
  return machine.perform(operation);
}

/** The next script in the order of counting. */
function nextScript(
  script: readonly number[],
  alternatives: readonly number[],
): readonly number[] | undefined {
  const next = alternatives.map((_, i) => script[i] ?? 0);
  for (let i = next.length - 1; i >= 0; i--) {
    if (next[i] + 1 < alternatives[i]) {
      next[i]++;
      return next.slice(0, i + 1);
    }
  }
  return undefined;
}

/** What shows of an operation: its value, and what a load right behind it read of its outputs. */
function seenOf(
  program: Program,
  { operations }: ProgramResult,
  index: number,
  abi: TargetFacts["abi"],
): Seen {
  const operation = program.operations[index];
  const { state, value } = operations[index];
  const next = program.operations[index + 1];
  const call =
    operation?.kind === "call"
      ? callByNumber(operation.gate === "i386" ? "i386" : abi, operation.number)
      : undefined;
  return {
    ...(state === "done" && value >= 0n ? { value: Number(value) } : {}),
    output(parameter) {
      if (operation?.kind !== "call" || next?.kind !== "load" || call === undefined)
        return undefined;
      const i = SYSTEM_CALLS.get(call.name)?.parameters.findIndex(({ name }) => name === parameter);
      const pointer = operation.args[i ?? -1];
      const isSame = JSON.stringify(pointer, plain) === JSON.stringify(next.address, plain);
      return isSame ? operations[index + 1]?.payload : undefined;
    },
  };
}

function plain(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}
