import { endOfAnnotation, endOfComment, endOfString } from "./annotation.ts";
import { takeFieldName } from "./brackets.ts";
import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COMMA,
  LESS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  QUOTE,
  SLASH,
  STAR,
} from "./characters.ts";
import { Cursor } from "./cursor.ts";
import { readValue } from "./expression.ts";
import { GrammarError } from "./grammarError.ts";
import type { Argument, UnreadValue, Value } from "./value.ts";

/**
 * The arguments of a call, between its parentheses.
 *
 * A notation that the grammar lacks spoils the one argument that it stands in, not its neighbours:
 * strace knows five hundred calls, and a judge of `madvise` should not stumble over an odd struct
 * behind the address.
 */

const UNFINISHED = "<unfinished ...>";

/**
 * Reads the text between the parentheses of a call.
 *
 * @example
 * readArguments("NULL, 4096").map((argument) => argument.text); // ["NULL", "4096"]
 */
export function readArguments(text: string): Argument[] {
  const args: Argument[] = [];
  const cursor = new Cursor(text, 0, endOfArguments(text));
  for (cursor.skipSpaces(); cursor.at < cursor.end; cursor.skipSpaces()) {
    args.push(readArgument(cursor));
    cursor.at++;
  }
  return args;
}

/** The first argument that could not be read. */
export function firstUnread(args: readonly Argument[]): UnreadValue | undefined {
  for (const { value } of args) {
    if (value.kind === "unread") return value;
  }
  return undefined;
}

/**
 * The end of the arguments without the mark of a thread that another one's exit_group ended in the
 * middle of a call: `<... clock_nanosleep resumed> <unfinished ...>) = ?`.
 */
function endOfArguments(text: string): number {
  return text.endsWith(UNFINISHED) ? text.length - UNFINISHED.length : text.length;
}

/** Reads one argument and leaves the cursor at the comma behind it, or at the end. */
function readArgument(cursor: Cursor): Argument {
  const from = cursor.at;
  try {
    const name = takeFieldName(cursor);
    // Dots for the rest of the arguments are one of them; in brackets they mark what was cut.
    const value: Value = cursor.take("...") ? { kind: "word", text: "..." } : readValue(cursor);
    const text = cursor.text.slice(from, cursor.at);
    cursor.skipSpaces();
    if (cursor.at < cursor.end && cursor.code !== COMMA) cursor.fail('"," or ")"');
    return name === undefined ? { value, text } : { name, value, text };
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error;
    cursor.reset(endOfArgument(cursor.text, from, cursor.end));
    const text = cursor.text.slice(from, cursor.at).trimEnd();
    return {
      value: { kind: "unread", text, column: error.at + 1, expected: error.expected },
      text,
    };
  }
}

/** The comma behind the argument, or the end of the text. */
function endOfArgument(text: string, from: number, to: number): number {
  let depth = 0;
  for (let at = from; at < to; at++) {
    const last = lastOfOpaque(text, at, to);
    if (last >= at) {
      at = last;
      continue;
    }
    switch (text.charCodeAt(at)) {
      case OPEN_PAREN:
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth++;
        break;
      case CLOSE_PAREN:
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        depth--;
        break;
      case COMMA:
        if (depth <= 0) return at;
        break;
    }
  }
  return to;
}

/** The last character of the string, comment or annotation that starts here; -1 where none does. */
function lastOfOpaque(text: string, at: number, to: number): number {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return endOfString(text, at, to);
    case SLASH:
      return text.charCodeAt(at + 1) === STAR ? endOfComment(text, at, to) : -1;
    case LESS:
      return text.charCodeAt(at + 1) === LESS ? at + 1 : endOfAnnotation(text, at, to);
    default:
      return -1;
  }
}
