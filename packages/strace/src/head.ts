import { endOfAnnotation } from "./annotation.ts";
import {
  CLOSE_BRACKET,
  COLON,
  DOT,
  LESS,
  OPEN_BRACKET,
  OPEN_PAREN,
  SPACE,
  TAB,
  ZERO,
  hexDigit,
  isDigit,
} from "./characters.ts";

/**
 * The greatest pid of a 64-bit Linux (`PID_MAX_LIMIT`): a greater number at the front of a line is
 * a time.
 */
const PID_MAX = 4_194_304;

/**
 * The columns before the call: whose it is, when it was, its number and from where it was made.
 *
 *     9996  1795385453.131121 (+     0.000026) [ 434] [00007f2a7344dad7] pidfd_open(9996, 0) = 3
 *     pid   -t, -tt or -ttt    -r              -n     -i
 *     [pid  9996] pidfd_open(9996, 0) = 3          as strace writes to a terminal
 *     9996<sh> pidfd_open(9996<sh>, 0) = 3         with -Y
 *
 * None of them says what it is, so each is known by its shape. One object is used for every line.
 */
export class Head {
  /** -1 without the column. */
  pid = -1;
  /**
   * Whether the pid stood in `[pid N]`, where strace leaves it out while there is one process only.
   */
  isBracketed = false;
  /** The number of the call in its own ABI's table (`-n`); -1 without. */
  number = -1;
  timeFrom = 0;
  timeTo = 0;
  /** Where the rest of the line begins. */
  bodyAt = 0;

  /** Reads the columns of the line that stands in `text` from `from` to `to`. */
  read(text: string, from: number, to: number): void {
    this.pid = -1;
    this.isBracketed = false;
    this.number = -1;
    this.timeFrom = 0;
    this.timeTo = 0;
    let at = this.#readPid(text, from, to);
    at = skipSpaces(text, at, to);
    at = this.#readTimes(text, at, to);
    this.bodyAt = this.#readBrackets(text, at, to);
  }

  #readPid(text: string, from: number, to: number): number {
    if (text.charCodeAt(from) === OPEN_BRACKET && text.startsWith("[pid ", from)) {
      const end = this.#readPidNumber(text, skipSpaces(text, from + 5, to), to);
      if (end >= 0 && text.charCodeAt(end) === CLOSE_BRACKET) {
        this.isBracketed = true;
        return end + 1;
      }
      this.pid = -1;
      return from;
    }
    const end = this.#readPidNumber(text, from, to);
    if (end >= 0 && (end === to || text.charCodeAt(end) === SPACE)) return end;
    this.pid = -1;
    return from;
  }

  /** The end of the digits and the command behind them, or -1 where no pid stands. */
  #readPidNumber(text: string, from: number, to: number): number {
    let at = from;
    let pid = 0;
    while (at < to && isDigit(text.charCodeAt(at)) && pid <= PID_MAX) {
      pid = pid * 10 + text.charCodeAt(at) - ZERO;
      at++;
    }
    if (at === from || pid > PID_MAX) return -1;
    if (at < to && text.charCodeAt(at) === LESS) {
      const end = endOfAnnotation(text, at, to);
      if (end < 0) return -1;
      at = end + 1;
    }
    this.pid = pid;
    return at;
  }

  #readTimes(text: string, from: number, to: number): number {
    let at = from;
    for (;;) {
      const end = endOfTime(text, at, to);
      if (end === at) return at;
      if (this.timeTo === 0) this.timeFrom = at;
      this.timeTo = end;
      at = skipSpaces(text, end, to);
    }
  }

  /** `[ 434] ` and `[00007f2a7344dad7] `, which is question marks where strace could not ask. */
  #readBrackets(text: string, from: number, to: number): number {
    let at = from;
    while (at < to && text.charCodeAt(at) === OPEN_BRACKET) {
      // The widest is an address of 64 bits; what is wider is no column.
      const end = find("]", text, at, Math.min(to, at + 19));
      if (end < 0 || text.charCodeAt(end + 1) !== SPACE) return at;
      const digits = skipSpaces(text, at + 1, end);
      if (!isPointerOrNumber(text, digits, end)) return at;
      if (end - digits < 8) this.number = Number(text.slice(digits, end));
      at = end + 2;
    }
    return at;
  }
}

/** Where a time column ends: `22:10:53`, `1795385453.129538`, `0`, `(+     0.000105)`. */
function endOfTime(text: string, from: number, to: number): number {
  if (text.charCodeAt(from) === OPEN_PAREN) {
    if (!text.startsWith("(+", from)) return from;
    return find(")", text, from, Math.min(to, from + 40)) + 1 || from;
  }
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (!isDigit(code) && code !== COLON && code !== DOT) break;
    at++;
  }
  return at < to && text.charCodeAt(at) === SPACE ? at : from;
}

function isPointerOrNumber(text: string, from: number, to: number): boolean {
  if (from === to) return false;
  if (text.charAt(from) === "?") return true;
  const isPointer = to - from >= 8;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (isPointer ? hexDigit(code) < 0 : !isDigit(code)) return false;
  }
  return true;
}

/** Like indexOf, but it does not run on into the lines behind. */
function find(character: string, text: string, from: number, to: number): number {
  const code = character.charCodeAt(0);
  for (let at = from; at < to; at++) {
    if (text.charCodeAt(at) === code) return at;
  }
  return -1;
}

/** The first character from `from` on that is no space. */
export function skipSpaces(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== TAB) return at;
    at++;
  }
  return at;
}
