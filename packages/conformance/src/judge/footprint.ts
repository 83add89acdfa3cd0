import { integerOf, type CallEvent } from "@kadvise/strace";
import { constant } from "../notation/constants.ts";

/** Calls that change what is mapped, and how. */
const CHANGES: ReadonlySet<string> = new Set([
  ...["mmap", "mmap2", "munmap", "mprotect", "mremap", "brk", "mlock", "mlock2", "munlock", "madvise", "mseal"],
]);

/** Calls whose answer depends on what is mapped. */
const READS: ReadonlySet<string> = new Set(["mincore", "msync", "process_madvise", ...CHANGES]);

/** The bytes of the address space that a memory call is about; undefined for another call. */
export function footprint(event: CallEvent): { readonly start: number; readonly end: number } | undefined {
  if (!READS.has(event.name)) return undefined;
  const result = event.result.error === undefined ? Number(event.result.value ?? 0) : 0;
  const at = event.name === "mmap" || event.name === "mmap2" ? result : number(event, 0);
  const length = number(event, 1);
  if (event.name === "brk" || at === undefined || length === undefined) {
    return { start: 0, end: Number.POSITIVE_INFINITY };
  }
  return { start: at, end: at + length };
}

/** Whether a call may change the address space of its own process. */
export function changesMemory(name: string): boolean {
  return CHANGES.has(name);
}

/** Whether two memory calls of one address space could tell in which order they were made. */
export function collide(a: CallEvent, b: CallEvent): boolean {
  if (!changesMemory(a.name) && !changesMemory(b.name)) return false;
  const x = footprint(a);
  const y = footprint(b);
  return x !== undefined && y !== undefined && x.start < y.end && y.start < x.end;
}

function number(event: CallEvent, i: number): number | undefined {
  const value = event.args[i]?.value;
  const found = value === undefined ? undefined : integerOf(value, constant);
  return found === undefined ? undefined : Number(found);
}
