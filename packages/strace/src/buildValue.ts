import type {
  ArrayValue,
  Field,
  NumberValue,
  StringValue,
  StructValue,
  Value,
  WordValue,
} from "./value.ts";

/**
 * Values for whoever writes strace text: a number in the base that strace would print it in, words,
 * structs.
 */

/** `4096`. */
export function decimalValue(value: number | bigint): NumberValue {
  return { kind: "number", value, text: String(value) };
}

/** `0x7f00`, and `0` for zero, as strace has it. */
export function hexValue(value: number | bigint): NumberValue {
  return { kind: "number", value, text: isZero(value) ? "0" : `0x${value.toString(16)}` };
}

/** `0x7f00`, and `NULL` for zero. */
export function pointerValue(value: number | bigint): NumberValue | WordValue {
  return isZero(value) ? wordValue("NULL") : hexValue(value);
}

/** `MADV_COLD`. */
export function wordValue(text: string): WordValue {
  return { kind: "word", text };
}

/** `A|B`; one part stands for itself, none is 0. */
export function flagsValue(parts: readonly Value[]): Value {
  const [first, second] = parts;
  if (first === undefined) return decimalValue(0);
  return second === undefined ? first : { kind: "flags", parts };
}

/** `"abc"`: each code unit is a byte. */
export function stringValue(text: string): StringValue {
  return { kind: "string", text, cut: false };
}

/** `[a, b]`. */
export function arrayValue(items: readonly Value[]): ArrayValue {
  return { kind: "array", items, cut: false, negated: false };
}

/** `{a=1, b=2}`. */
export function structValue(fields: readonly Field[]): StructValue {
  return { kind: "struct", fields, cut: false, bare: [] };
}

function isZero(value: number | bigint): boolean {
  return value === 0 || value === 0n;
}
