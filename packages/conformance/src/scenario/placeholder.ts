import type { Operand } from "../program/program.ts";

/**
 * Numbers that stand for what is known only when a program runs: no address, length or process
 * number comes near them. A sum with such a number is still one; what was added shows.
 */
const RESULTS = 0x6b00_0000_0000_0000n;
const PROCESSES = 0x6c00_0000_0000_0000n;
/** Room for what may be added to each, in both directions. */
const ROOM = 2n ** 40n;

/** Stands for what an operation will have returned. */
export function resultPlaceholder(operation: number): bigint {
  return RESULTS + BigInt(operation) * ROOM + ROOM / 2n;
}

/** Stands for the number that an actor will have. */
export function pidPlaceholder(actor: number): bigint {
  return PROCESSES + BigInt(actor) * ROOM + ROOM / 2n;
}

/** The operand that a number means. */
export function operandOf(value: number | bigint): Operand {
  if (typeof value === "number" || value < RESULTS || value >= PROCESSES + (PROCESSES - RESULTS)) {
    return value;
  }
  const base = value < PROCESSES ? RESULTS : PROCESSES;
  const which = Number((value - base) / ROOM);
  const plus = ((value - base) % ROOM) - ROOM / 2n;
  return base === RESULTS ? { result: which, plus } : { pid: which, plus };
}
