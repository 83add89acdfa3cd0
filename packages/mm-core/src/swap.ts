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
    this.put(slot, { count: 0, bytes: undefined, frame });
    return slot;
  }

  get(slot: number): SwapSlot {
    const found = this.slots.get(slot);
    if (found === undefined) throw new RangeError(`swap slot ${slot} is empty`);
    return found;
  }

  /** One more or one fewer names a slot; one that nothing names and no frame holds is free. */
  count(slot: number, change: 1 | -1): void {
    const old = this.get(slot);
    this.put(slot, { ...old, count: old.count + change });
  }

  /** The page is written out. */
  write(slot: number, bytes: Uint8Array | undefined): void {
    this.put(slot, { ...this.get(slot), bytes: bytes?.slice() });
  }

  /** A frame holds the page, or none (0) does any more. */
  hold(slot: number, frame: number): void {
    this.put(slot, { ...this.get(slot), frame });
  }

  private put(slot: number, content: SwapSlot): void {
    this.journal.saveEntry(this.slots, slot);
    if (content.count === 0 && content.frame === 0) this.slots.delete(slot);
    else this.slots.set(slot, content);
  }
}
