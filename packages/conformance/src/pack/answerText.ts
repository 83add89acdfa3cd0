import { errnoName, SIG } from "@kadvise/uapi";
import { textOf } from "../model/compareResults.ts";
import type { OperationResult, ProgramResult } from "../program/result.ts";
import type { CaseStep, Window } from "./compileCase.ts";

const PAGE_BYTES = 4096n;

/**
 * What came of a step, as the pack writes it. The C runner writes the same of what it saw:
 * `answer.c` is this file in C.
 *
 * - a call: its value, `ok` where the value says nothing, or the name of its error;
 * - `touch` and `store`: `ok`, or the signal and how many bytes or touches came before it;
 * - `load`: the bytes in quotes, or the signal;
 * - `maps`: each area by its pages, counted from the first one asked for, and permissions.
 */
export function answerText(step: CaseStep, { operations }: ProgramResult): string {
  if (step.shows === "made") return madeText(step, operations);
  const result = operations[step.operations.at(-1) ?? -1];
  switch (result?.state) {
    case "faulted":
      return `${signalName(result.signal)} after ${result.value}`;
    case "died":
      return `ended by ${signalName(result.signal)}`;
    case "done":
      break;
    case "absent":
    case "hung":
    case "not-reached":
    case "unmodelled":
    case undefined:
      throw new TypeError(`"${step.line}" has no answer: ${result?.state ?? "no operation"}`);
  }
  return step.window === undefined
    ? valueText(step, result)
    : areasText(result, startOf(step.window, operations), BigInt(step.window.bytes));
}

/** Whether every call went well that makes a process what it is to be. */
function madeText(step: CaseStep, operations: readonly OperationResult[]): string {
  const failed = step.operations
    .map((i) => operations[i])
    .find((result) => result !== undefined && result.value < 0n);
  return failed === undefined ? "ok" : errorText(failed.value);
}

function valueText({ shows }: CaseStep, { value, payload }: OperationResult): string {
  if (value < 0n && value >= -4095n) return errorText(value);
  switch (shows) {
    case "number":
      return String(value);
    case "process":
      return value === 0n ? "0" : "ok";
    case "bytes":
      return quoted(payload ?? new Uint8Array());
    case "success":
    case "access":
    case "areas":
    case "made":
      return "ok";
  }
}

function errorText(value: bigint): string {
  return errnoName(Number(-value)) ?? `error ${-value}`;
}

function signalName(signal: number | undefined): string {
  const found = Object.entries(SIG).find(([, number]) => number === signal);
  return found?.[0] ?? `signal ${signal ?? 0}`;
}

/** Letters, digits and blanks as they are, other bytes as `\xNN`. */
function quoted(bytes: Uint8Array): string {
  const letters = Array.from(bytes, (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w ]/.test(letter) ? letter : `\\x${byte.toString(16).padStart(2, "0")}`;
  });
  return `"${letters.join("")}"`;
}

function startOf({ address }: Window, operations: readonly OperationResult[]): bigint {
  if (typeof address !== "object") return BigInt.asUintN(64, BigInt(address));
  if (!("result" in address)) throw new TypeError("maps is asked of memory that a case mapped");
  return (operations[address.result]?.value ?? 0n) + BigInt(address.plus ?? 0);
}

/** `0-2 rw-p, 3-4 ---p`: page 2 is a hole. */
function areasText(result: OperationResult, start: bigint, bytes: bigint): string {
  if (result.value < 0n) return errorText(result.value);
  const areas: string[] = [];
  for (const line of textOf(result).split("\n")) {
    const [, from, to, permissions] = /^([0-9a-f]+)-([0-9a-f]+) (\S+)/.exec(line) ?? [];
    if (from === undefined || to === undefined || permissions === undefined) continue;
    const first = larger(BigInt(`0x${from}`), start);
    const last = smaller(BigInt(`0x${to}`), start + bytes);
    if (first >= last) continue;
    areas.push(`${(first - start) / PAGE_BYTES}-${(last - start) / PAGE_BYTES} ${permissions}`);
  }
  return areas.length === 0 ? "none" : areas.join(", ");
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
