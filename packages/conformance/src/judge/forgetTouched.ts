import { UnstatedFile } from "@kadvise/files";
import { AddressSpace } from "@kadvise/mm-core";
import { FileTable } from "@kadvise/pidfd";
import type { CallEvent } from "@kadvise/strace";
import { touchesIn } from "./touch.ts";
import type { World } from "./world.ts";

/**
 * Makes unknown whatever a call may have changed of memory and descriptors: for a call of which
 * nobody can say when it took effect, or whether it did.
 */
export function forgetTouched(world: World, pid: number, event: CallEvent): void {
  for (const { what, start, end, writes } of touchesIn(world, pid, event)) {
    if (writes === 0) continue;
    if (what instanceof FileTable) what.forgetAll(new UnstatedFile());
    if (!(what instanceof AddressSpace)) continue;
    const { pageBytes } = what.memory;
    const last = Math.min(Math.ceil(end / pageBytes), what.layout.limit);
    what.forget(Math.floor(start / pageBytes), last);
  }
}
