import { endOfComment } from "./annotation.ts";
import type { Cursor } from "./cursor.ts";
import type { Value } from "./value.ts";

/**
 * Comments: strace says in them what a number means, how many items there are, or where an array
 * ended in thin air.
 */

/**
 * The inside of the comment at the cursor, stepped over; undefined where none starts, or none ends.
 */
export function takeComment(cursor: Cursor): string | undefined {
  if (!cursor.sees("/*")) return undefined;
  const end = endOfComment(cursor.text, cursor.at, cursor.end);
  if (end < 0) return undefined;
  const text = cursor.text.slice(cursor.at + 2, end - 1).trim();
  cursor.at = end + 1;
  return text;
}

/** The kinds of value that strace comments. */
type Commented = Extract<Value, { readonly comment?: string }>;

/** The value with the comment that stands behind it, if there is one. */
export function withComment<T extends Commented>(cursor: Cursor, value: T): T {
  const before = cursor.at;
  cursor.skipSpaces();
  const comment = takeComment(cursor);
  if (comment !== undefined) return { ...value, comment };
  cursor.at = before;
  return value;
}
