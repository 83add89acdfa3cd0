import type { Journal } from "@kadvise/ports";

/** What lies in a swap slot. */
export interface SwapSlot {
  /** How many entries name the slot. */
  readonly count: number;
  /** The bytes; undefined for zeros. */
  readonly bytes: Uint8Array | undefined;
  /** The frame that still holds the page (swap cache), or 0. */
  readonly cached: number;
}

/** The machine's swap space: slots by number, from 1 on. */
export class Swap {
  readonly slots: Map<number, SwapSlot> = new Map();
  private readonly journal: Journal;
  private next = 1;

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** Puts a page out; one entry names the slot. */
  store(bytes: Uint8Array | undefined): number {
    this.journal.save(this, "next");
    const slot = this.next++;
    this.put(slot, { count: 1, bytes, cached: 0 });
    return slot;
  }

  get(slot: number): SwapSlot {
    const found = this.slots.get(slot);
    if (found === undefined) throw new RangeError(`swap slot ${slot} is empty`);
    return found;
  }

  /** One more or one fewer entry names a slot; the last one frees it. */
  count(slot: number, change: 1 | -1): void {
    const old = this.get(slot);
    if (old.count + change === 0) {
      this.journal.saveEntry(this.slots, slot);
      this.slots.delete(slot);
    } else this.put(slot, { ...old, count: old.count + change });
  }

  /** Notes which frame holds a copy of the slot. */
  setCached(slot: number, frame: number): void {
    this.put(slot, { ...this.get(slot), cached: frame });
  }

  private put(slot: number, content: SwapSlot): void {
    this.journal.saveEntry(this.slots, slot);
    this.slots.set(slot, content);
  }
}
