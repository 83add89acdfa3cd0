import type { Journal } from "@kadvise/ports";
import { isData } from "./accounting.ts";
import { AddressSpace } from "./addressSpace.ts";
import {
  VM_ACCOUNT,
  VM_HUGETLB,
  VM_DONTCOPY,
  VM_LOCKED_MASK,
  VM_MAYBE_GUARD,
  VM_MIXEDMAP,
  VM_PFNMAP,
  VM_SHARED,
  VM_WIPEONFORK,
} from "./flags.ts";
import { F_ANON, F_EXCLUSIVE, F_HUGETLB, F_SHMEM } from "./frames.ts";
import { markHuge } from "./hugePage.ts";
import { unreserved } from "./hugetlb/reservation.ts";
import type { Memory } from "./memory.ts";
import {
  entryOf,
  LEAF_PAGES,
  nextLeaf,
  P_DIRTY,
  P_PRESENT,
  P_SWAP,
  P_WRITE,
  P_YOUNG,
  P_ZERO,
  type Leaf,
} from "./pageTable.ts";

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
  child.mergeAny = parent.mergeAny;
  child.hugeDisabled = parent.hugeDisabled;
  child.keys = parent.keys;
  child.executeOnlyKey = parent.executeOnlyKey;
  child.maySeal = parent.maySeal;
  child.touchedUnseen = parent.touchedUnseen;
  child.hasKnownBase = parent.hasKnownBase;
  for (const range of parent.veil.ranges()) child.veil.add(range.start, range.end);
  for (const range of parent.forgotten.ranges()) child.forgotten.add(range.start, range.end);
  memory.work.mmapLocks++;

  copyAreas(parent, child);
  memory.work.tlbFlushes++;
  return child;
}

/** Of what the child has nothing is noted: it goes as a whole when the fork is taken back. */
function copyAreas(parent: AddressSpace, child: AddressSpace): void {
  const { areas, memory } = parent;
  const copies = child.areas;
  const marks = memory.ports.journal.recording ? new Marks() : undefined;
  copies.copyFrom(areas);
  let anon = memory.newAnon(areas.count);
  const copiedAsTheyAre =
    COPIED_AS_THEY_ARE | (memory.features.hugetlbForksLazily ? 0 : VM_HUGETLB);
  for (const area of areas.order.list()) {
    const flags = areas.flags[area];
    copies.countMapping(area, 1);
    if ((flags & VM_DONTCOPY) !== 0) {
      copies.remove(area);
      continue;
    }
    const start = areas.start[area];
    const end = areas.end[area];
    const isAnonymous = areas.anon[area] !== 0;
    const isWiped = (flags & VM_WIPEONFORK) !== 0;
    copies.flags[area] = flags & ~VM_LOCKED_MASK;
    copies.anon[area] = isAnonymous && !isWiped ? anon++ : 0;
    if ((flags & VM_HUGETLB) !== 0) copies.backing[area] = unreserved(areas.backing[area]!);
    copies.inherited[area] = isAnonymous && !isWiped ? 1 : 0;
    child.totalPages += end - start;
    if (isData(flags)) child.dataPages += end - start;
    if ((flags & VM_ACCOUNT) !== 0) child.promisedPages += end - start;
    if (isWiped || (!isAnonymous && (flags & copiedAsTheyAre) === 0)) continue;
    copyEntries(parent, child, start, end, (flags & VM_SHARED) !== 0, marks);
  }
  marks?.note(memory);
}

/**
 * What a fork changes beside the child itself, while somebody records: noted by the table and by
 * the fork, not by the page.
 */
class Marks {
  private leaf: Leaf | undefined = undefined;
  /** Frames that one entry more shows; those that were owned alone. */
  readonly mapped: number[] = [];
  readonly owned: number[] = [];

  /** Entries of a table of the parent are about to lose the right to write. */
  protect(leaf: Leaf, journal: Journal): void {
    if (this.leaf !== leaf) journal.saveCells(leaf.bits, 0, LEAF_PAGES);
    this.leaf = leaf;
  }

  note({ frames, ports }: Memory): void {
    const { mapped, owned } = this;
    ports.journal.onUndo(() => {
      for (const frame of mapped) frames.mapCount[frame]--;
      for (const frame of owned) frames.flags[frame] |= F_EXCLUSIVE;
    });
  }
}

function copyEntries(
  parent: AddressSpace,
  child: AddressSpace,
  start: number,
  end: number,
  shared: boolean,
  marks: Marks | undefined,
): void {
  const { frames, folios, swap, ports } = parent.memory;
  const { flags, mapCount } = frames;
  const hasFolios = folios.count > 0;
  let anonymous = 0;
  let inFiles = 0;
  let inSharedMemory = 0;
  let huge = 0;
  for (
    let page = parent.pages.nextUsed(start, end);
    page < end;
    page = parent.pages.nextUsed(nextLeaf(page), end)
  ) {
    const leaf = parent.pages.at(page)!;
    if (leaf.used === 0) {
      // A table that shows nothing is copied too: it keeps a huge page from being made.
      child.pages.make(page);
      continue;
    }
    const from = entryOf(page);
    const to = Math.min(LEAF_PAGES, from + (end - page));
    if (!shared) marks?.protect(leaf, ports.journal);
    const copy = child.pages.make(page);
    for (let i = from; i < to; i++) {
      let bits = leaf.bits[i];
      if (bits === 0) continue;
      const value = leaf.value[i];
      if ((bits & P_PRESENT) !== 0 && (bits & P_ZERO) === 0) {
        const kind = flags[value];
        if (!shared) {
          bits &= ~P_WRITE;
          leaf.bits[i] = bits;
          if ((kind & F_EXCLUSIVE) !== 0) {
            flags[value] = kind & ~F_EXCLUSIVE;
            marks?.owned.push(value);
          }
        }
        mapCount[value]++;
        if (hasFolios) folios.countMapping(child, value, 1);
        marks?.mapped.push(value);
        if ((kind & F_HUGETLB) !== 0) huge++;
        else if ((kind & F_ANON) !== 0) anonymous++;
        else if ((kind & F_SHMEM) !== 0) inSharedMemory++;
        else inFiles++;
        // The child has not touched the page; a shared mapping's dirt belongs to the page, not to
        // this entry.
        bits &= ~P_YOUNG;
        if (shared && (kind & F_ANON) === 0) bits &= ~P_DIRTY;
      } else if ((bits & P_SWAP) !== 0) {
        bits &= ~P_WRITE;
        if (!shared) leaf.bits[i] = bits;
        swap.count(value, 1);
        child.swapEntries++;
      }
      copy.value[i] = value;
      copy.bits[i] = bits;
      copy.used++;
    }
    if (leaf.huge) markHuge(child, copy, true);
  }
  child.anonymousPages += anonymous;
  child.filePages += inFiles;
  child.sharedPages += inSharedMemory;
  child.hugetlbPages += huge;
}
