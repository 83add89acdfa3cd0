import { endOfAnnotation, endOfString } from "./annotation.ts";
import { type ReadValue, readArray, readCall, readStruct } from "./brackets.ts";
import {
  AMPERSAND,
  AT,
  BAR,
  DOLLAR,
  LESS,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  OPEN_PAREN,
  QUESTION,
  QUOTE,
  SLASH,
  TILDE,
  UNDERSCORE,
  isDelimiter,
  isDigit,
  isLetter,
} from "./characters.ts";
import { takeComment, withComment } from "./comment.ts";
import type { Cursor } from "./cursor.ts";
import { endOfNumber, numberIn } from "./number.ts";
import { isAllHex, unescape } from "./stringLiteral.ts";
import type { FdValue, NameValue, NumberValue, StringValue, Value, WordValue } from "./value.ts";
import { endOfOddWord, isWordPart, readCondition } from "./word.ts";

/** The one word that strace annotates like a descriptor. */
const AT_FDCWD = { word: "AT_FDCWD", value: -100 } as const;

/**
 * Reads one operand: a number, word, string, bracketed value or group, with the comment and the
 * annotation behind it.
 */
export function readOperand(cursor: Cursor, readValue: ReadValue): Value {
  const code = cursor.code;
  if (isDigit(code) || (code === MINUS && isDigit(cursor.peek(1)))) return readNumber(cursor);
  if (isLetter(code) || code === UNDERSCORE) return readWord(cursor, readValue);
  switch (code) {
    case QUOTE:
      return readString(cursor, false);
    case AT:
      cursor.at++;
      return cursor.code === QUOTE ? readString(cursor, true) : cursor.fail("a string");
    case OPEN_BRACKET:
      return readArray(cursor, readValue, false);
    case OPEN_BRACE:
      return readStruct(cursor, readValue);
    case OPEN_PAREN:
      return readGroup(cursor, readValue);
    case TILDE:
      return readComplement(cursor, readValue);
    case DOLLAR:
      return readName(cursor);
    case SLASH:
      return readLoneComment(cursor);
    case LESS:
      return readElided(cursor);
    case BAR:
      // `statx(3, "", |0x900, …)` of -X raw: the first flag was left out, its sign was not.
      cursor.at++;
      return isDigit(cursor.code) ? readNumber(cursor) : cursor.fail("a value");
    case QUESTION:
      return readWord(cursor, readValue);
    case AMPERSAND:
    case MINUS:
      // `&sin6_addr`, `-EPERM`.
      return isLetter(cursor.peek(1)) ? readWord(cursor, readValue) : cursor.fail("a value");
    default:
      return cursor.fail("a value");
  }
}

function readNumber(cursor: Cursor): Value {
  const from = cursor.at;
  const end = endOfNumber(cursor.text, from, cursor.end);
  cursor.at = end;
  if (isDelimiter(cursor.code)) return numberValue(cursor.text, from, end);
  const wordEnd = endOfOddWord(cursor.text, end, cursor.end);
  cursor.at = wordEnd;
  if (wordEnd > end) {
    const text = cursor.text.slice(from, wordEnd);
    return withComment<WordValue>(cursor, { kind: "word", text });
  }
  const number = withComment(cursor, numberValue(cursor.text, from, end));
  if (!isAnnotationAhead(cursor) || typeof number.value === "bigint") return number;
  const { value, comment } = number;
  return readAnnotation(cursor, comment === undefined ? { value } : { value, comment });
}

function numberValue(text: string, from: number, to: number): NumberValue {
  return { kind: "number", value: numberIn(text, from, to), text: text.slice(from, to) };
}

