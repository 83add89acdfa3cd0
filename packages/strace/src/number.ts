import { LOWER_X, MINUS, ZERO, hexDigit, isDigit } from "./characters.ts";

/**
 * Numbers as strace writes them: `4096`, `-1`, `0x7f00`, octal `0644`.
 *
 * Most fit a double exactly; what does not (an offset of -4096 printed as 0xfffffffffffff000, a
 * `size_t` of all ones) becomes a bigint, so no address is ever rounded.
 */

/**
 * Fifteen decimal, thirteen hexadecimal and seventeen octal digits are below 2^53 whatever they
 * are.
 */
const SAFE_DIGITS = { 8: 17, 10: 15, 16: 13 } as const;

/** Where the number that starts at `from` ends: at `from` itself when none starts there. */
export function endOfNumber(text: string, from: number, to: number): number {
  let at = from;
  if (at < to && text.charCodeAt(at) === MINUS) at++;
  const digits = at;
  if (isHex(text, at, to)) {
    at += 2;
    while (at < to && hexDigit(text.charCodeAt(at)) >= 0) at++;
    return at > digits + 2 ? at : digits + 1;
  }
  while (at < to && isDigit(text.charCodeAt(at))) at++;
  return at > digits ? at : from;
}

/**
 * The number in `text` from `from` to `to`, which {@link endOfNumber} found.
 *
 * @example
 * numberIn("0x7f00", 0, 6); // 32512
 * numberIn("18446744073709551615", 0, 20); // 18446744073709551615n
 */
export function numberIn(text: string, from: number, to: number): number | bigint {
  const negative = text.charCodeAt(from) === MINUS;
  let at = negative ? from + 1 : from;
  let base: 8 | 10 | 16 = 10;
  if (isHex(text, at, to)) {
    base = 16;
    at += 2;
  } else if (text.charCodeAt(at) === ZERO && to > at + 1 && isOctal(text, at, to)) {
    base = 8;
    at += 1;
  }
  if (to - at > SAFE_DIGITS[base]) return exact(text.slice(at, to), base, negative);
  let value = 0;
  for (; at < to; at++) value = value * base + hexDigit(text.charCodeAt(at));
  return negative && value !== 0 ? -value : value;
}

function exact(digits: string, base: 8 | 10 | 16, negative: boolean): number | bigint {
  const prefix = base === 16 ? "0x" : base === 8 ? "0o" : "";
  const value = negative ? -BigInt(prefix + digits) : BigInt(prefix + digits);
  return narrow(value);
}

/** A number where it fits exactly, else the bigint. */
export function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isHex(text: string, at: number, to: number): boolean {
  return at + 2 < to && text.charCodeAt(at) === ZERO && text.charCodeAt(at + 1) === LOWER_X;
}

function isOctal(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (text.charCodeAt(at) > ZERO + 7) return false;
  }
  return true;
}
