import type { Journal } from "@kadvise/ports";
import { AreaOrder } from "./areaOrder.ts";
import type { Backing } from "./backing.ts";
import { keyIn, nameIn, type Label } from "./label.ts";

/**
 * The areas (VMAs) of one address space: a table of typed columns, and the order of their start
 * pages.
 *
 * An area is a row number. Columns instead of objects keep an area below a hundred bytes, and an
 * area's flags in one machine word; rows are reused, so a row number means something only until its
 * area is removed.
 */
export class Areas {
  /** First page. */
  start: Float64Array = new Float64Array(16);
  /** The page behind the last one. */
  end: Float64Array = new Float64Array(16);
  /** VM_* flags. */
  flags: Uint32Array = new Uint32Array(16);
  /**
   * The page offset into the backing; for private anonymous memory the page index at which it was
   * mapped.
   */
  offset: Float64Array = new Float64Array(16);
  /**
   * The reverse-map identity (anon_vma) of the area's anonymous pages; 0 while it never had one.
   */
  anon: Uint32Array = new Uint32Array(16);
  /**
   * Whether the reverse map also leads to a parent's pages: the area was inherited by fork with
   * pages in it.
   */
  inherited: Uint8Array = new Uint8Array(16);
  /**
   * What the area shows: a file, shared memory, a special mapping; null for private anonymous
   * memory.
   */
  readonly backing: (Backing | null)[] = [];
  /** Names, protection keys and memory policies, by row: few areas have any. */
  readonly labels: Map<number, Label> = new Map();

  private readonly journal: Journal;
  /** The order of the areas by address, and the search for free stretches. */
  readonly order: AreaOrder;
  private readonly free: number[] = [];
  private rows = 0;
  /** How many areas there are: Linux' map_count. */
  count = 0;

  constructor(journal: Journal) {
    this.journal = journal;
    this.order = new AreaOrder(this);
  }

  /**
   * The first area that ends behind a page: the one that holds it, or the next above; -1 if there
   * is none.
   */
  find(page: number): number {
    const below = this.order.atOrBelow(page);
    if (below >= 0 && this.end[below] > page) return below;
    return this.order.above(page);
  }

  /** The area that holds a page, or -1. */
  at(page: number): number {
    const below = this.order.atOrBelow(page);
    return below >= 0 && this.end[below] > page ? below : -1;
  }

  /** The area above one, or -1. */
  next(area: number): number {
    return this.order.above(this.start[area]);
  }

  /** The area below one, or -1. */
  previous(area: number): number {
    return this.order.below(this.start[area]);
  }

  /** The area below a page that need not be an area's start, or -1. */
  below(page: number): number {
    return this.order.below(page);
  }

  /** The lowest area, or -1. */
  first(): number {
    return this.order.above(-1);
  }

  /** Walks all areas in address order. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (let area = this.first(); area >= 0; area = this.next(area)) yield area;
  }

  /**
   * Takes over all areas of another address space, in one that has none yet. Nothing is noted: who
   * takes the new address space back takes its areas with it.
   */
  copyFrom(other: Areas): void {
    this.start = other.start.slice();
    this.end = other.end.slice();
    this.flags = other.flags.slice();
    this.offset = other.offset.slice();
    this.anon = other.anon.slice();
    this.inherited = other.inherited.slice();
    for (const backing of other.backing) this.backing.push(backing);
    for (const [row, label] of other.labels) this.labels.set(row, label);
    for (const row of other.free) this.free.push(row);
    this.rows = other.rows;
    this.count = other.count;
    this.order.copyFrom(other.order);
  }

  /** Adds an area; the caller has made sure that its pages are free. */
  insert(
    start: number,
    end: number,
    flags: number,
    offset: number,
    backing: Backing | null,
    label: Label = "",
  ): number {
    const area = this.allocate();
    this.start[area] = start;
    this.end[area] = end;
    this.flags[area] = flags;
    this.offset[area] = offset;
    this.anon[area] = 0;
    this.inherited[area] = 0;
    this.backing[area] = backing;
    if (label !== "") this.setLabel(area, label);
    if (backing !== null) this.countMapping(area, 1);
    this.link(area);
    return area;
  }

