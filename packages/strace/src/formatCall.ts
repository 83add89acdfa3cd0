import { formatValue } from "./formatValue.ts";
import type { CallResult } from "./result.ts";
import type { Argument, Value } from "./value.ts";

/** The column at which strace sets results, if the call is not longer (`-a 40`). */
const RESULT_COLUMN = 40;
/** How wide the column of pids is at least (`%-5u`). */
const PID_WIDTH = 5;

/** A call to be written. */
export interface WrittenCall {
  /** A number, or the name that a scenario gave the process. */
  readonly pid?: number | string;
  readonly name: string;
  readonly args: readonly (Value | Argument)[];
  readonly result?: CallResult;
  /** A remark behind the result. */
  readonly comment?: string;
}

/**
 * Writes a call as `strace -f -o` does, results aligned.
 *
 * @example
 * formatCall({ pid: 12, name: "close", args: [decimalValue(3)], result: returned(0) });
 * // "12    close(3)                          = 0"
 */
export function formatCall(call: WrittenCall): string {
  const pid = call.pid === undefined ? "" : `${String(call.pid).padEnd(PID_WIDTH)} `;
  const written = `${pid}${call.name}(${call.args.map(formatArgument).join(", ")})`;
  if (call.result === undefined)
    return call.comment === undefined ? written : `${written} ${remark(call.comment)}`;
  const result = formatResult(call.result);
  const line = `${`${written} `.padEnd(RESULT_COLUMN)}= ${result}`;
  return call.comment === undefined ? line : `${line} ${remark(call.comment)}`;
}

/**
 * Writes a result, without the equals sign.
 *
 * @example
 * formatResult(failed("EPERM")); // "-1 EPERM (Operation not permitted)"
 */
export function formatResult(result: CallResult): string {
  const parts = [formatReturn(result)];
  const { error, message, note, injection, comment } = result;
  if (error !== undefined) parts.push(error.startsWith("errno ") ? `(${error})` : error);
  if (message !== undefined) parts.push(`(${message})`);
  if (note !== undefined) parts.push(isUnavailable(result) ? `<${note}>` : `(${note})`);
  if (result.injected)
    parts.push(injection === undefined ? "(INJECTED)" : `(INJECTED: ${injection})`);
  if (result.delayed) parts.push("(DELAYED)");
  if (comment !== undefined) parts.push(remark(comment));
  return parts.join(" ");
}

/**
 * Strace says so in angle brackets where the process was gone before it could look at the result.
 */
function isUnavailable(result: CallResult): boolean {
  return result.unknown && result.note === "unavailable";
}

function formatReturn(result: CallResult): string {
  if (result.expression !== undefined) return formatValue(result.expression);
  if (result.value === undefined) return "?";
  const number = formatNumber(result.value, result.base);
  if (result.target === undefined) return number;
  return `${number}<${result.target}>${result.isTargetDeleted ? "(deleted)" : ""}`;
}

function formatNumber(value: number | bigint, base: 8 | 16 | undefined): string {
  if (base === undefined) return String(value);
  // A mask has three digits at least (`%#03lo`).
  return base === 16 ? `0x${value.toString(16)}` : `0${value.toString(8)}`.padStart(3, "0");
}

/** Names an argument where the call does: `child_stack=NULL`. */
export function formatArgument(argument: Value | Argument): string {
  if ("kind" in argument) return formatValue(argument);
  const value = formatValue(argument.value);
  return argument.name === undefined ? value : `${argument.name}=${value}`;
}

/** A comment; the sign that would end it is set apart, and it stays on its line. */
function remark(text: string): string {
  return `/* ${text.replaceAll("*/", "* /").replaceAll("\n", " ")} */`;
}
