import type { Journal } from "@kadvise/ports";

/** The entry points to a frame. */
export const P_PRESENT = 0x01;
/** Accessed since somebody last looked. */
export const P_YOUNG = 0x02;
export const P_DIRTY = 0x04;
export const P_WRITE = 0x08;
/**
 * The entry holds a swap slot; with P_WRITE, of a page that nobody else had when it went there, nor
 * since by a fork. Linux: include/linux/pgtable.h pte_swp_exclusive
 */
export const P_SWAP = 0x10;
/** A guard marker: any access is a SIGSEGV. */
export const P_GUARD = 0x20;
/** The entry shows the shared page of zeros. */
export const P_ZERO = 0x40;
export const P_SOFT_DIRTY = 0x80;

/** Entries of one table. */
export const LEAF_PAGES = 512;

/**
 * The place of a page in its table. The lowest bits of a page index outlive the cut to 32; a
 * remainder of a number that large would be a call.
 */
export function entryOf(page: number): number {
  return page & (LEAF_PAGES - 1);
}

/** One page table: 512 entries, as a frame or slot number and a byte of bits each. */
export interface Leaf {
  readonly value: Uint32Array;
  readonly bits: Uint8Array;
  /** Entries that hold something. */
  used: number;
  /** One entry of the level above shows all pages at once: a huge page, or the one of zeros. */
  huge: boolean;
}

/**
 * The page tables of one address space: a map from the table's number (page index / 512) to the
 * table.
 *
 * The last table found is remembered: neighbouring areas share it.
 */
export class PageTable {
  readonly leaves: Map<number, Leaf> = new Map();
  private readonly journal: Journal;
  private lastKey = -1;
  private last: Leaf | undefined = undefined;
  /** The tables' numbers in order, while no table came or went since they were sorted. */
  private order: number[] | undefined = undefined;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** The table that holds a page, if there is one. */
  at(page: number): Leaf | undefined {
    const key = Math.floor(page / LEAF_PAGES);
    if (key === this.lastKey) return this.last;
    this.lastKey = key;
    this.last = this.leaves.get(key);
    return this.last;
  }

  /** The table that holds a page; made on first use. */
  make(page: number): Leaf {
    const found = this.at(page);
    if (found !== undefined) return found;
    const key = Math.floor(page / LEAF_PAGES);
    const value = new Uint32Array(LEAF_PAGES);
    const leaf = { value, bits: new Uint8Array(LEAF_PAGES), used: 0, huge: false };
    if (this.journal.recording) this.journal.onUndo(() => this.changed(this.leaves.delete(key)));
    this.changed(this.leaves.set(key, leaf));
    this.lastKey = key;
    this.last = leaf;
    return leaf;
  }

  /**
   * The first page from `page` on that has a table, or `end` if none has. A walk over terabytes of
   * untouched memory costs no more than the tables that exist.
   */
  nextUsed(page: number, end: number): number {
    if (page >= end || this.at(page) !== undefined) return Math.min(page, end);
    const key = Math.floor(page / LEAF_PAGES);
    if ((key + 1) * LEAF_PAGES >= end) return end;
    this.order ??= [...this.leaves.keys()].sort((a, b) => a - b);
    let low = 0;
    let high = this.order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.order[middle] <= key) low = middle + 1;
      else high = middle;
    }
    const next = this.order[low];
    return next === undefined ? end : Math.min(end, next * LEAF_PAGES);
  }

  /** The bits of a page's entry; 0 where there is none. */
  bitsOf(page: number): number {
    const leaf = this.at(page);
    return leaf === undefined ? 0 : leaf.bits[entryOf(page)];
  }

  /** What a page's entry points to. */
  valueOf(page: number): number {
    const leaf = this.at(page);
    return leaf === undefined ? 0 : leaf.value[entryOf(page)];
  }

  /** Writes an entry. */
  set(page: number, value: number, bits: number): void {
    const leaf = this.make(page);
    const i = entryOf(page);
    const old = leaf.bits[i];
    if (this.journal.recording) {
      this.journal.saveCell(leaf.value, i);
      this.journal.saveCell(leaf.bits, i);
      if ((old === 0) !== (bits === 0)) this.journal.save(leaf, "used");
    }
    leaf.value[i] = value;
    leaf.bits[i] = bits;
    if (old === 0 && bits !== 0) leaf.used++;
    else if (old !== 0 && bits === 0) leaf.used--;
  }

  /** Drops tables that hold nothing any more, between two pages. */
  prune(start: number, end: number): void {
    const first = Math.floor(start / LEAF_PAGES);
    const last = Math.ceil(end / LEAF_PAGES);
    if (last - first > this.leaves.size) {
      for (const key of [...this.leaves.keys()]) if (key >= first && key < last) this.drop(key);
    } else for (let key = first; key < last; key++) this.drop(key);
  }

  private drop(key: number): void {
    const leaf = this.leaves.get(key);
    if (leaf === undefined || leaf.used > 0) return;
    if (this.journal.recording) this.journal.onUndo(() => this.changed(this.leaves.set(key, leaf)));
    this.changed(this.leaves.delete(key));
  }

  /** Forgets what was remembered of the set of tables. */
  private changed(_: unknown): void {
    this.lastKey = -1;
    this.order = undefined;
  }
}

/** The first page of the table behind the one that holds a page. */
export function nextLeaf(page: number): number {
  return (Math.floor(page / LEAF_PAGES) + 1) * LEAF_PAGES;
}
