import { UnstatedFile } from "@kadvise/files";
import { AddressSpace } from "@kadvise/mm-core";
import { FileTable } from "@kadvise/pidfd";
import type { CallEvent } from "@kadvise/strace";
import { touchesIn, type Touch } from "./touch.ts";
import type { World } from "./world.ts";

/**
 * Makes unknown whatever a call may have changed of memory and descriptors: for a call of which
 * nobody can say when it took effect, or whether it did.
 */
export function forgetTouched(world: World, pid: number, event: CallEvent): void {
  for (const touch of touchesIn(world, pid, event)) {
    if (touch.writes === 0) continue;
    if (touch.what instanceof FileTable) touch.what.forgetAll(new UnstatedFile());
    forgetMemory(touch);
  }
}

/**
 * Makes unknown what memory a call looked at: where its result contradicts what is known of it, that
 * knowledge was wrong.
 */
export function forgetSeen(world: World, pid: number, event: CallEvent): void {
  for (const touch of touchesIn(world, pid, event)) forgetMemory(touch);
}

function forgetMemory({ what, start, end }: Touch): void {
  if (!(what instanceof AddressSpace)) return;
  const { pageBytes } = what.memory;
  const last = Math.min(Math.ceil(end / pageBytes), what.layout.limit);
  what.forget(Math.floor(start / pageBytes), last);
}

/** Whether a call's result speaks of memory that was there before. */
export function speaksOfMemory(name: string): boolean {
  return CONTRADICTS.test(name);
}
const CONTRADICTS =
  /^(munmap|mprotect|pkey_mprotect|m(un)?lock2?|msync|mincore|(process_)?madvise)$/;
