import type { AddressSpace } from "./addressSpace.ts";
import { VM_GROWSDOWN } from "./flags.ts";

/** A stack may grow so far unseen, where nothing lies nearer. */
const MOST_STACK_BYTES = 2 ** 30;

/**
 * Asks how far a stack in a range has grown, which nobody can say of a program that touches its
 * memory unseen. Linux: mm/vma.c expand_downwards, called by the fault
 */
export function askForGrowth(mm: AddressSpace, start: number, end: number): void {
  if (!mm.touchedUnseen && !mm.hasUnknown) return;
  const { areas, memory } = mm;
  const most = MOST_STACK_BYTES / memory.pageBytes;
  let area = areas.find(start);
  let hole = area < 0 || areas.previous(area) < 0 ? 0 : areas.end[areas.previous(area)];
  for (; area >= 0 && hole < end; hole = areas.end[area], area = areas.next(area)) {
    if ((areas.flags[area] & VM_GROWSDOWN) === 0) continue;
    const stack = areas.start[area];
    const from = Math.max(start, hole, stack - most);
    const to = Math.min(end, stack);
    if (from >= to) continue;
    memory.ports.choices.choose<never>({
      id: "mm/unseen-growth",
      usual: undefined as never,
      allows: () => false,
      describe: () => `how far the stack at page ${stack.toString(16)} has grown down`,
      pages: { start: from, end: to },
    });
  }
}
