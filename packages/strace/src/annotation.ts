import {
  BACKSLASH,
  GREATER,
  LESS,
  MINUS,
  OPEN_BRACKET,
  QUOTE,
  SLASH,
  STAR,
  isDigit,
  isLetter,
} from "./characters.ts";

/**
 * The three things in a line whose inside is not syntax: strings, comments, and what `-y` and `-Y`
 * put in angle brackets. Each function returns the index of the last character, or -1 where the end
 * is missing before `to`.
 */

/** The closing quote of the string whose opening quote stands at `from`. */
export function endOfString(text: string, from: number, to: number): number {
  for (let at = from + 1; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/**
 * The closing slash of the comment that starts at `from`. Unlike C's, strace's comments nest: with
 * `-X verbose` it prints `0x28 /* 0x8 /* MAP_??? *\/|MAP_ANONYMOUS *\/`.
 */
export function endOfComment(text: string, from: number, to: number): number {
  let depth = 1;
  let first = -1;
  for (let at = from + 2; at + 1 < to; at++) {
    const code = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (code === STAR && next === SLASH) {
      at++;
      if (--depth === 0) return at;
      if (first < 0) first = at;
    } else if (code === SLASH && next === STAR) {
      at++;
      depth++;
    }
  }
  return first;
}

/**
 * The closing angle bracket of `<…>`, which may hold brackets of its own (`</dev/null<char 1:3>>`),
 * strings (`<UNIX:[1->2,"/run/x"]>`) and arrows. Angle brackets of paths and commands are escaped,
 * but a dash is not: the path `/tmp/a-` is printed as `</tmp/a->`. An arrow is told by the address
 * that follows it.
 */
export function endOfAnnotation(text: string, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === LESS) depth++;
    else if (code === BACKSLASH) at++;
    else if (code === QUOTE) {
      at = endOfString(text, at, to);
      if (at < 0) return -1;
    } else if (code === GREATER && !isArrow(text, at, to)) {
      if (--depth === 0) return at;
    }
  }
  return -1;
}

function isArrow(text: string, at: number, to: number): boolean {
  if (text.charCodeAt(at - 1) !== MINUS || at + 1 >= to) return false;
  const next = text.charCodeAt(at + 1);
  return isDigit(next) || isLetter(next) || next === OPEN_BRACKET;
}
