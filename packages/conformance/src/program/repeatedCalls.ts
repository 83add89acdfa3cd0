/** `struct repeat`, `struct repeated_call` and `struct series` of the agent's protocol.h. */
export const REPEAT_BYTES = 16;
export const REPEATED_CALL_BYTES = 200;
export const SERIES_BYTES = 32;

/**
 * The values of a register from call to call: `base + unit * n`. n begins with 0 and goes on by
 * `step`, modulo `modulus`: a step of 1 goes up, one without a divisor in common goes everywhere.
 */
export interface Series {
  readonly base: number;
  readonly unit: number;
  readonly step: number;
  readonly modulus: number;
}

/** One of the calls that take turns. */
export interface RepeatedCall {
  readonly number: number;
  readonly registers: readonly Series[];
}

/** A register that stays as it is. */
export function always(base: number): Series {
  return { base, unit: 0, step: 0, modulus: 1 };
}

/** Calls that take turns, `count` times over, as the agent finds them in the data block. */
export function encodeRepeat(count: number, calls: readonly RepeatedCall[]): Uint8Array {
  const bytes = new Uint8Array(REPEAT_BYTES + calls.length * REPEATED_CALL_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(count), true);
  view.setBigUint64(8, BigInt(calls.length), true);
  for (const [i, { number, registers }] of calls.entries()) {
    const at = REPEAT_BYTES + i * REPEATED_CALL_BYTES;
    view.setBigUint64(at, BigInt(number), true);
    for (let k = 0; k < 6; k++) {
      const { base, unit, step, modulus } = registers[k] ?? always(0);
      for (const [j, value] of [base, unit, step, modulus].entries()) {
        view.setBigInt64(at + 8 + k * SERIES_BYTES + j * 8, BigInt(value), true);
      }
    }
  }
  return bytes;
}
