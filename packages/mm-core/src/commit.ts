import type { Refusal } from "@kadvise/uapi";
import { MODEST_PAGES } from "./accounting.ts";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCOUNT, VM_DONTCOPY } from "./flags.ts";
import type { Memory } from "./memory.ts";
import { reasons } from "./reasons.ts";

/** Each processor keeps some of the count to itself in mode 2. Linux: mm/mm_init.c mm_compute_batch */
const LAG = 1 / 256;
const LEAST_LAG = 32;

/** What is to be promised. */
export interface Promised {
  /** The area's: without VM_ACCOUNT there is nothing to ask. */
  readonly flags: number;
  /** By how much the promises grow: what a MAP_FIXED replaces is given back. */
  readonly pages: number;
  /** What is asked for at once, where that is something else: what mode 0 looks at. */
  readonly asked?: number;
}

/**
 * Whether the machine promises so many pages more. Linux: mm/util.c __vm_enough_memory
 *
 * Mode 0 looks at the request alone, mode 1 at nothing; mode 2 at all that was promised, and keeps a
 * reserve for root and for others than a large process.
 */
export function mayCommit(
  mm: AddressSpace,
  { flags, pages, asked = pages }: Promised,
  actor: Actor,
): Refusal | undefined {
  if ((flags & VM_ACCOUNT) === 0) return undefined;
  const { settings, ports } = mm.memory;
  if (settings.values.overcommit !== 2) {
    if (asked <= MODEST_PAGES) return undefined;
    const mode = settings.get("overcommit");
    if (mode === 1) return undefined;
    const most = settings.get("commitPages");
    if (mode === 0)
      return asked > most || !isWithinUnstated(mm, asked, most)
        ? reasons.refuse(ports.checks, "mmap/commit-limit", asked, most)
        : undefined;
  }
  return asked === 0 ? undefined : withinLimit(mm, pages, actor);
}

/** Of a recorded machine nobody may have said how much memory it has. */
function isWithinUnstated(mm: AddressSpace, asked: number, most: number): boolean {
  if (!mm.touchedUnseen || most !== Number.POSITIVE_INFINITY) return true;
  return mm.memory.ports.choices.choose<boolean>({
    id: "mm/commit-pages",
    usual: true,
    allows: () => true,
    describe: () => `whether the machine has ${asked} pages of memory and swap`,
    alternatives: [true, false],
  });
}

/** Mode 2. Linux: mm/util.c __vm_enough_memory, vm_commit_limit */
function withinLimit(mm: AddressSpace, pages: number, actor: Actor): Refusal | undefined {
  const { memory } = mm;
  const { settings, ports } = memory;
  const { adminReservePages, userReservePages } = settings.values;
  const limit =
    settings.get("commitLimitPages") -
    (actor.capable("CAP_SYS_ADMIN") ? 0 : adminReservePages) -
    Math.floor(Math.min(mm.totalPages / 32, userReservePages));
  const promised = committedPages(memory) + pages;
  return fits(memory, promised, limit)
    ? undefined
    : reasons.refuse(ports.checks, "mmap/commit-limit", promised, limit);
}

/** The count lags behind by what processors keep to themselves: near the limit it may go either way. */
function fits(memory: Memory, promised: number, limit: number): boolean {
  const isBelow = promised < limit;
  const { settings, ports } = memory;
  const lag = Math.max(LEAST_LAG, settings.values.commitPages * LAG);
  if (Math.abs(promised - limit) > lag) return isBelow;
  return ports.choices.choose<boolean>({
    id: "mm/commit-lag",
    usual: isBelow,
    allows: () => true,
    describe: () => `whether ${promised} promised pages are seen to pass ${limit}`,
    alternatives: [true, false],
  });
}

/** Committed_AS: what the machine has promised, in pages. */
export function committedPages(memory: Memory): number {
  let pages = memory.settings.values.committedPages + memory.sharedPromises;
  for (const mm of memory.spaces) pages += mm.promisedPages;
  for (const { object, pages: cached, slots } of memory.caches)
    if (object.kind === "shmem" && object.promisedPages === undefined)
      pages += cached.size + slots.size;
  return pages;
}

/** Whether the machine promises a child all that its parent was. Linux: kernel/fork.c dup_mmap */
export function mayCommitFork(mm: AddressSpace, actor: Actor): Refusal | undefined {
  if (mm.memory.settings.values.overcommit !== 2) return undefined;
  const { areas } = mm;
  let pages = 0;
  for (const area of areas) {
    if ((areas.flags[area] & (VM_ACCOUNT | VM_DONTCOPY)) !== VM_ACCOUNT) continue;
    pages += areas.end[area] - areas.start[area];
  }
  return pages === 0 ? undefined : withinLimit(mm, pages, actor);
}
