import { MADV, adviceName, type Abi, type Refusal } from "@kadvise/uapi";
import type { ModelMachine } from "../model/modelMachine.ts";
import type { Operation, Program } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";
import { advisedParts, type Advised, type AdvisedPart } from "./advisedParts.ts";

/**
 * Counts which advice met which kind of area on a kernel, and what came of it:
 * `MADV_COLD remote private-anonymous ok`.
 *
 * A part of a range counts only if the kernel came to it: up to the one that it refused.
 */
export class CellTally {
  readonly counts: Map<string, number> = new Map();
  private advised: Advised | undefined;

  /** Before an operation. */
  before(machine: ModelMachine, program: Program, operation: Operation, abi: Abi): void {
    this.advised = advisedParts(machine, program, operation, abi);
  }

  /** After it: what the model made of it, once the kernel agreed. */
  after({ state, refusal, value }: OperationResult): void {
    const { advised } = this;
    this.advised = undefined;
    if (advised === undefined || state !== "done") return;
    const name = adviceName(advised.advice);
    if (name === undefined) return;
    const met = value < 0n || refusal !== undefined ? reached(advised, refusal) : advised.parts;
    for (const part of met) {
      const outcome = part.kinds[0] === "hole" ? "ENOMEM" : outcomeOf(part, refusal);
      const who = advised.remote ? "remote" : "own";
      for (const kind of part.kinds) {
        const cell = `${name} ${who} ${kind} ${outcome}`;
        this.counts.set(cell, (this.counts.get(cell) ?? 0) + 1);
      }
    }
  }
}

/**
 * The parts that were come to: an area that refuses ends the walk, a hole does not. Linux:
 * mm/madvise.c madvise_walk_vmas; for MADV_POPULATE_* a hole is the end since 6.10.
 */
function reached({ advice, parts }: Advised, refusal: Refusal | undefined): readonly AdvisedPart[] {
  const isPopulate = advice === MADV.MADV_POPULATE_READ || advice === MADV.MADV_POPULATE_WRITE;
  const address = refusedAddress(refusal);
  if (address === undefined) return [];
  const at = parts.findIndex((part) => holds(part, address));
  if (at < 0) return [];
  const goesOn = parts[at].kinds[0] === "hole" && !isPopulate;
  return parts.filter(({ range }, i) => i <= at || (goesOn && range === parts[at].range));
}

function outcomeOf(part: AdvisedPart, refusal: Refusal | undefined): string {
  const address = refusedAddress(refusal);
  return address !== undefined && holds(part, address) ? (refusal?.code ?? "ok") : "ok";
}

function holds({ from, to }: AdvisedPart, address: number): boolean {
  return from <= address && address < to;
}

/** Where a rule of an area said no; undefined for one that looks at no area. */
function refusedAddress(refusal: Refusal | undefined): number | undefined {
  if (refusal === undefined || !refusal.reason.id.startsWith("madvise/")) return undefined;
  const { address } = refusal.reason.compared;
  if (typeof address === "number") return address;
  return typeof address === "string" && /^0x[0-9a-f]+$/.test(address) ? Number(address) : undefined;
}
