import type { Journal } from "@kadvise/ports";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_LOCKED } from "./flags.ts";
import { F_DIRTY } from "./frames.ts";
import type { Memory } from "./memory.ts";
import {
  entryOf,
  LEAF_PAGES,
  P_DIRTY,
  P_PRESENT,
  P_SOFT_DIRTY,
  P_YOUNG,
  P_ZERO,
} from "./pageTable.ts";
import type { Leaf } from "./pageTable.ts";
import { markHuge } from "./hugePage.ts";
import { SKIP_SHARED } from "./tally.ts";
import { dropMapping } from "./zap.ts";

/** The frames of one huge page, as long as nobody splits it. Linux: struct folio of order 9 */
export interface LargeFolio {
  /** In the order of their pages; 0 where the page is gone. */
  readonly frames: Int32Array;
  /** Who maps how many pages of it. Linux: _mapcount, _mm_ids */
  readonly mappers: Map<AddressSpace, number>;
  /** How many of its frames are still there. */
  left: number;
}

/**
 * The machine's large folios. A huge page stays one after small entries show it: what COLD, PAGEOUT
 * and FREE do to one of its pages depends on all of it.
 */
export class LargeFolios {
  private readonly journal: Journal;
  private readonly folios: Map<number, LargeFolio> = new Map();
  /** The number of a frame's folio, or 0; made when the first is. */
  private numbers: Int32Array = new Int32Array(0);
  private last = 0;
  /** How many there are: a number, which is asked for every page that goes. */
  count = 0;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The folio that a frame belongs to, if it is a large one. */
  find(frame: number): LargeFolio | undefined {
    const number = frame < this.numbers.length ? this.numbers[frame] : 0;
    return number === 0 ? undefined : this.folios.get(number);
  }

  /** Makes one of new frames, each of which one process maps once. */
  make(mm: AddressSpace, frames: Int32Array): void {
    this.journal.save(this, "last");
    this.journal.save(this, "count");
    this.count++;
    const number = ++this.last;
    this.journal.saveEntry(this.folios, number);
    const left = frames.length;
    this.folios.set(number, { frames, mappers: new Map([[mm, left]]), left });
    for (const frame of frames) this.setNumber(frame, number);
  }

  /** One entry more, or one fewer, of a process shows a frame of it. */
  countMapping(mm: AddressSpace, frame: number, change: 1 | -1): void {
    const folio = this.find(frame);
    if (folio === undefined) return;
    this.journal.saveEntry(folio.mappers, mm);
    const count = (folio.mappers.get(mm) ?? 0) + change;
    if (count === 0) folio.mappers.delete(mm);
    else folio.mappers.set(mm, count);
  }

  /** A frame goes; the folio with the last. */
  release(frame: number): void {
    const folio = this.find(frame);
    if (folio === undefined) return;
    const i = folio.frames.indexOf(frame);
    if (this.journal.recording) this.journal.saveCells(folio.frames, i, i + 1);
    folio.frames[i] = 0;
    this.journal.save(folio, "left");
    if (--folio.left === 0) this.forget(this.numbers[frame]);
    this.setNumber(frame, 0);
  }

  /** The frames belong to themselves from now on. */
  dissolve(folio: LargeFolio): void {
    const left = folio.frames.filter((frame) => frame !== 0);
    // A split that gave all pages back has forgotten it with the last.
    if (left.length === 0) return;
    this.forget(this.numbers[left[0]]);
    for (const frame of left) this.setNumber(frame, 0);
  }

  private forget(number: number): void {
    this.journal.saveEntry(this.folios, number);
    this.journal.save(this, "count");
    this.folios.delete(number);
    this.count--;
  }

  private setNumber(frame: number, number: number): void {
    if (frame >= this.numbers.length) {
      const longer = new Int32Array(2 ** Math.ceil(Math.log2(frame + 1)));
      longer.set(this.numbers);
      this.numbers = longer;
    }
    this.journal.saveSlot(this, "numbers", frame);
    this.numbers[frame] = number;
  }
}

/**
 * Whether other processes may map a large folio. Linux: folio_maybe_mapped_shared; before 6.15
 * folio_likely_mapped_shared guessed from counts, and before 6.8 one page's count spoke for all.
 */
export function isFolioShared(
  { frames, features }: Memory,
  folio: LargeFolio,
  frame: number,
): boolean {
  const { mapCount } = frames;
  switch (features.hugeShared) {
    case "by-page":
      return mapCount[frame] !== 1;
    case "by-count": {
      const first = folio.frames[0];
      const total = folio.frames.reduce((sum, one) => sum + (one === 0 ? 0 : mapCount[one]), 0);
      return total > LEAF_PAGES || (first !== 0 && mapCount[first] > 1);
    }
    case "by-process":
      return folio.mappers.size > 1;
  }
}