function readWord(cursor: Cursor, readValue: ReadValue): Value {
  const from = cursor.at;
  cursor.at++;
  while (cursor.at < cursor.end && isWordPart(cursor.text, cursor.at, cursor.end)) cursor.at++;
  const text = cursor.text.slice(from, cursor.at);
  if (isDelimiter(cursor.code)) return { kind: "word", text };
  if (cursor.code === OPEN_PAREN) {
    if (text.startsWith("WIF")) return readCondition(cursor, from);
    return readCall(cursor, text, readValue);
  }
  if (isAnnotationAhead(cursor)) {
    if (text === AT_FDCWD.word) return readAnnotation(cursor, AT_FDCWD);
    const end = endOfAnnotation(cursor.text, cursor.at, cursor.end);
    if (end >= 0) cursor.at = end + 1;
  }
  // The same number can mean two things: "TCGETS or SNDCTL_TMR_TIMEBASE".
  while (cursor.sees(" or ") && isLetter(cursor.peek(4))) {
    cursor.at += 4;
    cursor.takeName();
  }
  return withComment<WordValue>(cursor, { kind: "word", text: cursor.text.slice(from, cursor.at) });
}

function readString(cursor: Cursor, isAbstract: boolean): StringValue {
  const end = endOfString(cursor.text, cursor.at, cursor.end);
  if (end < 0) cursor.fail('a closing "');
  const written = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  const value: StringValue = {
    kind: "string",
    text: unescape(written),
    cut: cursor.take("..."),
    ...(isAllHex(written) && { isHex: true }),
    ...(isAbstract && { isAbstract }),
  };
  return withComment(cursor, value);
}

function readGroup(cursor: Cursor, readValue: ReadValue): Value {
  cursor.at++;
  cursor.skipSpaces();
  const value = readValue(cursor);
  cursor.skipSpaces();
  if (!cursor.take(")")) cursor.fail('")"');
  return value;
}

function readComplement(cursor: Cursor, readValue: ReadValue): Value {
  cursor.at++;
  if (cursor.code === OPEN_BRACKET) return readArray(cursor, readValue, true);
  cursor.enter();
  const value = readOperand(cursor, readValue);
  cursor.leave();
  return { kind: "complement", value };
}

function readName(cursor: Cursor): Value {
  const from = cursor.at;
  cursor.at++;
  if (cursor.takeName() === "") cursor.fail("a name");
  return withComment<NameValue>(cursor, { kind: "name", text: cursor.text.slice(from, cursor.at) });
}

/**
 * `/* 0x66 MADV_??? *\/` is a number that was printed inside its own comment; every other one is a
 * remark.
 */
function readLoneComment(cursor: Cursor): Value {
  const text = takeComment(cursor);
  if (text === undefined) return cursor.fail("a value");
  const end = endOfNumber(text, 0, text.length);
  if (
    end > 0 &&
    text.charAt(end) === " " &&
    text.endsWith("_???") &&
    !text.includes(" ", end + 1)
  ) {
    const number = text.slice(0, end);
    return {
      kind: "number",
      value: numberIn(number, 0, end),
      text: number,
      comment: text.slice(end + 1),
    };
  }
  return { kind: "comment", text };
}

/** `<... resuming interrupted read ...>`: the argument of restart_syscall. */
function readElided(cursor: Cursor): Value {
  const from = cursor.at;
  const end = cursor.sees("<...") ? endOfAnnotation(cursor.text, from, cursor.end) : -1;
  if (end < 0) return cursor.fail("a value");
  cursor.at = end + 1;
  return { kind: "word", text: cursor.text.slice(from, end + 1) };
}

function isAnnotationAhead(cursor: Cursor): boolean {
  return cursor.code === LESS && cursor.peek(1) !== LESS;
}

function readAnnotation(
  cursor: Cursor,
  of: { value: number; word?: string; comment?: string },
): FdValue {
  const end = endOfAnnotation(cursor.text, cursor.at, cursor.end);
  if (end < 0) cursor.fail('a closing ">"');
  const target = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  const fd: FdValue = { kind: "fd", ...of, target };
  return withComment(cursor, cursor.take("(deleted)") ? { ...fd, isDeleted: true } : fd);
}
