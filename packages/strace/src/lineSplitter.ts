import { ownCopy } from "./ownCopy.ts";

/** How much of an overlong line is kept to show it. */
export const SHOWN = 200;

/**
 * Larger chunks are taken in pieces. V8 leaves strings of more than a megabyte outside of its heap,
 * where looking at a character costs many times as much.
 */
const PIECE = 256 * 1024;

/** Who takes the lines. */
export interface LineSink {
  /** A line is `text` from `from` to `to`, without its end. */
  line(text: string, from: number, to: number, isTerminated: boolean): void;
  /** A line longer than the limit: its beginning is all that was kept. */
  overlong(beginning: string): void;
}

/**
 * Cuts chunks into lines, so that how the chunks were cut shows nowhere.
 *
 * Lines are handed on as places in the chunk, since most of them are never looked at again. Memory
 * holds one chunk and the beginning of one line; what a line has beyond the limit is dropped as it
 * comes.
 */
export class LineSplitter {
  readonly #sink: LineSink;
  readonly #limit: number;
  #carried = "";
  #overlong: string | undefined;

  constructor(sink: LineSink, limit: number) {
    this.#sink = sink;
    this.#limit = limit;
  }

  push(chunk: string): void {
    if (chunk.length <= PIECE) return this.#push(chunk);
    for (let from = 0; from < chunk.length; from += PIECE) {
      this.#push(ownCopy(chunk.slice(from, from + PIECE)));
    }
  }

  #push(chunk: string): void {
    let from = 0;
    for (let end = chunk.indexOf("\n"); end >= 0; end = chunk.indexOf("\n", from)) {
      if (this.#carried === "" && this.#overlong === undefined) {
        this.#deliver(chunk, from, end, true);
      } else {
        this.#carry(chunk.slice(from, end));
        this.#deliverCarried(true);
      }
      from = end + 1;
    }
    if (from < chunk.length) this.#carry(from === 0 ? chunk : chunk.slice(from));
  }

  /** Hands on a last line that has no end. */
  end(): void {
    if (this.#carried !== "" || this.#overlong !== undefined) this.#deliverCarried(false);
  }

  #carry(piece: string): void {
    if (this.#overlong !== undefined) {
      if (this.#overlong.length < SHOWN) this.#overlong = beginning(this.#overlong + piece);
      return;
    }
    this.#carried += piece;
    if (this.#carried.length <= this.#limit) return;
    this.#overlong = beginning(this.#carried);
    this.#carried = "";
  }

  #deliverCarried(isTerminated: boolean): void {
    const overlong = this.#overlong;
    const line = this.#carried;
    this.#overlong = undefined;
    this.#carried = "";
    if (overlong !== undefined) this.#sink.overlong(overlong);
    else this.#deliver(line, 0, line.length, isTerminated);
  }

  #deliver(text: string, from: number, to: number, isTerminated: boolean): void {
    if (to - from > this.#limit) this.#sink.overlong(beginning(text.slice(from, to)));
    else this.#sink.line(text, from, to, isTerminated);
  }
}

function beginning(line: string): string {
  return ownCopy(line.slice(0, SHOWN));
}
