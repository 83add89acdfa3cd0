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
  readonly #targets: unknown[] = [];
  readonly #keys: unknown[] = [];
  readonly #values: unknown[] = [];

  /** Whether changes must be noted at all. */
  get recording(): boolean {
    return this.#recording > 0;
  }

  /** Notes a property of an object. Call it before the change. */
  save(target: object, key: string): void {
    if (this.#recording > 0) this.#note(target, key, (target as Record<string, unknown>)[key]);
  }

  /** Notes one cell of a typed array. Call it before the change. */
  saveCell(cells: Cells, index: number): void {
    if (this.#recording > 0) this.#note(cells, index, cells[index]);
  }

  /** Notes the cells [from, to) of a typed array. Call it before the change. */
  saveCells(cells: Cells, from: number, to: number): void {
    if (this.#recording > 0 && to > from)
      this.#note(cells, RANGE, { from, old: cells.slice(from, to) });
  }

  /**
   * Notes one cell of a typed array that its owner may replace by a larger one. Call it before the
   * change.
   *
   * The array is looked up by name when the change is taken back: an array that was replaced
   * meanwhile is not written.
   */
  saveSlot(owner: object, name: string, index: number): void {
    if (this.#recording === 0) return;
    const cells = (owner as Record<string, Cells>)[name];
    this.#note(owner, SLOT, { name, index, old: cells[index] });
  }

  /**
   * Notes what a map holds under a key, absence included. Call it before the change. An entry that
   * was taken away comes back as the last one: nothing may rest on the order of such a map.
   */
  saveEntry<K, V>(map: Map<K, V>, key: K): void {
    if (this.#recording > 0) this.#note(map, ENTRY, { key, had: map.has(key), old: map.get(key) });
  }

  /** Notes an array's length and elements. Call it before the change; meant for short arrays. */
  saveArray<T>(array: T[]): void {
    if (this.#recording > 0) this.#note(array, ARRAY, array.slice());
  }

  /** Notes how to take a change back that is not a cell. */
  onUndo(undo: () => void): void {
    if (this.#recording > 0) this.#note(undo, CALL, undefined);
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
    return this.#targets.length;
  }

  /** Takes back everything since the mark, newest first, and ends that recording. */
  undo(mark: number): void {
    const outer = this.#recording - 1;
    this.#recording = 0;
    for (let i = this.#targets.length - 1; i >= mark; i--) this.#takeBack(i);
    this.#truncate(mark);
    this.#recording = outer;
  }

  /**
   * Keeps what was done since the mark, and ends that recording. An outer recording can still take
   * it back.
   */
  keep(mark: number): void {
    this.#recording--;
    if (this.#recording === 0) this.#truncate(mark);
  }

  #note(target: unknown, key: unknown, value: unknown): void {
    this.#targets.push(target);
    this.#keys.push(key);
    this.#values.push(value);
  }

  #takeBack(i: number): void {
    const target = this.#targets[i];
    const key = this.#keys[i];
    const value = this.#values[i];
    if (key === RANGE) {
      const { from, old } = value as { from: number; old: Cells };
      (target as Cells).set(old, from);
    } else if (key === SLOT) {
      const { name, index, old } = value as { name: string; index: number; old: number };
      (target as Record<string, Cells>)[name][index] = old;
    } else if (key === ENTRY) {
      const entry = value as { key: unknown; had: boolean; old: unknown };
      if (entry.had) (target as Map<unknown, unknown>).set(entry.key, entry.old);
      else (target as Map<unknown, unknown>).delete(entry.key);
    } else if (key === ARRAY) {
      const array = target as unknown[];
      array.length = 0;
      for (const element of value as unknown[]) array.push(element);
    } else if (key === CALL) {
      (target as () => void)();
    } else {
      (target as Record<string | number, unknown>)[key as string | number] = value;
    }
  }

  #truncate(mark: number): void {
    this.#targets.length = mark;
    this.#keys.length = mark;
    this.#values.length = mark;
  }
}

const RANGE: unique symbol = Symbol("range");
const SLOT: unique symbol = Symbol("slot");
const ENTRY: unique symbol = Symbol("entry");
const ARRAY: unique symbol = Symbol("array");
const CALL: unique symbol = Symbol("call");
