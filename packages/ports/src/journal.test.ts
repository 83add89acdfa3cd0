import { describe, expect, test } from "vitest";
import { Journal } from "./journal.ts";

/** Sets a property as every subsystem does: noted first. */
function set<T extends object, K extends keyof T & string>(
  journal: Journal,
  target: T,
  key: K,
  value: T[K],
): void {
  journal.save(target, key);
  target[key] = value;
}

describe("while nobody records", () => {
  test("a change is not noted, and nothing takes it back", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    set(journal, cell, "value", 2);
    journal.undo(journal.begin());
    expect(journal.recording).toBe(false);
    expect(cell.value).toBe(2);
  });

  test("what stands there is not even looked at", () => {
    const target = {
      get value(): number {
        throw new Error("looked at");
      },
    };
    expect(() => new Journal().save(target, "value")).not.toThrow();
  });

  test("a way back is not kept, and never called", () => {
    const journal = new Journal();
    let called = 0;
    journal.onUndo(() => called++);
    journal.undo(journal.begin());
    expect(called).toBe(0);
  });
});

describe("an attempt", () => {
  test("returns what the action returned, and takes back what it did", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const seen = journal.attempt(() => {
      set(journal, cell, "value", 2);
      return cell.value;
    });
    expect([seen, cell.value]).toEqual([2, 1]);
  });

  test("takes back also what an action did that throws", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const act = (): void =>
      journal.attempt(() => {
        set(journal, cell, "value", 2);
        throw new Error("in the middle");
      });
    expect(act).toThrow("in the middle");
    expect(cell.value).toBe(1);
    expect(journal.recording).toBe(false);
  });

  test("inside another takes back its own changes only", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const seen: number[] = [];
    journal.attempt(() => {
      set(journal, cell, "value", 2);
      journal.attempt(() => {
        set(journal, cell, "value", 3);
        seen.push(cell.value);
      });
      seen.push(cell.value);
      expect(journal.recording).toBe(true);
    });
    expect([...seen, cell.value]).toEqual([3, 2, 1]);
  });
});

describe("a recording", () => {
  test("gives a field that was noted twice its oldest value back", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const mark = journal.begin();
    set(journal, cell, "value", 2);
    set(journal, cell, "value", 3);
    journal.undo(mark);
    expect(cell.value).toBe(1);
  });

  test("that is kept inside another is taken back with the outer one", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const outer = journal.begin();
    const inner = journal.begin();
    set(journal, cell, "value", 2);
    journal.keep(inner);
    expect(cell.value).toBe(2);
    journal.undo(outer);
    expect(cell.value).toBe(1);
  });

  test("that was kept is final once nobody records any more", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const kept = journal.begin();
    set(journal, cell, "value", 2);
    journal.keep(kept);
    journal.undo(journal.begin());
    expect(cell.value).toBe(2);
    expect(journal.recording).toBe(false);
  });

  test("that was kept or taken back costs the next one nothing", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const first = journal.begin();
    set(journal, cell, "value", 2);
    journal.keep(first);
    const second = journal.begin();
    set(journal, cell, "value", 3);
    journal.undo(second);
    expect([second, journal.begin()]).toEqual([first, first]);
  });

  test("notes a property once that changes often, and again behind another mark or a way back", () => {
    const journal = new Journal();
    const counters = { pages: 0, frames: 0 };
    let reads = 0;
    const watched = new Proxy(counters, {
      get(target, key) {
        reads++;
        return Reflect.get(target, key) as unknown;
      },
    });
    const change = (to: number): void => {
      for (const key of ["pages", "frames"] as const) {
        journal.save(watched, key);
        counters[key] = to;
      }
    };
    const outer = journal.begin();
    for (const to of [1, 2, 3]) change(to);
    expect(reads).toBe(2);
    const inner = journal.begin();
    for (const to of [4, 5]) change(to);
    expect(reads).toBe(4);
    journal.undo(inner);
    expect(counters).toEqual({ pages: 3, frames: 3 });
    const seen: number[] = [];
    change(6);
    journal.onUndo(() => seen.push(counters.pages));
    change(7);
    journal.undo(outer);
    expect([seen, counters]).toEqual([[6], { pages: 0, frames: 0 }]);
  });

  test("calls its ways back newest first, between the cells that were noted around them", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const seen: (string | number)[] = [];
    const mark = journal.begin();
    journal.onUndo(() => seen.push("first", cell.value));
    set(journal, cell, "value", 2);
    journal.onUndo(() => seen.push("second", cell.value));
    journal.undo(mark);
    expect(seen).toEqual(["second", 2, "first", 1]);
  });

  test("does not note what a way back changes", () => {
    const journal = new Journal();
    const cell = { value: 1 };
    const outer = journal.begin();
    const inner = journal.begin();
    journal.onUndo(() => set(journal, cell, "value", 9));
    journal.undo(inner);
    journal.undo(outer);
    expect(cell.value).toBe(9);
  });
});
