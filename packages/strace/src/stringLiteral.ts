import { BACKSLASH, QUOTE, SEVEN, ZERO, hexDigit } from "./characters.ts";

/**
 * The quoting of strace's strings: C's short escapes, octal, and with `-x` hexadecimal.
 *
 * A string is bytes. They are kept as code units from 0 to 255, which need neither a decoder nor
 * Node, and compare and index as one expects. A character above 255, which strace never writes but
 * a scenario may, counts as its UTF-8.
 */

const SHORT_ESCAPES: { readonly [letter: string]: string } = {
  a: "\x07",
  b: "\b",
  e: "\x1b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

const SHORT_NAMES: ReadonlyMap<number, string> = new Map([
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [QUOTE, '\\"'],
  [BACKSLASH, "\\\\"],
]);

/**
 * The bytes between two quotes, escapes undone.
 *
 * @example
 * unescape("a\\0b\\0012\\x7f"); // "a\0b\x012\x7f"
 */
export function unescape(written: string): string {
  if (!needsWork(written)) return written;
  const pieces: string[] = [];
  let at = 0;
  while (at < written.length) {
    const code = written.codePointAt(at) ?? 0;
    if (code !== BACKSLASH) {
      pieces.push(code < 256 ? String.fromCharCode(code) : utf8(code));
      at += code > 0xffff ? 2 : 1;
      continue;
    }
    const escape = readEscape(written, at + 1);
    pieces.push(escape.byte);
    at = escape.end;
  }
  return pieces.join("");
}

/** Whether a string between quotes is written in hexadecimal from end to end. */
export function isAllHex(written: string): boolean {
  if (written.length < 4 || written.length % 4 !== 0) return false;
  for (let at = 0; at < written.length; at += 4) {
    if (!written.startsWith("\\x", at)) return false;
  }
  return true;
}

/** Quotes bytes in hexadecimal. */
export function quoteHex(bytes: string): string {
  const digits = [...bytes].map((byte) => byte.charCodeAt(0).toString(16).padStart(2, "0"));
  return `"${digits.map((pair) => `\\x${pair}`).join("")}"`;
}

/**
 * Quotes bytes as strace does: printable ASCII as it is, short escapes, and the shortest octal that
 * the next character cannot lengthen.
 *
 * @example
 * quote("a\0b\x012\xff"); // '"a\\0b\\0012\\377"'
 */
export function quote(bytes: string): string {
  const pieces = ['"'];
  for (let at = 0; at < bytes.length; at++) {
    const code = bytes.charCodeAt(at);
    const short = SHORT_NAMES.get(code);
    if (short !== undefined) pieces.push(short);
    else if (code >= 32 && code < 127) pieces.push(bytes.charAt(at));
    else if (code > 255) pieces.push(quoteWide(bytes, at));
    else pieces.push(octal(code, bytes.charCodeAt(at + 1)));
  }
  pieces.push('"');
  return pieces.join("");
}

function needsWork(written: string): boolean {
  for (let at = 0; at < written.length; at++) {
    const code = written.charCodeAt(at);
    if (code === BACKSLASH || code > 255) return true;
  }
  return false;
}

function readEscape(written: string, at: number): { byte: string; end: number } {
  const letter = written.charAt(at);
  const short = SHORT_ESCAPES[letter];
  if (short !== undefined) return { byte: short, end: at + 1 };
  if (letter === "x") {
    const value = digits(written, at + 1, 2, 16);
    if (value.end > at + 1) return { byte: String.fromCharCode(value.value), end: value.end };
  }
  const value = digits(written, at, 3, 8);
  if (value.end > at) return { byte: String.fromCharCode(value.value & 0xff), end: value.end };
  // An escape that stands for itself: \\ and \", and whatever C does not know.
  return { byte: letter, end: at + 1 };
}

function digits(
  written: string,
  from: number,
  most: number,
  base: number,
): { value: number; end: number } {
  let value = 0;
  let end = from;
  while (end < from + most && end < written.length) {
    const digit = hexDigit(written.charCodeAt(end));
    if (digit < 0 || digit >= base) break;
    value = value * base + digit;
    end++;
  }
  return { value, end };
}

function octal(code: number, next: number): string {
  const shortest = code.toString(8);
  return `\\${next >= ZERO && next <= SEVEN ? shortest.padStart(3, "0") : shortest}`;
}

/**
 * One character above 255, which can only come from a scenario, as the octal of its UTF-8 bytes.
 */
function quoteWide(text: string, at: number): string {
  const code = text.charCodeAt(at);
  const pairs = code >= 0xd800 && code <= 0xdfff;
  if (pairs && code >= 0xdc00 && at > 0 && (text.codePointAt(at - 1) ?? 0) > 0xffff) return "";
  return [...utf8(text.codePointAt(at) ?? code)]
    .map((byte) => octal(byte.charCodeAt(0), ZERO))
    .join("");
}

/** The UTF-8 of one code point, as bytes. */
function utf8(code: number): string {
  const tail = (shift: number): number => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), tail(0));
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), tail(6), tail(0));
  return String.fromCharCode(0xf0 | (code >> 18), tail(12), tail(6), tail(0));
}
