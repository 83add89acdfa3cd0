import { enter, Registers, type Task } from "@kadvise/syscalls";
import type { Abi } from "@kadvise/uapi";
import {
  REPEAT_BYTES,
  REPEATED_CALL_BYTES,
  SERIES_BYTES,
  type RepeatedCall,
  type Series,
} from "../program/repeatedCalls.ts";

/** Makes calls that take turns, many times over; tells how many went well. */
export function repeatCalls(task: Task, abi: Abi, data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const count = Number(view.getBigUint64(0, true));
  const turns = Array.from({ length: Number(view.getBigUint64(8, true)) }, (_, i) =>
    turnOf(readCall(view, REPEAT_BYTES + i * REPEATED_CALL_BYTES)),
  );
  let wentWell = 0;
  for (let round = 0; round < count; round++) {
    for (const { number, registers, moving } of turns) {
      for (const one of moving) {
        const { base, unit, step, modulus } = one.series;
        registers.set(one.register, base + unit * one.n);
        const next = one.n + step;
        one.n = next >= modulus ? next - modulus : next;
      }
      if (enter(task, abi, number, registers).ok) wentWell++;
    }
  }
  return wentWell;
}

/** A call with its registers, of which those that move are written anew each time. */
interface Turn {
  readonly number: number;
  readonly registers: Registers;
  readonly moving: readonly { readonly register: number; readonly series: Series; n: number }[];
}

function turnOf({ number, registers }: RepeatedCall): Turn {
  return {
    number,
    registers: new Registers(...registers.map(({ base }) => base)),
    moving: registers.flatMap((series, register) =>
      series.unit === 0 ? [] : [{ register, series, n: 0 }],
    ),
  };
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
