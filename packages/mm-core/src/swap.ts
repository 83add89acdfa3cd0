import type { Journal } from "@kadvise/ports";

/** What lies in a swap slot. */
export interface SwapSlot {
  /** How many page-table entries, or pages of shared memory, name the slot. */
  readonly count: number;
  /** The bytes as last written out; undefined for zeros. */
  readonly bytes: Uint8Array | undefined;
  /** The frame that still holds the page (swap cache), or 0. */
  readonly frame: number;
}

/** The machine's swap space: slots by number, from 1 on. */
export class Swap {
  readonly slots: Map<number, SwapSlot> = new Map();
  private readonly journal: Journal;
  private next = 1;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** A slot for a page that a frame holds; nothing names it yet. */
  allocate(frame: number): number {
    this.journal.save(this, "next");
    const slot = this.next++;
    this.journal.saveEntry(this.slots, slot);
    this.slots.set(slot, { count: 0, bytes: undefined, frame });
    return slot;
  }

  get(slot: number): SwapSlot {
    const found = this.slots.get(slot);
    if (found === undefined) throw new RangeError(`swap slot ${slot} is empty`);
    return found;
  }

  /** One more or one fewer names a slot; one that nothing names and no frame holds is free. */
  count(slot: number, change: 1 | -1): void {
    const content = this.writable(slot);
    content.count += change;
    this.freeIfUnused(slot, content);
  }

  /** The page is written out. */
  write(slot: number, bytes: Uint8Array | undefined): void {
    this.writable(slot).bytes = bytes?.slice();
  }

  /** A frame holds the page, or none (0) does any more. */
  hold(slot: number, frame: number): void {
    const content = this.writable(slot);
    content.frame = frame;
    this.freeIfUnused(slot, content);
  }

  /** A slot to change: a copy while somebody records, so that the old one can come back. */
  private writable(slot: number): Writable<SwapSlot> {
    const old = this.get(slot);
    if (!this.journal.recording) return old;
    const copy = { ...old };
    this.journal.saveEntry(this.slots, slot);
    this.slots.set(slot, copy);
    return copy;
  }

  private freeIfUnused(slot: number, { count, frame }: SwapSlot): void {
    if (count === 0 && frame === 0) this.slots.delete(slot);
  }
}

type Writable<T> = { -readonly [key in keyof T]: T[key] };
