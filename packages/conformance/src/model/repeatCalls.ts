import { enter, Registers, type Task } from "@kadvise/syscalls";
import type { Abi } from "@kadvise/uapi";
import {
  REPEAT_BYTES,
  REPEATED_CALL_BYTES,
  SERIES_BYTES,
  type RepeatedCall,
} from "../program/repeatedCalls.ts";

/** Makes calls that take turns, many times over; tells how many went well. */
export function repeatCalls(task: Task, abi: Abi, data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = Number(view.getBigUint64(0, true));
  const calls = Array.from({ length: Number(view.getBigUint64(8, true)) }, (_, i) =>
    readCall(view, REPEAT_BYTES + i * REPEATED_CALL_BYTES),
  );
  const at = calls.map(({ registers }) => registers.map(() => 0));
  const registers = new Registers();
  let wentWell = 0;
  for (let round = 0; round < count; round++) {
    for (const [i, call] of calls.entries()) {
      const n = at[i];
      for (let k = 0; k < 6; k++) {
        const { base, unit, step, modulus } = call.registers[k];
        registers.set(k, base + unit * n[k]);
        const next = n[k] + step;
        n[k] = next >= modulus ? next - modulus : next;
      }
      if (enter(task, abi, call.number, registers).ok) wentWell++;
    }
  }
  return wentWell;
}

function readCall(view: DataView, at: number): RepeatedCall {
  const signed = (offset: number): number => Number(view.getBigInt64(offset, true));
  return {
    number: signed(at),
    registers: Array.from({ length: 6 }, (_, k) => {
      const from = at + 8 + k * SERIES_BYTES;
      return {
        base: signed(from),
        unit: signed(from + 8),
        step: signed(from + 16),
        modulus: signed(from + 24),
      };
    }),
  };
}
