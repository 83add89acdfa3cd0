/** The columns that the order looks at; their owner may replace an array by a larger one. */
interface Ends {
  readonly end: Float64Array;
}

/** How many areas a chunk holds at most. */
const CAPACITY = 128;

/** A run of neighbouring areas. */
interface Chunk {
  size: number;
  readonly areas: Int32Array;
  readonly starts: Float64Array;
  /**
   * No free stretch in front of any area of this chunk is larger, in pages. A stretch that shrinks
   * leaves the bound where it is, until a search finds nothing below it.
   */
  largestGap: number;
}

/**
 * The order of areas by start page.
 *
 * Sorted chunks of about a hundred under one directory: an insertion moves at most a chunk, a
 * search halves twice, and a search for a free stretch skips every chunk whose largest gap is too
 * small. Linux keeps a tree (rbtree to 6.0, maple tree since) for the same three jobs.
 *
 * A cursor remembers where the last search ended: walks over neighbours cost a comparison a step.
 */
export class AreaOrder {
  private readonly ends: Ends;
  private readonly chunks: Chunk[] = [emptyChunk()];
  /** Where each chunk begins, side by side: a search among thousands touches a few lines of cache. */
  private firsts: Float64Array = new Float64Array(4).fill(Number.POSITIVE_INFINITY);
  private chunk = 0;
  private position = -1;

  constructor(ends: Ends) {
    this.ends = ends;
  }

  /** Takes over the order of other areas, which have the same numbers here. */
  copyFrom(other: AreaOrder): void {
    const copies = other.chunks.map((chunk) => ({
      size: chunk.size,
      areas: chunk.areas.slice(),
      starts: chunk.starts.slice(),
      largestGap: chunk.largestGap,
    }));
    this.chunks.splice(0, this.chunks.length, ...copies);
    this.firsts = other.firsts.slice();
  }

  /** The area with the highest start that is not above a page, or -1. */
  atOrBelow(page: number): number {
    return this.seek(page) ? this.chunks[this.chunk].areas[this.position] : -1;
  }

  /** The area with the highest start below a page, or -1. */
  below(page: number): number {
    return this.atOrBelow(page - 1);
  }

  /** The area with the lowest start above a page, or -1. */
  above(page: number): number {
    const chunks = this.chunks;
    if (!this.seek(page)) return chunks[0].size > 0 ? chunks[0].areas[0] : -1;
    const chunk = chunks[this.chunk];
    if (this.position + 1 < chunk.size) return chunk.areas[this.position + 1];
    const following = chunks[this.chunk + 1];
    return following === undefined ? -1 : following.areas[0];
  }

  /** All areas in ascending order. */
  list(): Int32Array {
    const areas = new Int32Array(this.chunks.reduce((sum, { size }) => sum + size, 0));
    let at = 0;
    for (const chunk of this.chunks) {
      areas.set(chunk.areas.subarray(0, chunk.size), at);
      at += chunk.size;
    }
    return areas;
  }

  insert(area: number, start: number): void {
    const found = this.seek(start);
    let chunk = this.chunks[this.chunk];
    let position = found ? this.position + 1 : 0;
    if (chunk.size === CAPACITY) {
      this.splitChunk(this.chunk);
      if (position > CAPACITY / 2) {
        this.chunk++;
        position -= CAPACITY / 2;
      }
      chunk = this.chunks[this.chunk]!;
    }
    chunk.areas.copyWithin(position + 1, position, chunk.size);
    chunk.starts.copyWithin(position + 1, position, chunk.size);
    chunk.areas[position] = area;
    chunk.starts[position] = start;
    chunk.size++;
    if (position === 0) this.firsts[this.chunk] = start;
    this.position = position;
    this.noteGap(this.chunk, position);
  }

