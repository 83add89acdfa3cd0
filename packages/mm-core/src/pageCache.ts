import type { Journal } from "@kadvise/ports";
import type { PageObject } from "./backing.ts";

/** The pages of an object that are in memory, by page offset. */
export class PageCache {
  readonly object: PageObject;
  /** The number under which frames name this cache. */
  readonly id: number;
  readonly pages: Map<number, number> = new Map();
  /** Swap slots of pages of shared memory that were paged out. */
  readonly slots: Map<number, number> = new Map();
  /**
   * What lies on the disk where it is no longer what the object says: pages that were written back,
   * and holes (undefined).
   */
  readonly written: Map<number, Uint8Array | undefined> = new Map();
  /** Of a file of huge pages, those that the pool was asked for, by their number in the file. */
  readonly reserved: Map<number, true> = new Map();
  private readonly journal: Journal;

  constructor(journal: Journal, id: number, object: PageObject) {
    this.journal = journal;
    this.id = id;
    this.object = object;
  }

  /** The frame of a page, or 0. */
  get(index: number): number {
    return this.pages.get(index) ?? 0;
  }

  set(index: number, frame: number): void {
    this.journal.saveEntry(this.pages, index);
    if (frame === 0) this.pages.delete(index);
    else this.pages.set(index, frame);
  }

  setSlot(index: number, slot: number): void {
    this.journal.saveEntry(this.slots, index);
    if (slot === 0) this.slots.delete(index);
    else this.slots.set(index, slot);
  }

  /** The bytes of a page on the disk; undefined for zeros. */
  onDisk(index: number): Uint8Array | undefined {
    return this.written.has(index) ? this.written.get(index) : this.object.load?.(index);
  }

  /** Writes a page back; undefined for a hole. */
  writeBack(index: number, bytes: Uint8Array | undefined): void {
    this.journal.saveEntry(this.written, index);
    this.written.set(index, bytes?.slice());
  }
}

/**
 * The indices of a cache's pages or slots between two, ascending: Linux walks its tree in that
 * order, whatever came first.
 */
export function indicesWithin(
  pages: ReadonlyMap<number, number>,
  first: number,
  last: number,
): number[] {
  const within = [...pages.keys()].filter((index) => index >= first && index < last);
  return within.sort((a, b) => a - b);
}
