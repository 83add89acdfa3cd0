import type { Journal } from "@kadvise/ports";
import { Contents } from "./contents.ts";

/** Frame holds anonymous memory. */
export const F_ANON = 0x0001;
export const F_DIRTY = 0x0002;
export const F_REFERENCED = 0x0004;
export const F_ACTIVE = 0x0008;
/** On one of the LRU lists, so that advice can see it. */
export const F_LRU = 0x0010;
/** Needs swap to be reclaimed; cleared by MADV_FREE: such a page is simply dropped. */
export const F_SWAPBACKED = 0x0020;
/** One process owns the anonymous page alone and may write it in place. Linux: PG_anon_exclusive */
export const F_EXCLUSIVE = 0x0040;
/** The page also has a place in swap: {@link Frames.slots} names it. */
export const F_SWAPCACHE = 0x0200;
/** Page-cache page of shared memory (tmpfs, memfd, shared anonymous). */
export const F_SHMEM = 0x0400;
/** KSM merged pages into this one: nobody may write it in place. Linux: PageKsm */
export const F_KSM = 0x0800;
/** Made by fallocate, and nobody looked at it since: it counts as a page that is not there yet. */
export const F_NOT_READY = 0x1000;
/**
 * Waits in a batch of its CPU, which forgets or misses a use that it is told of meanwhile: nobody
 * knows when it is drained.
 */
export const F_BATCHED = 0x2000;
/** Part of a huge page of the pool; the first frame stands for the whole of it. */
export const F_HUGETLB = 0x0080;
export const F_HUGETLB_HEAD = 0x0100;
/** When it is given back, it is reserved again for whom it was. Linux: HPG_restore_reserve */
export const F_RESTORES = 0x4000;

/**
 * The machine's page frames, as typed columns; a frame is a row number from 1 on, 0 is no frame.
 *
 * Contents are kept apart and only for frames that were written: a page of zeros costs its columns
 * alone.
 */
export class Frames {
  flags: Uint16Array = new Uint16Array(1024);
  /** How many page-table entries point here. */
  mapCount: Int32Array = new Int32Array(1024);
  /** What the frames hold. */
  readonly contents: Contents;
  /** Which page of which object a page-cache frame is. */
  readonly places: Map<number, { readonly cache: number; readonly index: number }> = new Map();
  /** The swap slot of a frame in the swap cache. */
  readonly slots: Map<number, number> = new Map();
  private readonly journal: Journal;
  private free: Int32Array = new Int32Array(1024);
  private freeCount = 0;
  private rows = 1;

  constructor(journal: Journal) {
    this.journal = journal;
    this.contents = new Contents(journal);
  }

  /** Frames in use. */
  get inUse(): number {
    return this.rows - 1 - this.freeCount;
  }

  /** A frame with the given flags, to which so many entries are about to point. */
  allocate(flags: number, mapCount = 0): number {
    const { journal } = this;
    let frame: number;
    if (this.freeCount > 0) {
      frame = this.free[this.freeCount - 1]!;
      if (journal.recording) {
        journal.saveSlot(this, "free", this.freeCount - 1);
        journal.save(this, "freeCount");
      }
      this.freeCount--;
    } else {
      if (this.rows === this.flags.length) this.grow();
      frame = this.rows;
      if (journal.recording) journal.save(this, "rows");
      this.rows++;
    }
    if (journal.recording) {
      journal.saveSlot(this, "flags", frame);
      journal.saveSlot(this, "mapCount", frame);
    }
    this.flags[frame] = flags;
    this.mapCount[frame] = mapCount;
    return frame;
  }

  /** Gives a frame back. */
  release(frame: number): void {
    const { journal } = this;
    this.contents.drop(frame);
    if ((this.flags[frame] & F_ANON) === 0 && this.places.has(frame)) {
      journal.saveEntry(this.places, frame);
      this.places.delete(frame);
    }
    if (this.freeCount === this.free.length)
      this.free = larger(this.free, new Int32Array(this.free.length * 2));
    // What lay behind the last free one, who took it from there has noted.
    if (journal.recording) journal.save(this, "freeCount");
    this.free[this.freeCount++] = frame;
  }

  setFlags(frame: number, flags: number): void {
    if (this.journal.recording) this.journal.saveSlot(this, "flags", frame);
    this.flags[frame] = flags;
  }

  /** One more or one fewer entry points to a frame; returns how many do now. */
  countMapping(frame: number, change: 1 | -1): number {
    if (this.journal.recording) this.journal.saveSlot(this, "mapCount", frame);
    return (this.mapCount[frame] += change);
  }

  private grow(): void {
    const rows = this.flags.length * 2;
    this.flags = larger(this.flags, new Uint16Array(rows));
    this.mapCount = larger(this.mapCount, new Int32Array(rows));
  }
}

function larger<A extends Uint16Array | Int32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