  /** Takes out the area that starts at a page. */
  remove(start: number): void {
    this.seekExactly(start);
    const chunk = this.chunks[this.chunk];
    chunk.areas.copyWithin(this.position, this.position + 1, chunk.size);
    chunk.starts.copyWithin(this.position, this.position + 1, chunk.size);
    chunk.size--;
    if (chunk.size === 0 && this.chunks.length > 1) {
      this.firsts.copyWithin(this.chunk, this.chunk + 1, this.chunks.length);
      this.chunks.splice(this.chunk, 1);
      this.noteGap(this.chunk, 0);
      this.chunk = Math.max(0, this.chunk - 1);
      this.position = -1;
      return;
    }
    if (this.position === 0)
      this.firsts[this.chunk] = chunk.size === 0 ? Number.POSITIVE_INFINITY : chunk.starts[0];
    this.noteGap(this.chunk, this.position);
    this.position--;
  }

  /** An area now starts elsewhere, without passing a neighbour. */
  rekey(from: number, to: number): void {
    this.seekExactly(from);
    this.chunks[this.chunk].starts[this.position] = to;
    if (this.position === 0) this.firsts[this.chunk] = to;
    this.noteGap(this.chunk, this.position);
  }

  /** The end of the area that starts at a page moved. */
  touch(start: number): void {
    this.seekExactly(start);
    this.noteGap(this.chunk, this.position + 1);
  }

  /**
   * The highest page at which a stretch of `need` free pages fits between `low` and `high`, or -1.
   *
   * `guard(area)` pages below an area stay free (a stack may grow into them). With `restarts`, the
   * search goes on below these pages, whatever lies among them, once it met a stretch that is long
   * enough but for them.
   */
  highestGap(
    need: number,
    low: number,
    high: number,
    guard: (area: number) => number,
    restarts = false,
  ): number {
    let ceiling = high;
    let limit = high;
    const any = this.seek(high - 1);
    const ends = this.ends.end;
    if (any) {
      const following = this.above(high - 1);
      const kept = following < 0 ? 0 : guard(following);
      if (following >= 0) ceiling = Math.min(high, this.startOf(following) - kept);
      this.seek(high - 1);
      const below = ends[this.chunks[this.chunk].areas[this.position]];
      if (restarts && kept > 0 && high - below >= need) limit = ceiling;
    } else {
      const first = this.chunks[0];
      if (first.size > 0) ceiling = Math.min(high, first.starts[0] - guard(first.areas[0]));
      return ceiling - need >= low ? ceiling - need : -1;
    }
    let last = this.position;
    const topArea = this.chunks[this.chunk].areas[last];
    const top = fit(need, Math.max(low, ends[topArea]), ceiling);
    if (top >= 0) return top;
    for (let c = this.chunk; c >= 0; c--) {
      const chunk = this.chunks[c];
      if (chunk.largestGap >= need) {
        for (let i = last; i >= 0; i--) {
          const floor = Math.max(low, this.endBefore(c, i));
          const start = Math.min(chunk.starts[i], limit);
          if (start - floor >= need) {
            const guarded = chunk.starts[i] - guard(chunk.areas[i]);
            if (restarts) limit = Math.min(limit, guarded);
            const place = fit(need, floor, Math.min(start, guarded));
            if (place >= 0) return place;
          }
          if (chunk.starts[i] <= low) return -1;
        }
        this.countGaps(c);
      } else if (chunk.starts[0] <= low) return -1;
      last = (this.chunks[c - 1]?.size ?? 0) - 1;
    }
    return -1;
  }

  /**
   * The lowest page at which a stretch of `need` free pages fits between `low` and `high`, or -1.
   */
  lowestGap(need: number, low: number, high: number, guard: (area: number) => number): number {
    let floor = low;
    let c = 0;
    let i = 0;
    if (this.seek(low)) {
      const chunk = this.chunks[this.chunk];
      floor = Math.max(low, this.ends.end[chunk.areas[this.position]]);
      c = this.chunk;
      i = this.position + 1;
    }
    for (; c < this.chunks.length; c++, i = 0) {
      const chunk = this.chunks[c];
      if (i === 0 && chunk.largestGap < need && chunk.size > 0) {
        floor = this.ends.end[chunk.areas[chunk.size - 1]]!;
        continue;
      }
      for (; i < chunk.size; i++) {
        const ceiling = Math.min(high, chunk.starts[i] - guard(chunk.areas[i]));
        if (ceiling - floor >= need) return floor;
        floor = Math.max(floor, this.ends.end[chunk.areas[i]]);
        if (floor + need > high) return -1;
      }
      this.countGaps(c);
    }
    return high - floor >= need ? floor : -1;
  }

