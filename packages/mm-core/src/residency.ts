import { type Result, success } from "@kadvise/uapi";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { indexOf } from "./filePage.ts";
import { VM_HUGETLB, VM_LOCKED, VM_LOCKONFAULT, VM_UNSTATED } from "./flags.ts";
import { F_NOT_READY } from "./frames.ts";
import { P_PRESENT, P_SWAP } from "./pageTable.ts";
import { reasons } from "./reasons.ts";
import { unveil } from "./unveil.ts";

/** A page of which nobody can say whether it is resident. */
const OPEN = 2;

/**
 * One byte a page for [start, end): 1 for resident. Refused at the first hole; what lies before it
 * was written.
 *
 * Linux: mm/mincore.c do_mincore, mincore_pte_range. Of a file that the caller neither owns nor may
 * write, every page counts as resident: the answer would tell what other programs read; and so does
 * every page of the vdso and its data.
 */
export function residency(
  mm: AddressSpace,
  start: number,
  end: number,
  actor: Actor,
  outputOffset = 0,
): Result<Uint8Array> {
  const { areas } = mm;
  const { checks } = mm.memory.ports;
  unveil(mm, start, end, "mincore");
  const bytes = new Uint8Array(end - start);
  let from = start;
  let open = false;
  while (from < end) {
    const area = areas.find(from);
    if (area < 0 || areas.start[area] > from) {
      return reasons.refuse(
        checks,
        "mincore/hole",
        `0x${(from * mm.memory.pageBytes).toString(16)}`,
      );
    }
    const to = Math.min(end, areas.end[area]);
    const hidden = isHidden(areas.backing[area] ?? null, actor);
    for (let page = from; page < to; page++) {
      const byte = hidden ? 1 : resident(mm, area, page);
      bytes[page - start] = byte;
      open ||= byte === OPEN;
    }
    from = to;
  }
  return success(open ? observedResidency(mm, bytes, start, end, outputOffset) : bytes);
}

/** Linux: mm/mincore.c can_do_mincore: the kernel's own mappings have no file to ask. */
function isHidden(backing: Backing | null, actor: Actor): boolean {
  if (backing === null) return false;
  return backing.object.kind === "special" || !actor.ownsOrMayWrite(backing.object);
}

function resident(mm: AddressSpace, area: number, page: number): number {
  const bits = mm.pages.bitsOf(page);
  if ((bits & P_PRESENT) !== 0) return mm.touchedUnseen && !isPinned(mm, area) ? OPEN : 1;
  const flags = mm.areas.flags[area];
  const backing = mm.areas.backing[area] ?? null;
  if ((flags & VM_UNSTATED) !== 0) return OPEN;
  // What may not be touched now may have been touched before it lost its rights.
  if (mm.touchedUnseen) return OPEN;
  if ((bits & P_SWAP) !== 0) return isInSwapCache(mm, mm.pages.valueOf(page));
  // Of huge pages Linux looks at the entries alone: mm/mincore.c mincore_hugetlb.
  if (backing === null || (flags & VM_HUGETLB) !== 0) return 0;
  const cache = mm.memory.cache(backing.object);
  const index = indexOf(mm, area, page);
  const frame = cache.get(index);
  // Linux: mm/mincore.c mincore_page, folio_test_uptodate
  if (frame !== 0) return (mm.memory.frames.flags[frame] & F_NOT_READY) === 0 ? 1 : 0;
  const slot = cache.slots.get(index);
  return slot === undefined ? 0 : isInSwapCache(mm, slot);
}

function isInSwapCache(mm: AddressSpace, slot: number): number {
  return mm.memory.swap.get(slot).frame === 0 ? 0 : 1;
}

/** Locked memory stays where it is; anything else may be reclaimed while nobody looks. */
function isPinned(mm: AddressSpace, area: number): boolean {
  return (mm.areas.flags[area] & (VM_LOCKED | VM_LOCKONFAULT)) === VM_LOCKED;
}

/**
 * Asks for what nobody saw: which pages the program touched, or the machine reclaimed, meanwhile.
 * What is seen may be only the beginning of the answer.
 */
function observedResidency(
  mm: AddressSpace,
  known: Uint8Array,
  start: number,
  end: number,
  offset: number,
): Uint8Array {
  const { pageBytes, ports } = mm.memory;
  const answer = ports.choices.choose<Uint8Array>({
    id: "mincore/residency",
    usual: known.map((byte) => (byte === OPEN ? 0 : byte)),
    allows: (seen) =>
      seen.every(
        (byte, i) => known[i] === undefined || known[i] === OPEN || known[i] === (byte & 1),
      ),
    describe: () => `the pages from 0x${(start * pageBytes).toString(16)} that the program touched`,
    pages: { start, end },
    output: "vec",
    fromOutput: (bytes) => bytes.subarray(offset),
  });
  return known.map((byte, i) => (byte === OPEN ? (answer[i] ?? 0) & 1 : byte));
}
