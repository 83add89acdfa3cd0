import { integerOf, type Value } from "@kadvise/strace";
import { constant } from "./constants.ts";

const EXITED = /^WIFEXITED\(s\) && WEXITSTATUS\(s\) == (\d+)$/;
const SIGNALED = /^WIFSIGNALED\(s\) && WTERMSIG\(s\) == (\w+)( && WCOREDUMP\(s\))?$/;
const STOPPED = /^WIFSTOPPED\(s\) && WSTOPSIG\(s\) == (\w+)$/;
const CONTINUED = /^WIFCONTINUED\(s\)$/;

/**
 * The status that `[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]` describes, as wait wrote it; undefined
 * if it is not shown.
 */
export function statusOf(value: Value): number | undefined {
  if (value.kind !== "array" || value.items.length === 0) return undefined;
  const item = value.items[0];
  if (item.kind !== "struct") {
    const number = integerOf(item, constant);
    return number === undefined ? undefined : Number(number);
  }
  const condition = item.bare[0];
  if (condition?.kind !== "condition") return undefined;
  const { text } = condition;
  const exited = EXITED.exec(text);
  if (exited !== null) return Number(exited[1]) << 8;
  const signaled = SIGNALED.exec(text);
  if (signaled !== null) return number(signaled[1]) | (signaled[2] === undefined ? 0 : 0x80);
  const stopped = STOPPED.exec(text);
  if (stopped !== null) return (number(stopped[1]) << 8) | 0x7f;
  return CONTINUED.test(text) ? 0xffff : undefined;
}

/** The words that strace prints for a status. */
export function statusText(status: number, signalName: (signal: number) => string): string {
  if ((status & 0x7f) === 0) return `[{WIFEXITED(s) && WEXITSTATUS(s) == ${(status >> 8) & 0xff}}]`;
  const core = (status & 0x80) !== 0 ? " && WCOREDUMP(s)" : "";
  return `[{WIFSIGNALED(s) && WTERMSIG(s) == ${signalName(status & 0x7f)}${core}}]`;
}

function number(word: string): number {
  return Number(constant(word) ?? word);
}
