import { DONE, MAP, PROT, type Refusal, type Result } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { VM_EXEC, VM_LOCKED, VM_READ, VM_SHARED, VM_WRITE } from "./flags.ts";
import { map } from "./map.ts";
import { reasons } from "./reasons.ts";
import { endIfUnmapped } from "./sharedMemory.ts";
import { unveil } from "./unveil.ts";

/** remap_file_pages' arguments behind the system call's own checks. */
export interface RemapFileRequest {
  readonly at: number;
  readonly pages: number;
  readonly offsetPages: number;
  /** MAP_NONBLOCK, or nothing. */
  readonly flags: number;
}

/**
 * Shows other pages of a file in part of its mapping: since 4.0 as a new mapping in its place, with
 * the rights of the old one, and nothing else of it but that it is locked. Linux: mm/mmap.c
 * remap_file_pages
 */
export function remapFile(
  mm: AddressSpace,
  { at, pages, offsetPages, flags }: RemapFileRequest,
  actor: Actor,
): Result<undefined> {
  const { checks } = mm.memory.ports;
  unveil(mm, at, at + pages);
  const area = mm.areas.at(at);
  const backing = area < 0 ? null : (mm.areas.backing[area] ?? null);
  const old = area < 0 ? 0 : mm.areas.flags[area];
  if (backing === null || (old & VM_SHARED) === 0)
    return reasons.refuse(checks, "remap_file_pages/not-shared", addressOf(mm, at));
  reasons.passed(checks, "remap_file_pages/not-shared", addressOf(mm, at));
  const differs = otherWithin(mm, area, at + pages);
  if (differs !== undefined) return differs;
  // A file does not end with the old mapping: a new one of it comes at once. A segment may.
  hold(mm, backing, 1);
  const mapped = map(
    mm,
    {
      ...{ at, pages, offsetPages, backing, mayEnd: true },
      prot:
        ((old & VM_READ) !== 0 ? PROT.PROT_READ : 0) |
        ((old & VM_WRITE) !== 0 ? PROT.PROT_WRITE : 0) |
        ((old & VM_EXEC) !== 0 ? PROT.PROT_EXEC : 0),
      flags:
        (flags & MAP.MAP_NONBLOCK) |
        (MAP.MAP_SHARED | MAP.MAP_FIXED | MAP.MAP_POPULATE) |
        ((old & VM_LOCKED) !== 0 ? MAP.MAP_LOCKED : 0),
    },
    actor,
  );
  hold(mm, backing, -1);
  return mapped.ok ? DONE : mapped;
}

/** Whether something else lies in the range: everything must show the file in the same way. */
function otherWithin(mm: AddressSpace, first: number, end: number): Refusal | undefined {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  const id = "remap_file_pages/several-mappings";
  for (let area = first; areas.end[area] < end;) {
    const next = areas.next(area);
    const isSame =
      next >= 0 &&
      areas.start[next] === areas.end[area] &&
      areas.backing[next] === areas.backing[first] &&
      areas.flags[next] === areas.flags[first] &&
      areas.keyOf(next) === areas.keyOf(first);
    if (!isSame) return reasons.refuse(checks, id, addressOf(mm, areas.end[area]));
    area = next;
  }
  reasons.passed(checks, id, addressOf(mm, areas.start[first]));
  return undefined;
}

function hold(mm: AddressSpace, backing: Backing, by: 1 | -1): void {
  const { object } = backing;
  if (object.mappings === undefined || backing.closes === true) return;
  mm.memory.ports.journal.save(object, "mappings");
  object.mappings += by;
  endIfUnmapped(mm.memory, backing);
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
