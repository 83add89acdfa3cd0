import { PAGEMAP_ENTRY_BYTES } from "@kadvise/mm-core";
import type { ProgramBuilder } from "../program/programBuilder.ts";

/** Which views of memory are read besides maps. */
export interface ViewOptions {
  /** Pages whose entries of pagemap are read of every process: where the scenario's areas lie. */
  readonly pages?: { readonly address: number; readonly count: number };
  /**
   * Of whom smaps is read: of every process; or of one in turn, at every other place. Status is read
   * with the smaps of every process; else of every process behind the last step alone.
   */
  readonly smaps: "all" | "in-turn";
}

const PAGE_BYTES = 4096;
/** A generated process has a hundred areas at most, of eight hundred bytes each. */
const SMAPS_BYTES = 0x2_0000;
const STATUS_BYTES = 0x1000;

/** Where views are read. */
export interface ViewPlace {
  /** How many places came before. */
  readonly before: number;
  /** Behind the last step, which number it is. */
  readonly last?: number;
}

/** Adds what reads the views of some processes; returns the operations. */
export function readViews(
  builder: ProgramBuilder,
  actors: readonly number[],
  { pages, smaps }: ViewOptions,
  { before, last }: ViewPlace,
): readonly number[] {
  const operations: number[] = [];
  if (pages !== undefined) {
    const offset = (pages.address / PAGE_BYTES) * PAGEMAP_ENTRY_BYTES;
    const bytes = pages.count * PAGEMAP_ENTRY_BYTES;
    for (const of of actors) {
      const path = "/proc/%/pagemap";
      operations.push(builder.add({ kind: "read", actor: "supervisor", path, of, offset, bytes }));
    }
  }
  const turn = last ?? (before % 2 === 1 ? (before - 1) / 2 : undefined);
  const one = turn === undefined ? [] : [actors[turn % actors.length]];
  const hasStatus = smaps === "all" || last !== undefined;
  for (const of of actors) {
    if (smaps === "all" || one.includes(of))
      operations.push(builder.observe(of, "smaps", SMAPS_BYTES));
    if (hasStatus) operations.push(builder.observe(of, "status", STATUS_BYTES));
  }
  return operations;
}
