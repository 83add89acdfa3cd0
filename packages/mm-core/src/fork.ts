import { countPages } from "./accounting.ts";
import { AddressSpace } from "./addressSpace.ts";
import {
  VM_DONTCOPY,
  VM_LOCKED_MASK,
  VM_MAYBE_GUARD,
  VM_MIXEDMAP,
  VM_PFNMAP,
  VM_SHARED,
  VM_WIPEONFORK,
} from "./flags.ts";
import { F_ANON, F_EXCLUSIVE } from "./frames.ts";
import {
  LEAF_PAGES,
  nextLeaf,
  P_DIRTY,
  P_PRESENT,
  P_SWAP,
  P_WRITE,
  P_YOUNG,
  P_ZERO,
} from "./pageTable.ts";
import { countResident } from "./zap.ts";

/** Areas of which fork copies the entries though none is anonymous. Linux: VM_COPY_ON_FORK, 7.0 */
const COPIED_AS_THEY_ARE: number = VM_PFNMAP | VM_MIXEDMAP | VM_MAYBE_GUARD;

/**
 * The copy that fork makes. Linux: kernel/fork.c dup_mmap, mm/memory.c copy_page_range
 *
 * Areas are copied as they stand, without merging, even where the reason for a cut is gone. Entries
 * are copied only where the area has anonymous pages: file pages are cheap to fault in again.
 * Private pages become read-only on both sides until somebody writes.
 */
export function forkAddressSpace(parent: AddressSpace): AddressSpace {
  const { memory } = parent;
  const child = new AddressSpace({ memory, layout: parent.layout });
  child.startBreak = parent.startBreak;
  child.break = parent.break;
  child.startStack = parent.startStack;
  child.startCode = parent.startCode;
  child.programDataBytes = parent.programDataBytes;
  child.endCode = parent.endCode;
  child.denyWriteExec = parent.denyWriteExec && !parent.denyWriteExecAlone;
  child.maySeal = parent.maySeal;
  child.touchedUnseen = parent.touchedUnseen;
  for (const range of parent.veil.ranges()) child.veil.add(range.start, range.end);
  for (const range of parent.forgotten.ranges()) child.forgotten.add(range.start, range.end);
  memory.work.mmapLocks++;

  const { areas } = parent;
  for (const area of areas) {
    const flags = areas.flags[area];
    if ((flags & VM_DONTCOPY) !== 0) continue;
    const childFlags = (flags & ~VM_LOCKED_MASK) >>> 0;
    const start = areas.start[area];
    const end = areas.end[area];
    const copy = child.areas.insert(
      start,
      end,
      childFlags,
      areas.offset[area],
      areas.backing[area] ?? null,
    );
    countPages(child, childFlags, end - start);
    if ((flags & VM_WIPEONFORK) !== 0) continue;
    if (areas.anon[area] === 0 && (flags & COPIED_AS_THEY_ARE) === 0) continue;
    if (areas.anon[area] !== 0) child.areas.setAnon(copy, memory.newAnon(), true);
    copyEntries(parent, child, start, end, (flags & VM_SHARED) !== 0);
  }
  memory.work.tlbFlushes++;
  return child;
}

function copyEntries(
  parent: AddressSpace,
  child: AddressSpace,
  start: number,
  end: number,
  shared: boolean,
): void {
  const { frames, swap, ports } = parent.memory;
  const { journal } = ports;
  for (
    let page = parent.pages.nextUsed(start, end);
    page < end;
    page = parent.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = parent.pages.at(page);
    if (leaf === undefined || leaf.used === 0) continue;
    const from = page % LEAF_PAGES;
    const to = Math.min(LEAF_PAGES, from + (end - page));
    if (!shared) journal.saveCells(leaf.bits, from, to);
    const copy = child.pages.make(page);
    for (let i = from; i < to; i++) {
      let bits = leaf.bits[i];
      if (bits === 0) continue;
      const value = leaf.value[i];
      if ((bits & P_PRESENT) !== 0 && (bits & P_ZERO) === 0) {
        if (!shared) {
          bits &= ~P_WRITE;
          leaf.bits[i] = bits;
          const flags = frames.flags[value];
          if ((flags & F_EXCLUSIVE) !== 0) frames.setFlags(value, flags & ~F_EXCLUSIVE);
        }
        frames.countMapping(value, 1);
        countResident(child, frames.flags[value], 1);
        // The child has not touched the page; a shared mapping's dirt belongs to the page, not to
        // this entry.
        bits &= ~P_YOUNG;
        if (shared && (frames.flags[value] & F_ANON) === 0) bits &= ~P_DIRTY;
      } else if ((bits & P_SWAP) !== 0) {
        swap.count(value, 1);
        child.swapEntries++;
      }
      copy.value[i] = value;
      copy.bits[i] = bits;
      copy.used++;
    }
  }
}
