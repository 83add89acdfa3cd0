import type { Journal } from "@kadvise/ports";

/**
 * Page ranges of which nobody stated what is mapped there.
 *
 * A simulation starts from a known address space and has none. Who follows a recorded program starts with all of it
 * veiled, and learns range by range.
 */
export class Veil {
  private readonly journal: Journal;
  /** Start and end pages in turn, ascending, apart from each other. Replaced, never changed in place. */
  private edges: readonly number[] = [];

  constructor(journal: Journal) {
    this.journal = journal;
  }

  get isEmpty(): boolean {
    return this.edges.length === 0;
  }

  /** The first veiled stretch within [start, end), or undefined. */
  within(start: number, end: number): { start: number; end: number } | undefined {
    for (let i = 0; i < this.edges.length; i += 2) {
      const from = Math.max(start, this.edges[i]!);
      const to = Math.min(end, this.edges[i + 1]!);
      if (from < to) return { start: from, end: to };
      if (this.edges[i]! >= end) break;
    }
    return undefined;
  }

  /** Veils a range. */
  add(start: number, end: number): void {
    const rest = this.without(start, end);
    const at = rest.findIndex((edge, i) => i % 2 === 0 && edge >= end);
    const place = at < 0 ? rest.length : at;
    const next = [...rest.slice(0, place), start, end, ...rest.slice(place)];
    this.replace(joined(next));
  }

  /** States that a range is known from now on. */
  lift(start: number, end: number): void {
    if (this.edges.length > 0 && this.within(start, end) !== undefined) this.replace(this.without(start, end));
  }

  /** The veiled stretches, ascending. */
  *ranges(): IterableIterator<{ start: number; end: number }> {
    for (let i = 0; i < this.edges.length; i += 2) yield { start: this.edges[i]!, end: this.edges[i + 1]! };
  }

  private without(start: number, end: number): number[] {
    const rest: number[] = [];
    for (let i = 0; i < this.edges.length; i += 2) {
      const from = this.edges[i]!;
      const to = this.edges[i + 1]!;
      if (to <= start || from >= end) rest.push(from, to);
      else {
        if (from < start) rest.push(from, start);
        if (to > end) rest.push(end, to);
      }
    }
    return rest;
  }

  private replace(edges: readonly number[]): void {
    this.journal.save(this, "edges");
    this.edges = edges;
  }
}

function joined(edges: readonly number[]): number[] {
  const result: number[] = [];
  for (let i = 0; i < edges.length; i += 2) {
    if (result.length > 0 && result.at(-1) === edges[i]) result[result.length - 1] = edges[i + 1]!;
    else result.push(edges[i]!, edges[i + 1]!);
  }
  return result;
}
