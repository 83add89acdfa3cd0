import type { Journal } from "@kadvise/ports";

/** The bytes of a row: most programs that touch a page write a word of it. */
const ROW_BYTES = 8;
/** A block has 2^10 rows. */
const BLOCK_SHIFT = 10;
/** Room that is made at first where a row is too short. A page is a multiple of it. */
const LONG_BYTES = 64;

/** How a frame's bytes are kept: the low two bits of its place, whose others are its row. */
const KIND_BITS = 2;
const KIND = 3;
const NONE = 0;
const SHORT = 1;
const LONG = 2;

/**
 * The bytes of frames that were written, and of file pages that were read, as far as they are known
 * to be more than zeros.
 *
 * A frame of which only the first few bytes were written has them in a row of a large block; it
 * keeps the row when it is used again. All others have an array of their own. Which it is stands in
 * a column: most pages that come and go have no bytes, and should cost no search.
 */
export class Contents {
  private readonly journal: Journal;
  /** By frame: how its bytes are kept, and its row, which may be 0 for none yet. */
  private places: Int32Array = new Int32Array(0);
  private readonly blocks: Uint8Array[] = [];
  /** Row 0 is none. */
  private rowCount = 1;
  private readonly long: Map<number, Uint8Array> = new Map();

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /**
   * The bytes of a frame, zeros behind them left out or not; undefined for zeros alone. Good until
   * something is written: who keeps them takes a copy.
   */
  get(frame: number): Uint8Array | undefined {
    const place = this.placeOf(frame);
    if ((place & KIND) !== SHORT) return (place & KIND) === LONG ? this.long.get(frame) : undefined;
    const at = rowStart(place);
    return this.block(place).subarray(at, at + ROW_BYTES);
  }

  /** Whether a frame holds zeros alone. */
  isZero(frame: number): boolean {
    return this.get(frame)?.every((byte) => byte === 0) ?? true;
  }

  /** Every frame that has bytes, with them. */
  *[Symbol.iterator](): IterableIterator<[number, Uint8Array]> {
    for (const frame of this.places.keys()) {
      const bytes = this.get(frame);
      if (bytes !== undefined) yield [frame, bytes];
    }
  }

  /** Writes the bytes [from, from + length) of an array to an offset of a frame. */
  write(frame: number, at: number, data: Uint8Array, from: number, length: number): void {
    const isShort = at + length <= ROW_BYTES && (this.placeOf(frame) & KIND) !== LONG;
    if (isShort) {
      const place = this.claim(frame);
      const start = rowStart(place) + at;
      const block = this.block(place);
      if (this.journal.recording) this.journal.saveCells(block, start, start + length);
      copyBytes(data, from, block, start, length);
    } else {
      const bytes = this.lengthen(frame, at + length);
      this.journal.saveCells(bytes, at, at + length);
      copyBytes(data, from, bytes, at, length);
    }
  }

  /** Reads bytes from an offset of a frame on into [to, to + length) of an array. */
  read(frame: number, at: number, into: Uint8Array, to: number, length: number): void {
    const place = this.placeOf(frame);
    let known = 0;
    if ((place & KIND) === SHORT) {
      known = Math.min(length, Math.max(0, ROW_BYTES - at));
      copyBytes(this.block(place), rowStart(place) + at, into, to, known);
    } else if ((place & KIND) === LONG) {
      const bytes = this.long.get(frame)!;
      known = Math.min(length, Math.max(0, bytes.length - at));
      copyBytes(bytes, at, into, to, known);
    }
    if (known < length) into.fill(0, to + known, to + length);
  }

  /** Gives a frame that has no bytes a copy of another's. */
  copy(from: number, to: number): void {
    const place = this.placeOf(from);
    if ((place & KIND) === LONG) this.put(to, this.long.get(from));
    if ((place & KIND) !== SHORT) return;
    const own = this.claim(to);
    copyBytes(this.block(place), rowStart(place), this.block(own), rowStart(own), ROW_BYTES);
  }

  /** Gives a frame a copy of other bytes in place of its own; `undefined` stands for zeros. */
  put(frame: number, bytes: Uint8Array | undefined): void {
    const copy = bytes?.slice();
    this.drop(frame);
    if (copy === undefined) return;
    if (copy.length <= ROW_BYTES) {
      const place = this.claim(frame);
      this.block(place).set(copy, rowStart(place));
    } else this.setLong(frame, copy);
  }

  /** A frame has no bytes any more. */
  drop(frame: number): void {
    const place = this.placeOf(frame);
    if ((place & KIND) === NONE) return;
    if ((place & KIND) === LONG) {
      this.journal.saveEntry(this.long, frame);
      this.long.delete(frame);
    }
    this.setPlace(frame, place & ~KIND);
  }

  private placeOf(frame: number): number {
    return frame < this.places.length ? this.places[frame] : 0;
  }

  private setPlace(frame: number, place: number): void {
    if (frame >= this.places.length) {
      const room = Math.max(256, 2 ** Math.ceil(Math.log2(frame + 1)));
      const places = new Int32Array(room);
      places.set(this.places);
      this.places = places;
    }
    if (this.journal.recording) this.journal.saveSlot(this, "places", frame);
    this.places[frame] = place;
  }

  private setLong(frame: number, bytes: Uint8Array): void {
    this.journal.saveEntry(this.long, frame);
    this.long.set(frame, bytes);
    this.setPlace(frame, (this.placeOf(frame) & ~KIND) | LONG);
  }

  private block(place: number): Uint8Array {
    return this.blocks[rowOf(place) >>> BLOCK_SHIFT];
  }

  /** The place of a frame's bytes in a row; if it had none, in one of zeros. */
  private claim(frame: number): number {
    const old = this.placeOf(frame);
    if ((old & KIND) === SHORT) return old;
    const place = (rowOf(old) === 0 ? this.newRow() << KIND_BITS : old & ~KIND) | SHORT;
    this.setPlace(frame, place);
    const block = this.block(place);
    const start = rowStart(place);
    if (this.journal.recording) this.journal.saveCells(block, start, start + ROW_BYTES);
    for (let i = 0; i < ROW_BYTES; i++) block[start + i] = 0;
    return place;
  }

  private newRow(): number {
    const row = this.rowCount;
    if (row >>> BLOCK_SHIFT === this.blocks.length)
      this.blocks.push(new Uint8Array(ROW_BYTES << BLOCK_SHIFT));
    if (this.journal.recording) this.journal.save(this, "rowCount");
    this.rowCount = row + 1;
    return row;
  }

  /** The bytes of a frame as an array of its own, up to `end` at least. */
  private lengthen(frame: number, end: number): Uint8Array {
    const bytes = this.get(frame);
    if (bytes !== undefined && bytes.length >= end && bytes.length > ROW_BYTES) return bytes;
    let room = LONG_BYTES;
    while (room < end) room *= 2;
    const longer = new Uint8Array(room);
    if (bytes !== undefined) longer.set(bytes);
    this.setLong(frame, longer);
    return longer;
  }
}

function rowOf(place: number): number {
  return place >>> KIND_BITS;
}

/** Where a row begins in its block. */
function rowStart(place: number): number {
  return (rowOf(place) & ((1 << BLOCK_SHIFT) - 1)) * ROW_BYTES;
}

/** A few bytes are moved sooner than a view of them is made. */
const FEW_BYTES = 64;

function copyBytes(
  from: Uint8Array,
  at: number,
  to: Uint8Array,
  start: number,
  length: number,
): void {
  if (length > FEW_BYTES) to.set(from.subarray(at, at + length), start);
  else for (let i = 0; i < length; i++) to[start + i] = from[at + i];
}
