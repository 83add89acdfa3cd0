import { ERRNO_TEXT, isErrnoName } from "@kadvise/uapi";
import { endOfAnnotation, endOfComment } from "./annotation.ts";
import {
  EQUALS,
  LESS,
  LOWER_X,
  OPEN_PAREN,
  QUESTION,
  SLASH,
  SPACE,
  ZERO,
  isDigit,
  isLetter,
  isNamePart,
} from "./characters.ts";
import { Cursor } from "./cursor.ts";
import { readValue } from "./expression.ts";
import { Frame } from "./frame.ts";
import { GrammarError } from "./grammarError.ts";
import { skipSpaces } from "./head.ts";
import { endOfNumber, numberIn } from "./number.ts";
import type { CallResult } from "./result.ts";

type Draft = { -readonly [key in keyof CallResult]: CallResult[key] };

/** What is expected where a result goes on with something unknown. */
const END = "the end of the line";

/**
 * Reads what stands behind the closing parenthesis of a call: `= -1 EPERM (…) (INJECTED)
 * <0.000012>`.
 *
 * Every call of a log has one, so this, beside the frame, is what a reader of logs does eagerly. It
 * reports by return value, not by exception: in a file that is no log every line can fail here.
 */
export class ResultReader {
  /** How long the call took, as `-T` printed it; -1 without. */
  seconds = -1;
  /** After a failure: where in the text, and what was expected there. */
  failedAt = 0;
  expected = "";
  readonly #frame = new Frame();
  readonly #allowsExpression: boolean;
  #text = "";
  #at = 0;
  #to = 0;

  constructor(options: { readonly allowsExpression?: boolean } = {}) {
    this.#allowsExpression = options.allowsExpression ?? false;
  }

