import { errnoName } from "@kadvise/uapi";
import type { Followed } from "../model/followProgram.ts";
import type { OperationResult } from "../program/result.ts";
import type { CompiledScenario } from "../scenario/compileScenario.ts";

/** What a campaign has done: plain and JSON-safe. */
export interface TallyReport {
  readonly programs: number;
  readonly steps: number;
  readonly succeeded: number;
  /** Answers that were compared, maps included; those that were equal to the usual one. */
  readonly compared: number;
  readonly equal: number;
  readonly merelyAllowed: { readonly [question: string]: number };
  readonly calls: { readonly [name: string]: number };
  /** `madvise EINVAL` and the like, by how often. */
  readonly errors: { readonly [what: string]: number };
  readonly reasons: readonly string[];
}

/** Counts what was run and what came of it. */
export class Tally {
  private readonly calls: Map<string, number> = new Map();
  private readonly errors: Map<string, number> = new Map();
  private readonly allowed: Map<string, number> = new Map();
  private readonly reasons: Set<string> = new Set();
  programs = 0;
  steps = 0;
  private succeeded = 0;
  private compared = 0;

  /** Counts a program, as far as it was followed. */
  add(compiled: CompiledScenario, followed: Followed): void {
    this.programs++;
    const { results } = followed;
    for (const { step, operations, maps } of compiled.steps) {
      const result: OperationResult | undefined = results[operations.at(-1) ?? -1];
      if (result === undefined || result.state === "absent") continue;
      this.steps++;
      this.compared += 1 + maps.size;
      count(this.calls, step.name);
      const code = result.value < 0n ? errnoName(Number(-result.value)) : undefined;
      if (result.refusal !== undefined) this.reasons.add(result.refusal.reason.id);
      if (result.state === "faulted") count(this.errors, `${step.name} signal ${result.signal}`);
      else if (code !== undefined && step.name !== "brk")
        count(this.errors, `${step.name} ${code}`);
      else this.succeeded++;
    }
    for (const { id } of followed.departures) count(this.allowed, id);
  }

  report(): TallyReport {
    const departures = [...this.allowed.values()].reduce((sum, n) => sum + n, 0);
    const { programs, steps, succeeded, compared } = this;
    return {
      ...{ programs, steps, succeeded, compared, equal: compared - departures },
      merelyAllowed: sorted(this.allowed),
      calls: sorted(this.calls),
      errors: sorted(this.errors),
      reasons: [...this.reasons].sort(),
    };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): { readonly [name: string]: number } {
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
