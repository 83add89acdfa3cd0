import {
  AT,
  BACKSLASH,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COLON,
  COMMA,
  DOT,
  MINUS,
  OPEN_PAREN,
  PERCENT,
  PLUS,
  QUESTION,
  SLASH,
  isNamePart,
} from "./characters.ts";
import type { Cursor } from "./cursor.ts";
import type { Value } from "./value.ts";

/**
 * What belongs to a word beside letters and digits.
 *
 * Constants are plain names, but some arguments are not constants: `IPPROTO_???`, `nft_chain.type`,
 * and what older releases print where this one has a number: `2023/11/14-22:13:20`,
 * `02:42:ac:11:00:02`.
 */
export function isWordPart(text: string, at: number, to: number): boolean {
  const code = text.charCodeAt(at);
  if (isNamePart(code)) return true;
  switch (code) {
    case QUESTION:
    case COLON:
    case AT:
    case PERCENT:
    case BACKSLASH:
      return true;
    case DOT:
      return !text.startsWith("...", at);
    case SLASH:
      return at + 1 < to && isNamePart(text.charCodeAt(at + 1));
    default:
      return false;
  }
}

/** Where a word ends that began like a number; `from` itself if it was one. */
export function endOfOddWord(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    const signs = at > from && (code === MINUS || code === PLUS);
    if (!signs && !isWordPart(text, at, to)) break;
    at++;
  }
  return at;
}

/**
 * Reads the words of a wait status, whose beginning the cursor has passed: up to the bracket around
 * them.
 */
export function readCondition(cursor: Cursor, from: number): Value {
  let open = 0;
  for (; cursor.at < cursor.end; cursor.at++) {
    const code = cursor.code;
    if (code === OPEN_PAREN) open++;
    else if (code === CLOSE_PAREN && open > 0) open--;
    else if (open === 0 && (code === CLOSE_PAREN || code === CLOSE_BRACE || code === CLOSE_BRACKET))
      break;
    else if (open === 0 && code === COMMA) break;
  }
  if (open > 0) cursor.fail('")"');
  return { kind: "condition", text: cursor.text.slice(from, cursor.at).trim() };
}