  /** Moves the cursor to the last area that starts at or below a page; false if there is none. */
  private seek(page: number): boolean {
    const { chunks, firsts } = this;
    let c = this.chunk;
    if (firsts[c] > page || (c + 1 < chunks.length && firsts[c + 1] <= page)) {
      let low = 0;
      let high = chunks.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (firsts[middle] <= page) low = middle + 1;
        else high = middle;
      }
      c = low === 0 ? 0 : low - 1;
      this.chunk = c;
      this.position = -1;
      if (low === 0) return false;
    }
    const chunk = chunks[c];
    const { starts, size } = chunk;
    let p = this.position;
    if (p >= 0 && p < size && starts[p] <= page) {
      if (p + 1 === size || starts[p + 1] > page) return true;
      if (p + 2 === size || starts[p + 2] > page) {
        this.position = p + 1;
        return true;
      }
    }
    let low = 0;
    let high = size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle] <= page) low = middle + 1;
      else high = middle;
    }
    p = low - 1;
    this.position = p;
    return p >= 0;
  }

  private seekExactly(start: number): void {
    if (!this.seek(start) || this.chunks[this.chunk].starts[this.position] !== start) {
      throw new RangeError(`no area starts at page ${start}`);
    }
  }

  private startOf(area: number): number {
    const chunk = this.chunks[this.chunk];
    if (this.position + 1 < chunk.size && chunk.areas[this.position + 1] === area) {
      return chunk.starts[this.position + 1];
    }
    return this.chunks[this.chunk + 1].starts[0];
  }

  private endBefore(c: number, i: number): number {
    if (i > 0) return this.ends.end[this.chunks[c].areas[i - 1]];
    const before = this.chunks[c - 1];
    return before === undefined ? 0 : this.ends.end[before.areas[before.size - 1]];
  }

  /** Sets the bound of a chunk to its largest stretch: a search in vain saw them all anyway. */
  private countGaps(c: number): void {
    const chunk = this.chunks[c];
    let largest = 0;
    for (let i = 0; i < chunk.size; i++) {
      largest = Math.max(largest, chunk.starts[i] - this.endBefore(c, i));
    }
    chunk.largestGap = largest;
  }

  /** The stretch in front of an area may have grown; position `size` is that of the next chunk's. */
  private noteGap(c: number, position: number): void {
    const chunk = this.chunks[c];
    if (chunk === undefined) return;
    if (position === chunk.size) {
      if (c + 1 < this.chunks.length) this.noteGap(c + 1, 0);
      return;
    }
    const gap = chunk.starts[position] - this.endBefore(c, position);
    if (gap > chunk.largestGap) chunk.largestGap = gap;
  }

  private splitChunk(c: number): void {
    const chunk = this.chunks[c];
    const half = CAPACITY / 2;
    const upper = emptyChunk();
    upper.areas.set(chunk.areas.subarray(half));
    upper.starts.set(chunk.starts.subarray(half));
    upper.size = CAPACITY - half;
    upper.largestGap = chunk.largestGap;
    chunk.size = half;
    this.chunks.splice(c + 1, 0, upper);
    if (this.chunks.length > this.firsts.length) {
      const firsts = new Float64Array(2 * this.firsts.length);
      firsts.set(this.firsts);
      this.firsts = firsts;
    }
    this.firsts.copyWithin(c + 2, c + 1, this.chunks.length - 1);
    this.firsts[c + 1] = upper.starts[0];
  }
}

function emptyChunk(): Chunk {
  return {
    size: 0,
    areas: new Int32Array(CAPACITY),
    starts: new Float64Array(CAPACITY),
    largestGap: 0,
  };
}

function fit(need: number, floor: number, ceiling: number): number {
  return ceiling - floor >= need ? ceiling - need : -1;
}
