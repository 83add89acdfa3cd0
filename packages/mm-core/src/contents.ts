import type { Journal } from "@kadvise/ports";

/** The bytes of a row: most programs that touch a page write a word of it. */
const ROW_BYTES = 8;
/** Rows of one block. */
const BLOCK_ROWS = 1024;
/** Room that is made at first where a row is too short. A page is a multiple of it. */
const LONG_BYTES = 64;

/**
 * The bytes of frames that were written, and of file pages that were read, as far as they are known
 * to be more than zeros.
 *
 * A frame of which only the first few bytes were written has them in a row of a large block; it
 * keeps the row when it is used again. All others have an array of their own.
 */
export class Contents {
  private readonly journal: Journal;
  /** By frame: the row that holds its bytes, or minus the row that it had before; 0 for none. */
  private rows: Int32Array = new Int32Array(0);
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
    const row = this.rowOf(frame);
    if (row <= 0) return this.long.get(frame);
    const at = rowStart(row);
    return this.block(row).subarray(at, at + ROW_BYTES);
  }

  /** Every frame that has bytes, with them. */
  *[Symbol.iterator](): IterableIterator<[number, Uint8Array]> {
    for (const [frame, row] of this.rows.entries()) if (row > 0) yield [frame, this.get(frame)!];
    yield* this.long;
  }

  /** Writes the bytes [from, from + length) of an array to an offset of a frame. */
  write(frame: number, at: number, data: Uint8Array, from: number, length: number): void {
    if (at + length > ROW_BYTES || this.isLong(frame)) {
      const bytes = this.lengthen(frame, at + length);
      this.journal.saveCells(bytes, at, at + length);
      copyBytes(data, from, bytes, at, length);
      return;
    }
    const row = this.claim(frame);
    const block = this.block(row);
    const start = rowStart(row) + at;
    if (this.journal.recording) this.journal.saveCells(block, start, start + length);
    copyBytes(data, from, block, start, length);
  }

  /** Reads bytes from an offset of a frame on into [to, to + length) of an array. */
  read(frame: number, at: number, into: Uint8Array, to: number, length: number): void {
    const row = this.rowOf(frame);
    let known = 0;
    if (row > 0) {
      known = Math.min(length, Math.max(0, ROW_BYTES - at));
      copyBytes(this.block(row), rowStart(row) + at, into, to, known);
    } else {
      const bytes = this.long.get(frame);
      if (bytes !== undefined) {
        known = Math.min(length, Math.max(0, bytes.length - at));
        copyBytes(bytes, at, into, to, known);
      }
    }
    if (known < length) into.fill(0, to + known, to + length);
  }

  /** Gives a frame that has no bytes a copy of another's. */
  copy(from: number, to: number): void {
    const row = this.rowOf(from);
    if (row <= 0) {
      if (this.isLong(from)) this.put(to, this.long.get(from));
      return;
    }
    const block = this.block(row);
    const start = rowStart(row);
    const own = this.claim(to);
    copyBytes(block, start, this.block(own), rowStart(own), ROW_BYTES);
  }

  /** Gives a frame a copy of other bytes in place of its own; `undefined` stands for zeros. */
  put(frame: number, bytes: Uint8Array | undefined): void {
    const copy = bytes?.slice();
    this.drop(frame);
    if (copy === undefined) return;
    if (copy.length <= ROW_BYTES) {
      this.block(this.claim(frame)).set(copy, rowStart(this.rowOf(frame)));
    } else {
      this.journal.saveEntry(this.long, frame);
      this.long.set(frame, copy);
    }
  }

  /** A frame has no bytes any more. */
  drop(frame: number): void {
    const row = this.rowOf(frame);
    if (row > 0) {
      this.setRow(frame, -row);
    } else if (this.isLong(frame)) {
      this.journal.saveEntry(this.long, frame);
      this.long.delete(frame);
    }
  }

  private isLong(frame: number): boolean {
    return this.long.size > 0 && this.long.has(frame);
  }

  private rowOf(frame: number): number {
    return frame < this.rows.length ? this.rows[frame] : 0;
  }

  private setRow(frame: number, row: number): void {
    if (this.journal.recording) this.journal.saveSlot(this, "rows", frame);
    this.rows[frame] = row;
  }

  private block(row: number): Uint8Array {
    return this.blocks[Math.floor(row / BLOCK_ROWS)];
  }

  /** The row that holds a frame's bytes; if it had none, one of zeros. */
  private claim(frame: number): number {
    let row = this.rowOf(frame);
    if (row > 0) return row;
    if (frame >= this.rows.length) this.makeRoom(frame);
    row = row === 0 ? this.newRow() : -row;
    this.setRow(frame, row);
    const block = this.block(row);
    const start = rowStart(row);
    if (this.journal.recording) this.journal.saveCells(block, start, start + ROW_BYTES);
    for (let i = 0; i < ROW_BYTES; i++) block[start + i] = 0;
    return row;
  }

  private newRow(): number {
    const row = this.rowCount;
    if (row >= this.blocks.length * BLOCK_ROWS)
      this.blocks.push(new Uint8Array(BLOCK_ROWS * ROW_BYTES));
    if (this.journal.recording) this.journal.save(this, "rowCount");
    this.rowCount = row + 1;
    return row;
  }

  private makeRoom(frame: number): void {
    const rows = new Int32Array(Math.max(256, 2 ** Math.ceil(Math.log2(frame + 1))));
    rows.set(this.rows);
    this.rows = rows;
  }

  /** The bytes of a frame as an array of its own, up to `end` at least. */
  private lengthen(frame: number, end: number): Uint8Array {
    const bytes = this.get(frame);
    if (bytes !== undefined && bytes.length >= end && this.isLong(frame)) return bytes;
    let room = LONG_BYTES;
    while (room < end) room *= 2;
    const longer = new Uint8Array(room);
    if (bytes !== undefined) longer.set(bytes);
    this.drop(frame);
    this.journal.saveEntry(this.long, frame);
    this.long.set(frame, longer);
    return longer;
  }
}

function rowStart(row: number): number {
  return (row % BLOCK_ROWS) * ROW_BYTES;
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
