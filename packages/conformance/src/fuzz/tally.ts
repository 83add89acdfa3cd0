import { errnoName, type Refusal } from "@kadvise/uapi";
import { CellTally } from "../coverage/cellTally.ts";
import type { Followed } from "../model/followProgram.ts";
import type { OperationResult } from "../program/result.ts";
import type { CompiledScenario } from "../scenario/compileScenario.ts";
import { sortedCounts, type Counts } from "./counts.ts";

/** What a campaign has done: plain and JSON-safe. */
export interface TallyReport {
  readonly programs: number;
  readonly steps: number;
  readonly succeeded: number;
  /** Answers that were compared, views of memory included; those equal to the usual one. */
  readonly compared: number;
  readonly equal: number;
  readonly merelyAllowed: Counts;
  readonly calls: Counts;
  /** `madvise EINVAL` and the like, by how often. */
  readonly errors: Counts;
  /** Ids of the reasons behind refusals and faults, and of those that they stand on. */
  readonly reasons: readonly string[];
  /** `MADV_COLD own locked EINVAL`: which advice met which kind of area, and what came of it. */
  readonly cells: Counts;
}

/** Counts what was run and what came of it. */
export class Tally {
  private readonly calls: Map<string, number> = new Map();
  private readonly errors: Map<string, number> = new Map();
  private readonly allowed: Map<string, number> = new Map();
  private readonly reasons: Set<string> = new Set();
  /** Looks on while a program is followed. */
  readonly cells: CellTally = new CellTally();
  programs = 0;
  steps = 0;
  private succeeded = 0;
  private compared = 0;
  private different = 0;

  /** Counts a program, as far as it was followed. */
  add(compiled: CompiledScenario, followed: Followed): void {
    this.programs++;
    const { results, difference } = followed;
    if (difference !== undefined) this.different++;
    for (const { step, operations, maps, views } of compiled.steps) {
      const last = operations.at(-1) ?? -1;
      const result: OperationResult | undefined = results[last];
      if (result === undefined || result.state === "absent") continue;
      this.steps++;
      this.compared += 1 + maps.size + views.length;
      count(this.calls, step.name);
      const code = result.value < 0n ? errnoName(Number(-result.value)) : undefined;
      // Where they differ, the model's reason is none that a kernel has shown.
      if (last !== difference?.operation) this.addReasons(result.refusal);
      if (result.state === "faulted") count(this.errors, `${step.name} signal ${result.signal}`);
      else if (code !== undefined && step.name !== "brk")
        count(this.errors, `${step.name} ${code}`);
      else this.succeeded++;
    }
    for (const { id } of followed.departures) count(this.allowed, id);
  }

  private addReasons(refusal: Refusal | undefined): void {
    for (let one = refusal; one !== undefined; one = one.because) this.reasons.add(one.reason.id);
  }

  report(): TallyReport {
    const departures = [...this.allowed.values()].reduce((sum, n) => sum + n, 0);
    const { programs, steps, succeeded, compared, different } = this;
    return {
      ...{ programs, steps, succeeded, compared, equal: compared - departures - different },
      merelyAllowed: sortedCounts(this.allowed),
      calls: sortedCounts(this.calls),
      errors: sortedCounts(this.errors),
      reasons: [...this.reasons].sort(),
      cells: sortedCounts(this.cells.counts),
    };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
