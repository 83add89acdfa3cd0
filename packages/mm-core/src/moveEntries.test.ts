import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { LEAF_PAGES as HUGE, P_SOFT_DIRTY } from "./pageTable.ts";
import { violations } from "./testing/invariants.ts";
import { space } from "./testing/world.ts";

const B = 8 * HUGE;
const TARGET = 64 * HUGE;
const FIXED = 0x32;
const MOVE = 3;
const DONTUNMAP = 7;

/** Two tables' worth of memory of one's own; huge pages are off where the first pages are written. */
function laid(written: readonly number[] = [], swap = true): AddressSpace {
  const mm = space("6.18", { swap });
  must(mm.map({ at: B, pages: 2 * HUGE, prot: "rw", flags: FIXED }));
  must(mm.advise(B, 2 * HUGE, "MADV_NOHUGEPAGE"));
  for (const page of written) must(mm.write(B + page, `${page}`));
  return mm;
}

function move(mm: AddressSpace, from: number, pages: number, to: number, flags = MOVE): void {
  const asked = { page: from, oldPages: pages, newPages: pages, flags, target: to };
  expect(must(mm.remap(asked))).toBe(to);
  expect(violations(mm.memory)).toEqual([]);
}

function text(mm: AddressSpace, page: number): string {
  return String.fromCharCode(...must(mm.read(page, 1)));
}

/** Flushes and entries that an action counted. */
function work(mm: AddressSpace, action: () => void): readonly [number, number] {
  const before = mm.memory.work.read();
  action();
  const after = mm.memory.work.read();
  return [after.tlbFlushes - before.tlbFlushes, after.pagesTouched - before.pagesTouched];
}

describe("what a move takes along", () => {
  test("is each page to its own place, across tables that do not lie alike", () => {
    const pages = [0, 1, HUGE - 3, HUGE - 1, HUGE, HUGE + 2];
    for (const distance of [0, 1, HUGE - 2]) {
      const mm = laid(pages);
      move(mm, B, 2 * HUGE, TARGET + distance);
      for (const page of pages) expect(text(mm, TARGET + distance + page)).toBe(`${page}`[0]);
      expect(mm.anonymousPages).toBe(pages.length);
    }
  });

  test("is what lies in swap, and guards, which no flush is for", () => {
    const mm = laid([0]);
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    must(mm.advise(B + 1, 1, "MADV_GUARD_INSTALL"));
    expect(work(mm, () => move(mm, B, 2, TARGET))).toEqual([0, 2]);
    expect([mm.swapEntries, mm.anonymousPages]).toEqual([1, 0]);
    expect(text(mm, TARGET)).toBe("0");
    const refused = mm.touch(TARGET + 1);
    expect(!refused.ok && refused.reason.id).toBe("access/guard");
  });

  test("costs a flush where a page was there, and nothing where none was", () => {
    const mm = laid([1]);
    must(mm.touch(B + 3, "read"));
    expect(work(mm, () => move(mm, B, 2, TARGET))).toEqual([1, 1]);
    expect(work(mm, () => move(mm, B + 3, 1, TARGET + 3))).toEqual([1, 1]);
    expect(work(mm, () => move(mm, B + 4, 2, TARGET + 4))).toEqual([0, 0]);
  });

  test("counts as soft-dirty anew, pages and what is in swap, but not guards", () => {
    const mm = laid([0, 1]);
    must(mm.advise(B + 1, 1, "MADV_PAGEOUT"));
    must(mm.advise(B + 2, 1, "MADV_GUARD_INSTALL"));
    for (const page of [0, 1, 2])
      mm.pages.set(B + page, mm.pages.valueOf(B + page), mm.pages.bitsOf(B + page) & ~P_SOFT_DIRTY);
    move(mm, B, 3, TARGET);
    const marks = [0, 1, 2].map((page) => (mm.pages.bitsOf(TARGET + page) & P_SOFT_DIRTY) !== 0);
    expect(marks).toEqual([true, true, false]);
  });

  test("comes back, tables and all, when the move was only tried", () => {
    const mm = laid([0, HUGE - 1, HUGE]);
    mm.attempt(() =>
      mm.remap({ page: B, oldPages: 1024, newPages: 1024, flags: 3, target: TARGET }),
    );
    expect([0, HUGE - 1, HUGE].map((page) => text(mm, B + page))).toEqual(["0", "5", "5"]);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("the table that pages leave", () => {
  /** Whether the next page that is touched where they were is huge: no table may be there. */
  function isFree(pages: number, target: number): boolean {
    const mm = laid([0]);
    must(mm.advise(B, 2 * HUGE, "MADV_HUGEPAGE"));
    move(mm, B, pages, target, DONTUNMAP);
    must(mm.touch(B + 1));
    return mm.anonymousPages > 2;
  }

  test("moves along between aligned places", () => {
    expect(isFree(HUGE, TARGET)).toBe(true);
    expect(isFree(2 * HUGE, TARGET)).toBe(true);
  });

  test("stays where a part of it was moved, or to a place that is not aligned", () => {
    expect([isFree(1, TARGET), isFree(HUGE - 1, TARGET)]).toEqual([false, false]);
    expect([isFree(HUGE, TARGET + 1), isFree(HUGE, TARGET + HUGE - 1)]).toEqual([false, false]);
  });
});

describe("a huge page", () => {
  function whole(): AddressSpace {
    const mm = laid();
    must(mm.advise(B, 2 * HUGE, "MADV_HUGEPAGE"));
    must(mm.write(B + 7, "h"));
    expect(mm.hugeTables).toBe(1);
    return mm;
  }

  test.each([
    ["of one page cuts it", HUGE - 1, 1, TARGET, 0],
    ["of all but its first page cuts it", 1, HUGE - 1, TARGET, 0],
    ["to a place that is not aligned cuts it", 0, HUGE, TARGET + 1, 0],
    ["between aligned places keeps it", 0, HUGE, TARGET, 1],
    ["together with what lies behind keeps it", 0, 2 * HUGE, TARGET, 1],
  ])("after a move %s", (_, first, pages, target, huge) => {
    const mm = whole();
    move(mm, B + first, pages, target);
    expect([mm.hugeTables, mm.anonymousPages]).toEqual([huge, HUGE]);
    const at = first <= 7 && 7 < first + pages ? target + 7 - first : B + 7;
    expect(text(mm, at)).toBe("h");
  });
});

test("a move to wherever there is room is refused where there is none", () => {
  const mm = laid([0]);
  const asked = { page: B, oldPages: 2, newPages: mm.layout.limit - 8, flags: 1, target: 0 };
  expect(mm.remap(asked)).toMatchObject({ code: "ENOMEM", reason: { id: "mmap/no-room" } });
  expect([text(mm, B), violations(mm.memory)]).toEqual(["0", []]);
});