  /**
   * Reads `text` from the character behind the parenthesis up to `to`; undefined if it is no
   * result.
   */
  read(text: string, from: number, to: number): CallResult | undefined {
    this.seconds = -1;
    this.#text = text;
    this.#to = to;
    this.#at = skipSpaces(text, from, to);
    if (this.#code() !== EQUALS) return this.#fail('"=" and a result');
    this.#at = skipSpaces(text, this.#at + 1, to);
    const plain = plainNumber(text, this.#at, to);
    if (plain >= 0) return { value: plain, unknown: false, injected: false, delayed: false };
    const draft: Draft = { unknown: false, injected: false, delayed: false };
    if (!this.#readValue(draft)) return undefined;
    for (this.#skipSpaces(); this.#at < to; this.#skipSpaces()) {
      if (!this.#readAddition(draft)) return undefined;
    }
    return draft;
  }

  #readValue(draft: Draft): boolean {
    const from = this.#at;
    const end = endOfNumber(this.#text, from, this.#to);
    if (end > from && !this.#isExpression(end)) {
      draft.value = numberIn(this.#text, from, end);
      this.#at = end;
      if (this.#text.charCodeAt(from) === ZERO && end > from + 1) {
        draft.base = this.#text.charCodeAt(from + 1) === LOWER_X ? 16 : 8;
      }
      return this.#code() !== LESS || this.#readTarget(draft);
    }
    if (this.#code() === QUESTION) {
      draft.unknown = true;
      this.#at++;
      return true;
    }
    return this.#allowsExpression ? this.#readExpression(draft) : this.#refuse("a number or ?");
  }

  /** In a scenario a number can be the beginning of a sum. */
  #isExpression(end: number): boolean {
    if (!this.#allowsExpression) return false;
    let at = end;
    while (at < this.#to && this.#text.charCodeAt(at) === SPACE) at++;
    return at < this.#to && "+-*|<".includes(this.#text.charAt(at)) && !this.#isMark(end, at);
  }

  /** Whether a `<` begins `3</path>` or `0 <0.000012>`, not `1<<4`. */
  #isMark(end: number, at: number): boolean {
    if (this.#text.charCodeAt(at) !== LESS) return false;
    return at > end || this.#text.charCodeAt(at + 1) !== LESS;
  }

  #readExpression(draft: Draft): boolean {
    const cursor = new Cursor(this.#text, this.#at, this.#to);
    try {
      draft.expression = readValue(cursor);
    } catch (error) {
      if (!(error instanceof GrammarError)) throw error;
      this.#at = error.at;
      return this.#refuse(error.expected);
    }
    this.#at = cursor.at;
    return true;
  }

  #readTarget(draft: Draft): boolean {
    const end = endOfAnnotation(this.#text, this.#at, this.#to);
    if (end < 0) return this.#refuse('a closing ">"');
    draft.target = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    if (this.#takes("(deleted)")) draft.isTargetDeleted = true;
    return true;
  }

  #readAddition(draft: Draft): boolean {
    const code = this.#code();
    if (code === OPEN_PAREN) return this.#readParenthesis(draft);
    if (code === LESS) return this.#readAngle(draft);
    if (code === SLASH) return this.#readComment(draft);
    return isLetter(code) ? this.#readError(draft) : this.#refuse(END);
  }

  #readError(draft: Draft): boolean {
    const from = this.#at;
    let end = from;
    while (end < this.#to && isNamePart(this.#text.charCodeAt(end))) end++;
    const name = this.#text.slice(from, end);
    const isFirst = draft.error === undefined && draft.note === undefined;
    if (!isFirst || draft.expression !== undefined || !name.startsWith("E"))
      return this.#refuse(END);
    this.#at = end;
    draft.error = name;
    if (!isErrnoName(name)) return true;
    const message = ERRNO_TEXT[name];
    if (this.#takes(` (${message})`)) draft.message = message;
    return true;
  }

  #readParenthesis(draft: Draft): boolean {
    const from = this.#at + 1;
    this.#frame.scan(this.#text, from, this.#to, 1);
    if (this.#frame.end !== "closed") return this.#refuse('a closing ")"');
    const end = this.#frame.argumentsEnd;
    this.#at = end + 1;
    const inside = this.#text.slice(from, end);
    if (inside === "INJECTED") draft.injected = true;
    else if (inside.startsWith("INJECTED: ")) {
      draft.injected = true;
      draft.injection = inside.slice("INJECTED: ".length);
    } else if (inside === "DELAYED") draft.delayed = true;
    else if (draft.error === undefined && inside.startsWith("errno ")) draft.error = inside;
    else if (draft.error !== undefined && draft.message === undefined) draft.message = inside;
    else if (draft.note === undefined) draft.note = inside;
    else return this.#refuse(END);
    return true;
  }

  /** `<0.000012>` of -T, or `<unavailable>` where the process was gone before strace could look. */
  #readAngle(draft: Draft): boolean {
    const end = endOfAnnotation(this.#text, this.#at, this.#to);
    const inside = end < 0 ? "" : this.#text.slice(this.#at + 1, end);
    if (inside === "unavailable" && draft.note === undefined) {
      draft.note = inside;
    } else {
      const seconds = isDigit(inside.charCodeAt(0)) ? Number(inside) : NaN;
      if (Number.isNaN(seconds) || this.seconds >= 0) return this.#refuse(END);
      this.seconds = seconds;
    }
    this.#at = end + 1;
    return true;
  }

  #readComment(draft: Draft): boolean {
    const end = endOfComment(this.#text, this.#at, this.#to);
    if (draft.comment !== undefined || end < 0 || !this.#takes("/*")) return this.#refuse(END);
    draft.comment = this.#text.slice(this.#at, end - 1).trim();
    this.#at = end + 1;
    return true;
  }

  #code(): number {
    return this.#at < this.#to ? this.#text.charCodeAt(this.#at) : -1;
  }

  #takes(word: string): boolean {
    if (this.#at + word.length > this.#to || !this.#text.startsWith(word, this.#at)) return false;
    this.#at += word.length;
    return true;
  }

  #skipSpaces(): void {
    this.#at = skipSpaces(this.#text, this.#at, this.#to);
  }

  #refuse(expected: string): false {
    this.failedAt = this.#at;
    this.expected = expected;
    return false;
  }

  #fail(expected: string): undefined {
    this.#refuse(expected);
    return undefined;
  }
}

/** The decimal number that is all there is from `from` to `to`, as behind most calls; else -1. */
function plainNumber(text: string, from: number, to: number): number {
  const length = to - from;
  if (length < 1 || length > 15 || (length > 1 && text.charCodeAt(from) === ZERO)) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
