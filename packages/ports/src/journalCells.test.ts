import { describe, expect, test } from "vitest";
import { Journal } from "./journal.ts";

describe("a typed array", () => {
  test("gets one cell back", () => {
    const journal = new Journal();
    const cells = Uint8Array.of(1, 2, 3);
    journal.attempt(() => {
      journal.saveCell(cells, 1);
      cells[1] = 255;
      expect([...cells]).toEqual([1, 255, 3]);
    });
    expect([...cells]).toEqual([1, 2, 3]);
  });

  test("gets a run of cells back, and keeps those around it", () => {
    const journal = new Journal();
    const cells = Float64Array.of(1, 2, 3, 4, 5);
    journal.attempt(() => {
      journal.saveCells(cells, 1, 4);
      cells.fill(0);
    });
    expect([...cells]).toEqual([0, 2, 3, 4, 0]);
  });

  test("is not noted where the run is empty", () => {
    const journal = new Journal();
    const cells = Int32Array.of(7, 8);
    journal.attempt(() => {
      journal.saveCells(cells, 1, 1);
      cells[1] = 0;
    });
    expect([...cells]).toEqual([7, 0]);
  });

  test("that was noted as a run, then as a cell, is as it was", () => {
    const journal = new Journal();
    const cells = Uint16Array.of(1, 2, 3);
    journal.attempt(() => {
      journal.saveCells(cells, 0, 3);
      cells.fill(40);
      journal.saveCell(cells, 2);
      cells[2] = 50;
    });
    expect([...cells]).toEqual([1, 2, 3]);
  });
});

describe("a typed array that its owner replaces by a larger one", () => {
  const grow = (owner: { cells: Uint32Array }): void => {
    const larger = new Uint32Array(owner.cells.length * 2);
    larger.set(owner.cells);
    owner.cells = larger;
  };

  test("gets the cell back in the one that stands there now", () => {
    const journal = new Journal();
    const owner = { cells: Uint32Array.of(1, 2) };
    journal.attempt(() => {
      journal.saveSlot(owner, "cells", 1);
      grow(owner);
      owner.cells[1] = 9;
    });
    expect([...owner.cells]).toEqual([1, 2, 0, 0]);
  });

  test("leaves the one that was replaced alone", () => {
    const journal = new Journal();
    const owner = { cells: Uint32Array.of(1, 2) };
    const first = owner.cells;
    journal.attempt(() => {
      journal.saveSlot(owner, "cells", 0);
      first[0] = 5;
      grow(owner);
    });
    expect([first[0], owner.cells[0]]).toEqual([5, 1]);
  });
});

describe("a map", () => {
  test("gets an entry back that was changed, taken away or added", () => {
    const journal = new Journal();
    const map = new Map<string, number | undefined>([
      ["changed", 1],
      ["gone", 2],
      ["empty", undefined],
    ]);
    const before = new Map(map);
    journal.attempt(() => {
      for (const key of ["changed", "gone", "empty", "added"]) journal.saveEntry(map, key);
      map.set("changed", 10).set("added", 3);
      map.delete("gone");
      map.delete("empty");
    });
    expect(new Map([...map].toSorted())).toEqual(new Map([...before].toSorted()));
    expect(map.has("empty")).toBe(true);
    expect(map.has("added")).toBe(false);
  });
});

describe("an array", () => {
  test.each([
    ["longer", (list: number[]) => void list.push(4, 5)],
    ["shorter", (list: number[]) => void (list.length = 1)],
    ["empty", (list: number[]) => void (list.length = 0)],
    ["in another order", (list: number[]) => void list.reverse()],
  ])("that became %s has its elements again, and is the same array", (_, change) => {
    const journal = new Journal();
    const list = [1, 2, 3];
    const same = list;
    journal.attempt(() => {
      journal.saveArray(list);
      change(list);
      expect(list).not.toEqual([1, 2, 3]);
    });
    expect(list).toEqual([1, 2, 3]);
    expect(list).toBe(same);
  });
});
