import {
  CLOSE_BRACE,
  CLOSE_BRACKET,
  CLOSE_PAREN,
  COMMA,
  EQUALS,
  GREATER,
  SPACE,
} from "./characters.ts";
import { takeComment, withComment } from "./comment.ts";
import type { Cursor } from "./cursor.ts";
import type { ArrayValue, CallValue, Field, StructValue, Value } from "./value.ts";

/**
 * The values in brackets: arrays and sets, structs, and calls such as `makedev(0x1, 0x3)`.
 *
 * Commas part what is inside, or spaces alone: `[HUP INT]`, `{B38400 opost isig ...}`.
 */

/** How what is inside the brackets is read. */
export type ReadValue = (cursor: Cursor) => Value;

/**
 * Reads the array whose bracket stands at the cursor; with `=` behind it, it is the index of
 * another value.
 */
export function readArray(cursor: Cursor, readValue: ReadValue, negated: boolean): Value {
  cursor.at++;
  const items: Value[] = [];
  const state: { cut: boolean; spaced: boolean; comment?: string } = { cut: false, spaced: false };
  while (!atClosing(cursor, CLOSE_BRACKET, "]")) {
    if (cursor.take("...")) {
      state.cut = true;
      cursor.skipSpaces();
      const comment = takeComment(cursor);
      if (comment !== undefined) state.comment = comment;
    } else {
      items.push(readValue(cursor));
    }
    const bySpace = passSeparator(cursor, CLOSE_BRACKET, "]");
    state.spaced ||= bySpace && items.at(-1)?.kind !== "comment";
  }
  cursor.at++;
  const [index] = items;
  if (items.length === 1 && index !== undefined && !negated && !state.cut && isAssignment(cursor)) {
    cursor.at++;
    return { kind: "indexed", index, value: readValue(cursor) };
  }
  const { spaced, ...rest } = state;
  const array: ArrayValue = { kind: "array", items, negated, ...rest };
  return withComment(cursor, spaced ? { ...array, spaced } : array);
}

/** Reads the struct whose brace stands at the cursor. */
export function readStruct(cursor: Cursor, readValue: ReadValue): StructValue {
  cursor.at++;
  const fields: Field[] = [];
  const bare: Value[] = [];
  let cut = false;
  while (!atClosing(cursor, CLOSE_BRACE, "}")) {
    if (cursor.take("...")) {
      cut = true;
    } else {
      const name = takeFieldName(cursor);
      if (name === undefined) bare.push(readValue(cursor));
      else fields.push({ name, value: readValue(cursor) });
    }
    passSeparator(cursor, CLOSE_BRACE, "}");
  }
  cursor.at++;
  return withComment<StructValue>(cursor, { kind: "struct", fields, cut, bare });
}

/** Reads the arguments behind a name whose parenthesis stands at the cursor. */
export function readCall(cursor: Cursor, name: string, readValue: ReadValue): CallValue {
  cursor.at++;
  const args: Value[] = [];
  while (!atClosing(cursor, CLOSE_PAREN, ")")) {
    args.push(readValue(cursor));
    passSeparator(cursor, CLOSE_PAREN, ")");
  }
  cursor.at++;
  return withComment<CallValue>(cursor, { kind: "call", name, args });
}

/** The name of `name=value`, stepped over with its sign; undefined where a bare value stands. */
export function takeFieldName(cursor: Cursor): string | undefined {
  const before = cursor.at;
  const name = cursor.takeName();
  if (name !== "" && isAssignment(cursor)) {
    cursor.at++;
    return name;
  }
  cursor.at = before;
  return undefined;
}

function isAssignment(cursor: Cursor): boolean {
  return cursor.code === EQUALS && cursor.peek(1) !== GREATER && cursor.peek(1) !== EQUALS;
}

function atClosing(cursor: Cursor, closing: number, name: string): boolean {
  cursor.skipSpaces();
  if (cursor.at >= cursor.end) cursor.fail(`"${name}"`);
  return cursor.code === closing;
}

/** Steps over what parts two items, and says whether it was a space alone. */
function passSeparator(cursor: Cursor, closing: number, name: string): boolean {
  const spaced = cursor.code === SPACE;
  cursor.skipSpaces();
  if (cursor.code === COMMA) {
    cursor.at++;
    return false;
  }
  if (cursor.code === closing) return false;
  if (!spaced) cursor.fail(`"," or "${name}"`);
  return true;
}