  /**
   * Removes an area. Its row keeps its values until it is used again, which is what taking back
   * relies on.
   */
  remove(area: number): void {
    this.unlink(area);
    if (this.labels.size > 0) this.setLabel(area, "");
    this.countMapping(area, -1);
    this.free.push(area);
    if (this.journal.recording) {
      this.journal.onUndo(() => {
        this.free.pop();
        this.link(area);
      });
    }
  }

  setStart(area: number, start: number): void {
    const old = this.start[area];
    if (this.journal.recording) this.journal.onUndo(() => this.moveStart(area, old));
    this.moveStart(area, start);
  }

  setEnd(area: number, end: number): void {
    const old = this.end[area];
    if (this.journal.recording) this.journal.onUndo(() => this.moveEnd(area, old));
    this.moveEnd(area, end);
  }

  setFlags(area: number, flags: number): void {
    this.journal.saveSlot(this, "flags", area);
    this.flags[area] = flags;
  }

  setOffset(area: number, offset: number): void {
    this.journal.saveSlot(this, "offset", area);
    this.offset[area] = offset;
  }

  /** Another opening of the object that an area shows. */
  setBacking(area: number, backing: Backing | null): void {
    this.journal.saveSlot(this, "backing", area);
    this.backing[area] = backing;
  }

  /** What the area was called, if it was. */
  nameOf(area: number): string | undefined {
    return nameIn(this.labelOf(area));
  }

  /** The area's protection key. */
  keyOf(area: number): number {
    return keyIn(this.labelOf(area));
  }

  /** What sets the area apart besides its flags. */
  labelOf(area: number): Label {
    return this.labels.size === 0 ? "" : (this.labels.get(area) ?? "");
  }

  setLabel(area: number, label: Label): void {
    this.journal.saveEntry(this.labels, area);
    if (label === "") this.labels.delete(area);
    else this.labels.set(area, label);
  }

  setAnon(area: number, anon: number, inherited: boolean): void {
    this.journal.saveSlot(this, "anon", area);
    this.journal.saveSlot(this, "inherited", area);
    this.anon[area] = anon;
    this.inherited[area] = inherited ? 1 : 0;
  }

  /** Notes an area more or less of its object, where those are counted. */
  countMapping(area: number, by: 1 | -1): void {
    const object = this.backing[area]?.object;
    if (object?.mappings === undefined) return;
    this.journal.save(object, "mappings");
    object.mappings += by;
  }

  private allocate(): number {
    const reused = this.free.pop();
    if (this.journal.recording) {
      if (reused === undefined) this.journal.onUndo(() => this.rows--);
      else this.rememberRow(reused);
    }
    if (reused !== undefined) return reused;
    if (this.rows === this.start.length) this.grow();
    return this.rows++;
  }

  /** A reused row still holds what a removal that may be taken back needs. */
  private rememberRow(area: number): void {
    const start = this.start[area];
    const end = this.end[area];
    const flags = this.flags[area];
    const offset = this.offset[area];
    const anon = this.anon[area];
    const inherited = this.inherited[area];
    const backing = this.backing[area] ?? null;
    this.journal.onUndo(() => {
      this.start[area] = start;
      this.end[area] = end;
      this.flags[area] = flags;
      this.offset[area] = offset;
      this.anon[area] = anon;
      this.inherited[area] = inherited;
      this.backing[area] = backing;
      this.free.push(area);
    });
  }

  private link(area: number): void {
    this.order.insert(area, this.start[area]);
    this.count++;
    if (this.journal.recording) this.journal.onUndo(() => this.unlink(area));
  }

  private unlink(area: number): void {
    this.order.remove(this.start[area]);
    this.count--;
  }

  private moveStart(area: number, start: number): void {
    this.order.rekey(this.start[area], start);
    this.start[area] = start;
  }

  private moveEnd(area: number, end: number): void {
    this.end[area] = end;
    this.order.touch(this.start[area]);
  }

  private grow(): void {
    const rows = this.start.length * 2;
    this.start = grown(this.start, new Float64Array(rows));
    this.end = grown(this.end, new Float64Array(rows));
    this.flags = grown(this.flags, new Uint32Array(rows));
    this.offset = grown(this.offset, new Float64Array(rows));
    this.anon = grown(this.anon, new Uint32Array(rows));
    this.inherited = grown(this.inherited, new Uint8Array(rows));
  }
}

function grown<A extends Float64Array | Uint32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
