import type { OperationResult, ProgramResult } from "../program/result.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import type { Ground } from "./becomeParty.ts";
import { COLUMNS } from "./cellCalls.ts";
import type { Pair } from "./pair.ts";
import { pairProgram, type PairProgram } from "./pairProgram.ts";
import { nameOf } from "./pairs.ts";
import { symbolOf } from "./symbol.ts";

/** Where programs of pairs run. */
export function groundOf({ images, start }: TargetFacts): Ground {
  return {
    image: images["plain"] ?? "",
    available: BigInt(`0x${start.credentials.permitted}`),
  };
}

/** What a target answers for each pair: a letter a column. */
export async function askPairs(
  target: Target,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<string, string>> {
  const ground = groundOf(await target.describe());
  const programs = pairs.map((pair) => pairProgram(pair, ground));
  const results = await target.run(programs.map(({ program }) => program));
  return new Map(
    pairs.map((pair, i) => {
      const name = nameOf(pair);
      return [name, lettersOf(name, programs[i], results[i])];
    }),
  );
}

/** The letters of a pair's result. @throws RangeError where the pair did not become what it is */
export function lettersOf(
  name: string,
  { program, cells }: PairProgram,
  { operations }: ProgramResult,
): string {
  const first = Math.min(...cells.values());
  for (const [i, result] of operations.slice(0, first).entries()) {
    if (isFailure(result)) {
      const { kind } = program.operations[i];
      throw new RangeError(`${name}: operation ${i} (${kind}) is ${shown(result)}`);
    }
  }
  return COLUMNS.map((column) => {
    const result = operations[cells.get(column) ?? -1];
    try {
      return symbolOf(result, column === "read maps");
    } catch (error) {
      throw new RangeError(`${name}: ${column}: ${(error as Error).message}`, { cause: error });
    }
  }).join("");
}

function isFailure({ state, value }: OperationResult): boolean {
  return state !== "done" || value < 0n;
}

function shown({ state, value }: OperationResult): string {
  return state === "done" ? `the error ${String(-value)}` : state;
}
