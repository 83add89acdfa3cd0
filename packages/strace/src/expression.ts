import { takeFieldName } from "./brackets.ts";
import {
  BAR,
  EQUALS,
  GREATER,
  LESS,
  MINUS,
  PLUS,
  SLASH,
  SPACE,
  STAR,
  isDelimiter,
} from "./characters.ts";
import { Cursor } from "./cursor.ts";
import { type GrammarFailure, reading } from "./grammarError.ts";
import { readOperand } from "./operand.ts";
import type { Value } from "./value.ts";

/**
 * Values with operators between them: `A|B`, `1<<CAP_KILL`, `8192*1024`, `[88] => [0]`, `$heap +
 * 4096`.
 *
 * The operators bind as in C, loosest first; `=>`, which is strace's own, binds loosest of all.
 */
interface Operator {
  readonly symbol: "=>" | "|" | "<<" | "+" | "-" | "*";
  readonly level: number;
}

const CHANGE: Operator = { symbol: "=>", level: 1 };
const OR: Operator = { symbol: "|", level: 2 };
const SHIFT: Operator = { symbol: "<<", level: 3 };
const ADD: Operator = { symbol: "+", level: 4 };
const SUBTRACT: Operator = { symbol: "-", level: 4 };
const TIMES: Operator = { symbol: "*", level: 5 };

/**
 * Each operator but `|` makes the value one level deeper, and a deep value overflows whoever walks
 * it.
 */
const MAX_LINKS = 20;

/**
 * Reads a value and nothing else.
 *
 * @example
 * parseValue("PROT_READ|0x40"); // { kind: "flags", parts: [ … ] }
 * parseValue("{a="); // { error: { column: 4, expected: "a value" } }
 */
export function parseValue(text: string): Value | GrammarFailure {
  const cursor = new Cursor(text);
  return reading(() => {
    cursor.skipSpaces();
    const value = readValue(cursor);
    cursor.skipSpaces();
    if (cursor.at < cursor.end) cursor.fail("the end of the value");
    return value;
  });
}

/** Reads the value that starts at the cursor. */
export function readValue(cursor: Cursor): Value {
  cursor.enter();
  const value = readFrom(cursor, CHANGE.level);
  cursor.leave();
  return value;
}

/** Reads operands and the operators between them that bind at least as tightly as `level`. */
function readFrom(cursor: Cursor, level: number): Value {
  let left = readOperand(cursor, readValue);
  let flags: Value[] | undefined;
  for (let links = 0; ;) {
    const operator = isDelimiter(cursor.code) ? undefined : operatorAhead(cursor);
    if (operator === undefined || operator.level < level) return left;
    skipOperator(cursor, operator);
    const name = operator === CHANGE ? takeFieldName(cursor) : undefined;
    const right = readFrom(cursor, operator.level + 1);
    if (operator === OR) {
      if (flags === undefined) {
        flags = [left];
        left = { kind: "flags", parts: flags };
      }
      flags.push(right);
      continue;
    }
    if (++links > MAX_LINKS) cursor.fail("fewer operators");
    flags = undefined;
    left = join(operator, left, right);
    if (name !== undefined && left.kind === "change") left = { ...left, name };
  }
}

function operatorAhead(cursor: Cursor): Operator | undefined {
  let offset = 0;
  while (cursor.peek(offset) === SPACE) offset++;
  const next = cursor.peek(offset + 1);
  switch (cursor.peek(offset)) {
    case EQUALS:
      return next === GREATER ? CHANGE : undefined;
    case BAR:
      return next === BAR ? undefined : OR;
    case LESS:
      return next === LESS ? SHIFT : undefined;
    case STAR:
      return next === SLASH ? undefined : TIMES;
    case PLUS:
    case MINUS:
      // In a set, [1 -1] is two members: a sign is an operator if it has the same on both sides.
      if (offset > 0 !== (next === SPACE || next < 0)) return undefined;
      return cursor.peek(offset) === PLUS ? ADD : SUBTRACT;
    default:
      return undefined;
  }
}

function skipOperator(cursor: Cursor, operator: Operator): void {
  cursor.skipSpaces();
  cursor.take(operator.symbol);
  cursor.skipSpaces();
}

function join(operator: Operator, left: Value, right: Value): Value {
  switch (operator.symbol) {
    case "=>":
      return { kind: "change", before: left, after: right };
    case "<<":
      return { kind: "shift", left, right };
    case "*":
      return { kind: "product", left, right };
    case "+":
    case "-":
      return { kind: "sum", left, right, operator: operator.symbol };
    case "|":
      return { kind: "flags", parts: [left, right] };
  }
}
