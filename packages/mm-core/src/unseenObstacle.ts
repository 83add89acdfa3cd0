import type { Refusal } from "@kadvise/uapi";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_UNSTATED } from "./flags.ts";
import { P_PRESENT } from "./pageTable.ts";
import { reasons } from "./reasons.ts";

/** What may keep a page of an area from being brought in that nobody saw being mapped. */
type Unstated = "none" | "fault" | "refused";

/**
 * What keeps pages of an area from being brought in, of which a record does not tell: that the file
 * ends before them, or what an area from before anybody watched is. `"refused"`: its kind forbids
 * it.
 *
 * Linux: mm/filemap.c filemap_fault, mm/gup.c check_vma_flags
 */
export function unseenObstacle(
  mm: AddressSpace,
  area: number,
  start: number,
  end: number,
): Refusal | "refused" | undefined {
  const { checks } = mm.memory.ports;
  const size = mm.areas.backing[area]?.object.sizeBytes ?? 0;
  const isOpen = Number.isNaN(size) && lacksPage(mm, start, end);
  if (isOpen && endsBefore(mm, end))
    return reasons.refuse(checks, "access/beyond-end", addressOf(mm, start));
  if ((mm.areas.flags[area] & VM_UNSTATED) === 0) return undefined;
  const unstated = askForUnstated(mm, start, end);
  if (unstated === "fault")
    return reasons.refuse(checks, "access/beyond-end", addressOf(mm, start));
  return unstated === "refused" ? "refused" : undefined;
}

/** What is mapped already is not asked of the file. */
function lacksPage({ pages }: AddressSpace, start: number, end: number): boolean {
  for (let page = start; page < end; page++)
    if ((pages.bitsOf(page) & P_PRESENT) === 0) return true;
  return false;
}

function endsBefore(mm: AddressSpace, end: number): boolean {
  return mm.memory.ports.choices.choose<boolean>({
    id: "file/unstated-size",
    usual: false,
    allows: () => true,
    describe: () => `whether the file ends before the page that ${addressOf(mm, end)} follows`,
    alternatives: [false, true],
  });
}

function askForUnstated(mm: AddressSpace, start: number, end: number): Unstated {
  return mm.memory.ports.choices.choose<Unstated>({
    id: "populate/unstated",
    usual: "none",
    allows: () => true,
    describe: () => `whether what was mapped before at ${addressOf(mm, start)} can be brought in`,
    alternatives: ["none", "fault", "refused"],
    pages: { start, end },
  });
}

/**
 * Whether one of the pages is poisoned: its memory failed, or userfaultfd said so. Nobody sees that
 * of a recorded program. Linux: mm/gup.c vm_fault_to_errno
 */
export function isPoisoned(mm: AddressSpace, start: number, end: number): boolean {
  if (!mm.touchedUnseen) return false;
  return mm.memory.ports.choices.choose<boolean>({
    id: "populate/poisoned",
    usual: false,
    allows: () => true,
    describe: () => `whether a page at ${addressOf(mm, start)} or behind it is poisoned`,
    alternatives: [false, true],
    pages: { start, end },
  });
}

function addressOf(mm: AddressSpace, page: number): string {
  return `0x${(page * mm.memory.pageBytes).toString(16)}`;
}
