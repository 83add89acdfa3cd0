import { firstUnread, readArguments } from "./arguments.ts";
import { OPEN_PAREN, isDigit } from "./characters.ts";
import { Cursor } from "./cursor.ts";
import { Frame } from "./frame.ts";
import { type GrammarFailure, reading } from "./grammarError.ts";
import type { CallResult } from "./result.ts";
import { ResultReader } from "./resultReader.ts";
import type { Argument } from "./value.ts";

/** One call as it stands in a line: without the columns, perhaps without a result. */
export interface CallText {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly result?: CallResult;
}

/**
 * Reads one call. Scenarios are made of these: the result is left out where nothing is expected,
 * and may be a value, `= $heap + 4096`.
 *
 * @example
 * parseCallText("close(3) = 0"); // { name: "close", args: [ … ], result: { value: 0, … } }
 * parseCallText("close(3"); // { error: { column: 8, expected: '")"' } }
 */
export function parseCallText(text: string): CallText | GrammarFailure {
  return reading(() => {
    const cursor = new Cursor(text);
    cursor.skipSpaces();
    const name = isDigit(cursor.code) ? "" : cursor.takeName();
    if (name === "") cursor.fail("the name of a call");
    if (cursor.code !== OPEN_PAREN) cursor.fail('"("');
    const frame = new Frame();
    frame.scan(text, cursor.at + 1, text.length, 1);
    const opened = cursor.at + 1;
    const args = readArguments(text.slice(opened, frame.argumentsEnd));
    const unread = firstUnread(args);
    if (unread !== undefined) {
      cursor.at = opened + unread.column - 1;
      cursor.fail(unread.expected);
    }
    cursor.at = frame.argumentsEnd;
    if (frame.end !== "closed") cursor.fail('")"');
    cursor.at++;
    cursor.skipSpaces();
    if (cursor.at === cursor.end) return { name, args };
    const results = new ResultReader({ allowsExpression: true });
    const result = results.read(text, cursor.at, text.length);
    if (result !== undefined) return { name, args, result };
    cursor.at = results.failedAt;
    return cursor.fail(results.expected);
  });
}
