import { narrow } from "./number.ts";
import type { Value } from "./value.ts";

/** Gives the number that a word or a bound name stands for; undefined if it stands for none. */
export type NumberOf = (word: string) => number | bigint | undefined;

/**
 * The integer that a value stands for, or undefined if it is none.
 *
 * @example
 * integerOf({ kind: "product", left: decimalValue(8192), right: decimalValue(1024) }); // 8388608
 * integerOf(wordValue("MADV_COLD"), (word) => MADV[word]); // 20
 */
export function integerOf(value: Value, numberOf?: NumberOf): number | bigint | undefined {
  const exact = exactly(value, numberOf);
  return exact === undefined ? undefined : narrow(exact);
}

function exactly(value: Value, numberOf: NumberOf | undefined): bigint | undefined {
  switch (value.kind) {
    case "number":
    case "fd":
      return BigInt(value.value);
    case "word":
    case "name": {
      const number = numberOf?.(value.text) ?? (value.text === "NULL" ? 0 : undefined);
      return number === undefined ? undefined : BigInt(number);
    }
    case "flags":
      return value.parts.reduce<bigint | undefined>(
        (sum, part) => both(sum, exactly(part, numberOf), or),
        0n,
      );
    case "shift":
      return both(exactly(value.left, numberOf), exactly(value.right, numberOf), shift);
    case "product":
      return both(
        exactly(value.left, numberOf),
        exactly(value.right, numberOf),
        (left, right) => left * right,
      );
    case "sum": {
      const sign = value.operator === "-" ? -1n : 1n;
      return both(
        exactly(value.left, numberOf),
        exactly(value.right, numberOf),
        (left, right) => left + sign * right,
      );
    }
    case "complement": {
      const inner = exactly(value.value, numberOf);
      return inner === undefined ? undefined : ~inner;
    }
    default:
      return undefined;
  }
}

type Operation = (left: bigint, right: bigint) => bigint | undefined;

function both(
  left: bigint | undefined,
  right: bigint | undefined,
  operation: Operation,
): bigint | undefined {
  return left === undefined || right === undefined ? undefined : operation(left, right);
}

function or(left: bigint, right: bigint): bigint {
  return left | right;
}

/** Registers have 64 bits: a shift beyond them is no number that a call was made with. */
function shift(left: bigint, right: bigint): bigint | undefined {
  return right < 0n || right > 64n ? undefined : left << right;
}
