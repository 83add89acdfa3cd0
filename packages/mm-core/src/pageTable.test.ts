import { Journal } from "@kadvise/ports";
import { describe, expect, test } from "vitest";
import { entryOf, LEAF_PAGES, nextLeaf, PageTable, P_PRESENT, P_SWAP } from "./pageTable.ts";

function made(...pages: number[]): PageTable {
  const table = new PageTable(new Journal());
  for (const page of pages) table.set(page, page + 1, P_PRESENT);
  return table;
}

describe("an entry", () => {
  test("lies in the table of its page, at the rest that 512 leaves", () => {
    expect([0, 1, 511, 512, 2 ** 40 + 5].map(entryOf)).toEqual([0, 1, 511, 0, 5]);
    expect([0, 511, 512, 2 ** 40].map(nextLeaf)).toEqual([512, 512, 1024, 2 ** 40 + 512]);
  });

  test("that nobody wrote is nothing, with a table or without", () => {
    const table = made(3);
    expect([table.bitsOf(4), table.valueOf(4), table.bitsOf(900), table.valueOf(900)]).toEqual([
      ...[0, 0, 0, 0],
    ]);
    expect([table.bitsOf(3), table.valueOf(3), table.leaves.size]).toEqual([P_PRESENT, 4, 1]);
  });

  test("counts as used while it holds something", () => {
    const table = made(0, 1, 1, LEAF_PAGES);
    const used = (): (number | undefined)[] => [table.at(0)?.used, table.at(LEAF_PAGES)?.used];
    expect(used()).toEqual([2, 1]);
    table.set(1, 9, P_SWAP);
    table.set(2, 0, 0);
    expect(used()).toEqual([2, 1]);
    table.set(1, 0, 0);
    expect(used()).toEqual([1, 1]);
  });
});

describe("the next page with a table", () => {
  const table = made(5, LEAF_PAGES * 3 + 7, LEAF_PAGES * 9);
  test.each([
    [0, 1e6, 0],
    [511, 1e6, 511],
    [512, 1e6, LEAF_PAGES * 3],
    [LEAF_PAGES * 3 + 9, 1e6, LEAF_PAGES * 3 + 9],
    [LEAF_PAGES * 4, 1e6, LEAF_PAGES * 9],
    [LEAF_PAGES * 4, LEAF_PAGES * 9, LEAF_PAGES * 9],
    [LEAF_PAGES * 4, LEAF_PAGES * 8 + 1, LEAF_PAGES * 8 + 1],
    [LEAF_PAGES * 4, LEAF_PAGES * 4 + 9, LEAF_PAGES * 4 + 9],
    [LEAF_PAGES * 4, LEAF_PAGES * 5, LEAF_PAGES * 5],
    [LEAF_PAGES * 10, 1e6, 1e6],
    [7, 7, 7],
    [9, 7, 7],
  ])("from %i on, below %i, is %i", (page, end, found) => {
    expect(table.nextUsed(page, end)).toBe(found);
  });

  test("is another one when a table comes or goes", () => {
    const changing = made(0, LEAF_PAGES * 6);
    expect(changing.nextUsed(LEAF_PAGES, 1e6)).toBe(LEAF_PAGES * 6);
    changing.set(LEAF_PAGES * 2, 1, P_PRESENT);
    expect(changing.nextUsed(LEAF_PAGES, 1e6)).toBe(LEAF_PAGES * 2);
    changing.set(LEAF_PAGES * 2, 0, 0);
    changing.prune(0, 1e6);
    expect(changing.nextUsed(LEAF_PAGES, 1e6)).toBe(LEAF_PAGES * 6);
  });
});

describe("pruning", () => {
  /** Empty tables 0 to 4. */
  const empty = (): PageTable => {
    const table = made(...[0, 1, 2, 3, 4].map((key) => key * LEAF_PAGES));
    for (let key = 0; key < 5; key++) table.set(key * LEAF_PAGES, 0, 0);
    return table;
  };
  const left = (table: PageTable): number[] => [...table.leaves.keys()];

  test.each([
    [0, 5 * LEAF_PAGES, []],
    [LEAF_PAGES, 2 * LEAF_PAGES, [0, 2, 3, 4]],
    [LEAF_PAGES + 1, 2 * LEAF_PAGES + 1, [0, 3, 4]],
    [2 * LEAF_PAGES, Number.POSITIVE_INFINITY, [0, 1]],
    [LEAF_PAGES, 900 * LEAF_PAGES, [0]],
    [-1, 0, [0, 1, 2, 3, 4]],
    [3 * LEAF_PAGES, 4 * LEAF_PAGES, [0, 1, 2, 4]],
  ])("from %i to %i leaves tables %j", (start, end, keys) => {
    const table = empty();
    table.prune(start, end);
    expect(left(table)).toEqual(keys);
  });

  test("of far more tables than there are ends with its range too", () => {
    const table = made(0, 8 * LEAF_PAGES, 9 * LEAF_PAGES);
    for (const key of [0, 8, 9]) table.set(key * LEAF_PAGES, 0, 0);
    table.prune(LEAF_PAGES, 8 * LEAF_PAGES);
    expect(left(table)).toEqual([0, 8, 9]);
    table.prune(0, 8 * LEAF_PAGES + 1);
    expect(left(table)).toEqual([9]);
  });

  test("keeps a table that holds something, among few and among many", () => {
    for (const end of [5 * LEAF_PAGES, 1e9]) {
      const table = empty();
      table.set(2 * LEAF_PAGES + 1, 1, P_PRESENT);
      table.prune(0, end);
      expect(left(table)).toEqual([2]);
      expect(table.at(0)).toBeUndefined();
    }
  });
});

describe("what is only tried", () => {
  test("leaves entries, counts and tables as they were", () => {
    const journal = new Journal();
    const table = new PageTable(journal);
    table.set(3, 8, P_PRESENT);
    table.set(LEAF_PAGES, 9, P_PRESENT);
    journal.attempt(() => {
      table.set(3, 0, 0);
      table.set(4, 5, P_SWAP);
      table.set(LEAF_PAGES * 4, 1, P_PRESENT);
      table.set(LEAF_PAGES, 0, 0);
      table.prune(LEAF_PAGES, LEAF_PAGES * 2);
      expect([...table.leaves.keys()]).toEqual([0, 4]);
      expect(table.nextUsed(LEAF_PAGES, 1e6)).toBe(LEAF_PAGES * 4);
    });
    expect([...table.leaves.keys()].sort()).toEqual([0, 1]);
    expect([table.at(0)?.used, table.at(LEAF_PAGES)?.used]).toEqual([1, 1]);
    expect([table.valueOf(3), table.bitsOf(4), table.valueOf(LEAF_PAGES)]).toEqual([8, 0, 9]);
    expect(table.nextUsed(LEAF_PAGES * 2, 1e6)).toBe(1e6);
  });
});