/** Whether entries from one on show a whole folio in order. Linux: folio_pte_batch */
function showsWhole({ value, bits }: Leaf, from: number, to: number, folio: LargeFolio): boolean {
  if (from !== 0 || to !== LEAF_PAGES) return false;
  return value.every((frame, i) => frame === folio.frames[i] && (bits[i] & P_PRESENT) !== 0);
}

/**
 * COLD, PAGEOUT or FREE come to an entry that shows a page of a large folio: they pass it by where
 * others map it too, and split it where they mean only a part. `stop`: older releases leave the
 * rest of the table alone too. `whole`: all of the table is one, to be taken as one.
 *
 * Linux: mm/madvise.c madvise_cold_or_pageout_pte_range, madvise_free_pte_range
 */
export function meetFolio(
  mm: AddressSpace,
  leaf: Leaf,
  i: number,
  to: number,
): "small" | "whole" | "skip" | "stop" {
  const { memory } = mm;
  const isFrame = (leaf.bits[i] & (P_PRESENT | P_ZERO)) === P_PRESENT;
  const folio = isFrame ? memory.folios.find(leaf.value[i]) : undefined;
  if (folio === undefined) return "small";
  const isOld = memory.features.hugeShared === "by-page";
  const isWhole = !isOld && showsWhole(leaf, i, to, folio);
  if (isWhole) {
    const isShared = folio.frames.some((frame) => memory.frames.mapCount[frame] !== 1);
    if (!isShared) return "whole";
  } else if (!isFolioShared(memory, folio, leaf.value[i])) {
    splitFolio(mm, folio);
    return "small";
  }
  memory.tally.skipped[SKIP_SHARED]++;
  return isOld ? "stop" : "skip";
}

/**
 * Makes small pages of a large folio. All entries that show it are taken away for a moment; pages
 * that hold only zeros come back as the page of zeros, but in locked memory, since 6.12.
 *
 * Linux: mm/huge_memory.c split_huge_page, mm/migrate.c remove_migration_pte,
 * try_to_map_unused_to_zeropage
 */
export function splitFolio(mm: AddressSpace, folio: LargeFolio): void {
  const { folios } = mm.memory;
  const frames = new Set(folio.frames);
  for (const [space, count] of [...folio.mappers]) splitEntries(space, frames, count);
  folios.dissolve(folio);
}

/** Splits so many entries of one process that show frames of a folio. */
function splitEntries(mm: AddressSpace, frames: ReadonlySet<number>, count: number): void {
  const { journal } = mm.memory.ports;
  let left = count;
  for (const [key, leaf] of [...mm.pages.leaves]) {
    if (left === 0) return;
    let isNoted = false;
    for (let i = 0; i < LEAF_PAGES; i++) {
      if ((leaf.bits[i] & (P_PRESENT | P_ZERO)) !== P_PRESENT || !frames.has(leaf.value[i]))
        continue;
      if (!isNoted && journal.recording) {
        journal.saveCells(leaf.bits, 0, LEAF_PAGES);
        journal.saveCells(leaf.value, 0, LEAF_PAGES);
      }
      isNoted = true;
      markHuge(mm, leaf, false);
      splitEntry(mm, leaf, key * LEAF_PAGES + i);
      left--;
    }
  }
}

function splitEntry(mm: AddressSpace, leaf: Leaf, page: number): void {
  const { frames, features } = mm.memory;
  const i = entryOf(page);
  const frame = leaf.value[i];
  const bits = leaf.bits[i];
  const isLocked = (mm.areas.flags[mm.areas.at(page)] & VM_LOCKED) !== 0;
  if (features.splitFreesZeroPages && !isLocked && isAllZeros(mm.memory, frame)) {
    leaf.bits[i] = P_PRESENT | P_ZERO | (bits & P_SOFT_DIRTY);
    leaf.value[i] = 0;
    dropMapping(mm, frame, bits);
    return;
  }
  // The page learns of the dirt, which some releases leave to the entry too.
  if ((bits & P_DIRTY) !== 0) frames.setFlags(frame, frames.flags[frame] | F_DIRTY);
  if (!features.splitKeepsYoung) leaf.bits[i] = bits & ~(P_YOUNG | P_DIRTY);
}

/** Whether a frame holds nothing but zeros. */
export function isAllZeros({ frames }: Memory, frame: number): boolean {
  const bytes = frames.contents.get(frame);
  return bytes === undefined || bytes.every((byte) => byte === 0);
}
