type Cells = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/**
 * The log that takes changes back.
 *
 * Every subsystem notes what a cell held before it changes it, and only while somebody records.
 * Taking back costs what was changed, not what exists: an attempted call on one area of a large
 * process is as cheap as the call.
 */
export class Journal {
  #recording = 0;
  readonly #notes: Notes = new Notes();
  readonly #recent: RecentProperties = new RecentProperties();

  /** Whether changes must be noted at all. */
  get recording(): boolean {
    return this.#recording > 0;
  }

  /** Notes a property of an object. Call it before the change. */
  save(target: object, key: string): void {
    if (this.#recording === 0 || this.#recent.has(target, key)) return;
    this.#notes.add(PROPERTY, target, key, 0, (target as Record<string, unknown>)[key]);
  }

  /** Notes one cell of a typed array. Call it before the change. */
  saveCell(cells: Cells, index: number): void {
    if (this.#recording > 0) this.#notes.add(CELL, cells, undefined, index, cells[index]);
  }

  /** Notes the cells [from, to) of a typed array. Call it before the change. */
  saveCells(cells: Cells, from: number, to: number): void {
    if (this.#recording === 0 || to <= from) return;
    if (to - from > FEW_CELLS)
      this.#notes.add(RANGE, cells, undefined, from, cells.slice(from, to));
    else for (let i = from; i < to; i++) this.#notes.add(CELL, cells, undefined, i, cells[i]);
  }

  /**
   * Notes one cell of a typed array that its owner may replace by a larger one. Call it before the
   * change.
   *
   * The array is looked up by name when the change is taken back: an array that was replaced
   * meanwhile is not written.
   */
  saveSlot(owner: object, name: string, index: number): void {
    if (this.#recording > 0)
      this.#notes.add(SLOT, owner, name, index, (owner as Record<string, Cells>)[name][index]);
  }

  /**
   * Notes what a map holds under a key, absence included. Call it before the change. An entry that
   * was taken away comes back as the last one: nothing may rest on the order of such a map.
   */
  saveEntry<K, V>(map: Map<K, V>, key: K): void {
    if (this.#recording === 0) return;
    if (map.has(key)) this.#notes.add(ENTRY, map, key, 0, map.get(key));
    else this.#notes.add(ABSENT, map, key, 0, undefined);
  }

  /** Notes an array's length and elements. Call it before the change; meant for short arrays. */
  saveArray<T>(array: T[]): void {
    if (this.#recording > 0) this.#notes.add(ARRAY, array, undefined, 0, array.slice());
  }

  /** Notes how to take a change back that is not a cell. */
  onUndo(undo: () => void): void {
    if (this.#recording === 0) return;
    // It sees what stands there now: what changes behind it must come back first.
    this.#recent.clear();
    this.#notes.add(CALL, undo, undefined, 0, undefined);
  }

  /**
   * Runs an action, returns its value, and takes every change back, also when it throws.
   *
   * @example
   * const journal = new Journal();
   * const cell = { value: 1 };
   * const seen = journal.attempt(() => {
   *   journal.save(cell, "value");
   *   cell.value = 2;
   *   return cell.value;
   * });
   * [seen, cell.value]; // [2, 1]
   */
  attempt<T>(action: () => T): T {
    const mark = this.begin();
    try {
      return action();
    } finally {
      this.undo(mark);
    }
  }

  /**
   * Starts recording, and returns the mark that {@link undo} or {@link keep} wants back. Marks
   * nest.
   */
  begin(): number {
    this.#recording++;
    this.#recent.clear();
    return this.#notes.length;
  }

  /** Takes back everything since the mark, newest first, and ends that recording. */
  undo(mark: number): void {
    const outer = this.#recording - 1;
    this.#recent.clear();
    this.#recording = 0;
    this.#notes.takeBack(mark);
    this.#recording = outer;
  }

  /**
   * Keeps what was done since the mark, and ends that recording. An outer recording can still take
   * it back.
   */
  keep(mark: number): void {
    this.#recording--;
    if (this.#recording === 0) this.#notes.cut(mark);
  }
}

/** So few cells are noted one by one sooner than a copy of them is made. */
const FEW_CELLS = 4;

/** What a note is about. */
type Kind = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
const PROPERTY = 0;
const CELL = 1;
const RANGE = 2;
const SLOT = 3;
/** A map had the key, or had it not. */
const ENTRY = 4;
const ABSENT = 5;
const ARRAY = 6;
const CALL = 7;

/**
 * What was before each change, newest last, in columns: a call may change every page of gigabytes,
 * and an object for each of these changes would keep the garbage collector busy.
 */
class Notes {
  readonly #kinds: Kind[] = [];
  readonly #targets: unknown[] = [];
  /** The property, the map's key, or the array's name, where there is one. */
  readonly #keys: unknown[] = [];
  /** The cell, or the first one, where the note is about cells. */
  readonly #indices: number[] = [];
  readonly #values: unknown[] = [];

  get length(): number {
    return this.#kinds.length;
  }

  add(kind: Kind, target: unknown, key: unknown, index: number, value: unknown): void {
    this.#kinds.push(kind);
    this.#targets.push(target);
    this.#keys.push(key);
    this.#indices.push(index);
    this.#values.push(value);
  }

  /** Takes back everything behind the first so many, newest first. */
  takeBack(from: number): void {
    const [kinds, targets, keys] = [this.#kinds, this.#targets, this.#keys];
    const [indices, values] = [this.#indices, this.#values];
    for (let i = kinds.length - 1; i >= from; i--)
      takeBack(kinds[i], targets[i], keys[i], indices[i], values[i]);
    this.cut(from);
  }

  /** Forgets everything behind the first so many. */
  cut(length: number): void {
    this.#kinds.length = length;
    this.#targets.length = length;
    this.#keys.length = length;
    this.#indices.length = length;
    this.#values.length = length;
  }
}

/** So many counters change with a page. */
const COUNTERS = 8;

/**
 * The properties that were noted last since the newest mark: what they held then is what comes back,
 * however often they change. Counters change with each page of a call.
 */
class RecentProperties {
  readonly #targets: (object | undefined)[] = new Array<undefined>(COUNTERS).fill(undefined);
  readonly #keys: string[] = new Array<string>(COUNTERS).fill("");
  #next = 0;

  /** Whether it was noted; if not, it is from now on. */
  has(target: object, key: string): boolean {
    for (let i = 0; i < COUNTERS; i++)
      if (this.#targets[i] === target && this.#keys[i] === key) return true;
    this.#targets[this.#next] = target;
    this.#keys[this.#next] = key;
    this.#next = (this.#next + 1) % COUNTERS;
    return false;
  }

  clear(): void {
    this.#targets.fill(undefined);
  }
}

function takeBack(kind: Kind, target: unknown, key: unknown, index: number, value: unknown): void {
  switch (kind) {
    case PROPERTY:
      (target as Record<string, unknown>)[key as string] = value;
      break;
    case CELL:
      (target as Cells)[index] = value as number;
      break;
    case RANGE:
      (target as Cells).set(value as Cells, index);
      break;
    case SLOT:
      (target as Record<string, Cells>)[key as string][index] = value as number;
      break;
    case ENTRY:
      (target as Map<unknown, unknown>).set(key, value);
      break;
    case ABSENT:
      (target as Map<unknown, unknown>).delete(key);
      break;
    case ARRAY:
      (target as unknown[]).length = 0;
      for (const element of value as unknown[]) (target as unknown[]).push(element);
      break;
    case CALL:
      (target as () => void)();
  }
}
