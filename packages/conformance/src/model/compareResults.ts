import type { Operation } from "../program/program.ts";
import type { OperationResult } from "../program/result.ts";

/**
 * Whether a real kernel's result of an operation is what the model says. What the model does not
 * know of (a file, a call) is no difference.
 */
export function resultsMatch(
  operation: Operation,
  seen: OperationResult,
  modelled: OperationResult,
): boolean {
  if (modelled.state === "unmodelled") return true;
  if (seen.state !== modelled.state) return false;
  switch (seen.state) {
    case "done":
      if (operation.kind === "read") return textOf(seen) === textOf(modelled);
      return seen.value === modelled.value && samePayload(seen, modelled);
    case "faulted":
      return (
        seen.value === modelled.value &&
        seen.signal === modelled.signal &&
        seen.code === modelled.code &&
        seen.address === modelled.address &&
        samePayload(seen, modelled)
      );
    case "died":
      return seen.signal === modelled.signal;
    case "not-reached":
    case "absent":
    case "hung":
      return true;
  }
}

/** A page above the user's half that x86-64 appends to maps: it is no area. */
const VSYSCALL = /^ffffffffff600000-.*\n/m;

/**
 * What an observation of maps says, for people and for comparing. Numbers of shared memory's own
 * files count up as the machine runs: they are told apart, and that is all.
 */
export function textOf({ value, payload }: OperationResult): string {
  if (value < 0n) return `error ${-value}`;
  const text = Buffer.from(payload ?? []).toString("latin1");
  const numbers = new Map<string, number>();
  return text
    .replace(VSYSCALL, "")
    .replace(SHARED_MEMORY, (_, start: string, inode: string) => {
      const number = numbers.get(inode) ?? numbers.size + 1;
      numbers.set(inode, number);
      return `${start}:#${number} /dev/zero (deleted)`;
    })
    .replaceAll(" \n", "\n");
}

const SHARED_MEMORY = /^(\S+ \S+ \S+ \d\d):(\d\d \d+) +\/dev\/zero \(deleted\)$/gm;

function samePayload(a: OperationResult, b: OperationResult): boolean {
  return Buffer.compare(a.payload ?? new Uint8Array(), b.payload ?? new Uint8Array()) === 0;
}
