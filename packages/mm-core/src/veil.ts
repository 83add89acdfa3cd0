import type { Journal } from "@kadvise/ports";

/**
 * Page ranges of which nobody stated what is mapped there.
 *
 * A simulation starts from a known address space and has none. Who follows a recorded program
 * starts with all of it veiled, and learns range by range.
 */
export class Veil {
  private readonly journal: Journal;
  /** Start and end pages of the stretches, ascending, apart from each other. */
  private readonly starts: number[] = [];
  private readonly ends: number[] = [];

  constructor(journal: Journal) {
    this.journal = journal;
  }

  get isEmpty(): boolean {
    return this.starts.length === 0;
  }

  /** The first veiled stretch within [start, end), or undefined. */
  within(start: number, end: number): { start: number; end: number } | undefined {
    if (start >= end) return undefined;
    const i = this.firstBehind(start);
    if (i === this.starts.length || this.starts[i] >= end) return undefined;
    return { start: Math.max(start, this.starts[i]), end: Math.min(end, this.ends[i]) };
  }

  /** Veils a range. */
  add(start: number, end: number): void {
    if (start >= end) return;
    // Stretches that touch the new one join it.
    const from = this.firstBehind(start - 1);
    let to = from;
    let low = start;
    let high = end;
    for (; to < this.starts.length && this.starts[to] <= end; to++) {
      low = Math.min(low, this.starts[to]);
      high = Math.max(high, this.ends[to]);
    }
    this.replace(from, to - from, [low], [high]);
  }

  /** States that a range is known from now on. */
  lift(start: number, end: number): void {
    if (start >= end) return;
    const from = this.firstBehind(start);
    let to = from;
    const starts: number[] = [];
    const ends: number[] = [];
    for (; to < this.starts.length && this.starts[to] < end; to++) {
      if (this.starts[to] < start) {
        starts.push(this.starts[to]);
        ends.push(start);
      }
      if (this.ends[to] > end) {
        starts.push(end);
        ends.push(this.ends[to]);
      }
    }
    if (to > from) this.replace(from, to - from, starts, ends);
  }

  /** The veiled stretches, ascending. */
  *ranges(): IterableIterator<{ start: number; end: number }> {
    for (const [i, start] of this.starts.entries()) yield { start, end: this.ends[i] };
  }

  /** The number of the first stretch that ends behind a page. */
  private firstBehind(page: number): number {
    let low = 0;
    let high = this.ends.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle] > page) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  private replace(
    at: number,
    count: number,
    starts: readonly number[],
    ends: readonly number[],
  ): void {
    const oldStarts = this.starts.splice(at, count, ...starts);
    const oldEnds = this.ends.splice(at, count, ...ends);
    if (!this.journal.recording) return;
    this.journal.onUndo(() => {
      this.starts.splice(at, starts.length, ...oldStarts);
      this.ends.splice(at, ends.length, ...oldEnds);
    });
  }
}
