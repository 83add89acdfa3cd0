import { must, type Result } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { file, space } from "./testing/world.ts";

const B = 0x1000;
const C = 0x2000;
const FIXED = 0x32;
const MOVE = { page: B, oldPages: 4, newPages: 4, target: C + 64 };

/** What an action adds to the counters; those that it leaves alone are left out. */
function cost(mm: AddressSpace, action: () => unknown): Record<string, number> {
  const before = mm.memory.work.read();
  action();
  const after = mm.memory.work.read();
  const costs: Record<string, number> = {};
  for (const key of ["mmapLocks", "tlbFlushes", "pageTableWalks", "pagesTouched"] as const)
    if (after[key] !== before[key]) costs[key] = after[key] - before[key];
  return costs;
}

function touched(pages: number): AddressSpace {
  const mm = space();
  must(mm.map({ at: B, pages, prot: "rw", flags: FIXED }));
  for (let page = B; page < B + pages; page++) must(mm.touch(page));
  return mm;
}

describe("the work of a call", () => {
  test("is one lock for a mapping, and no page", () => {
    const mm = space();
    expect(cost(mm, () => mm.map({ at: B, pages: 1000, prot: "rw" }))).toEqual({ mmapLocks: 1 });
  });

  test("is one flush for a range that was dropped, whatever its length, none for an empty one", () => {
    const mm = touched(8);
    expect(cost(mm, () => mm.advise(B, 8, "MADV_DONTNEED"))).toEqual({
      mmapLocks: 1,
      tlbFlushes: 1,
      pageTableWalks: 1,
      pagesTouched: 8,
    });
    expect(cost(mm, () => mm.advise(B, 8, "MADV_DONTNEED")).tlbFlushes).toBeUndefined();
  });

  test("is a flush for COLD only where a page was marked as used", () => {
    const mm = touched(4);
    expect(cost(mm, () => mm.advise(B, 4, "MADV_COLD"))).toMatchObject({ tlbFlushes: 1 });
    expect(cost(mm, () => mm.advise(B, 4, "MADV_COLD")).tlbFlushes).toBeUndefined();
  });

  test("is a flush for taking the right to write, none for giving it", () => {
    const mm = touched(4);
    expect(cost(mm, () => mm.protect(B, 4, "r"))).toMatchObject({ tlbFlushes: 1 });
    expect(cost(mm, () => mm.protect(B, 4, "rw")).tlbFlushes).toBeUndefined();
  });

  test("grows with the page tables that exist, not with the range", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2 ** 20, prot: "rw", flags: FIXED }));
    must(mm.touch(B + 7));
    must(mm.touch(B + 2 ** 19));
    const { pageTableWalks } = cost(mm, () => mm.advise(B, 2 ** 20, "MADV_COLD"));
    expect(pageTableWalks).toBe(2);
  });

  test("stays counted when an attempt is taken back: it is a meter", () => {
    const mm = touched(2);
    const tried = cost(mm, () => mm.attempt(() => mm.unmap(B, 2)));
    expect(tried).toMatchObject({ mmapLocks: 1, tlbFlushes: 1 });
    expect(mm.anonymousPages).toBe(2);
  });

  const calls: readonly (readonly [string, (mm: AddressSpace) => Result<unknown>, number])[] = [
    ["DONTNEED", (mm) => mm.advise(B, 4, "MADV_DONTNEED"), 1],
    ["FREE", (mm) => mm.advise(B, 4, "MADV_FREE"), 1],
    ["COLD", (mm) => mm.advise(B, 4, "MADV_COLD"), 1],
    ["PAGEOUT", (mm) => mm.advise(B, 4, "MADV_PAGEOUT"), 1],
    ["GUARD_INSTALL", (mm) => mm.advise(B, 4, "MADV_GUARD_INSTALL"), 1],
    ["GUARD_REMOVE", (mm) => mm.advise(B, 4, "MADV_GUARD_REMOVE"), 0],
    ["POPULATE_WRITE", (mm) => mm.advise(B, 4, "MADV_POPULATE_WRITE"), 0],
    ["WILLNEED", (mm) => mm.advise(B, 4, "MADV_WILLNEED"), 0],
    ["DONTFORK", (mm) => mm.advise(B, 4, "MADV_DONTFORK"), 0],
    ["munmap", (mm) => mm.unmap(B, 4), 1],
    ["mmap in its place", (mm) => mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }), 1],
    ["mprotect to no access", (mm) => mm.protect(B, 4, "none"), 1],
    ["mremap to another place", (mm) => mm.remap({ ...MOVE, flags: 3 }), 1],
    ["mlock", (mm) => mm.lock(B, 4), 0],
    ["munlock", (mm) => mm.unlock(B, 4), 0],
    ["mseal", (mm) => mm.seal(B, 4), 0],
    ["a name", (mm) => mm.name(B, 4, "n"), 0],
    ["brk", (mm) => mm.setBreak((C + 9) * 4096), 0],
  ];

  test.each(calls)(
    "%s: each flush is one that must be, for what is there alone",
    (_, call, flushes) => {
      const mm = touched(4);
      mm.startBreak = mm.break = C * 4096;
      const { tlbFlushes = 0 } = cost(mm, () => must(call(mm)));
      expect(tlbFlushes).toBe(flushes);
      const bare = space();
      bare.startBreak = bare.break = C * 4096;
      must(bare.map({ at: B, pages: 5, prot: "rw", flags: FIXED }));
      // A neighbour: there is a table to look at.
      must(bare.touch(B + 4));
      expect(cost(bare, () => must(call(bare))).tlbFlushes).toBeUndefined();
    },
  );

  test.each(calls)("%s takes the lock of the address space once", (name, call) => {
    const mm = touched(4);
    mm.startBreak = mm.break = C * 4096;
    const { mmapLocks } = cost(mm, () => must(call(mm)));
    expect([name, mmapLocks]).toEqual([name, 1]);
  });
});

test.each([
  ["6.12", [1, 1, 1, 1]],
  ["7.3", [0, 0, 1, 1]],
])("%s: locks for DONTNEED and FREE in one area, over two, and for COLD: %j", (release, locks) => {
  const mm = space(release);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
  must(mm.map({ at: B + 4, pages: 4, prot: "r", flags: FIXED }));
  const taken = (["MADV_DONTNEED", "MADV_FREE", "MADV_COLD"] as const).map(
    (advice) => cost(mm, () => must(mm.advise(B, 4, advice))).mmapLocks ?? 0,
  );
  const over = cost(mm, () => must(mm.advise(B, 5, "MADV_DONTNEED"))).mmapLocks ?? 0;
  expect([taken[0], taken[1], over, taken[2]]).toEqual(locks);
});

test("a heap that shrinks takes the lock once, and flushes once for what was there", () => {
  const mm = space();
  mm.startBreak = mm.break = C * 4096;
  must(mm.setBreak((C + 4) * 4096));
  must(mm.touch(C + 3));
  const { mmapLocks, tlbFlushes } = cost(mm, () => must(mm.setBreak((C + 2) * 4096)));
  expect([mmapLocks, tlbFlushes]).toEqual([1, 1]);
});

test("pages that only lie in swap, or are guards, cost no flush where they go", () => {
  const mm = touched(4);
  must(mm.advise(B, 3, "MADV_PAGEOUT"));
  must(mm.advise(B + 3, 1, "MADV_GUARD_INSTALL"));
  expect(cost(mm, () => mm.advise(B, 1, "MADV_FREE")).tlbFlushes).toBeUndefined();
  expect(cost(mm, () => mm.advise(B + 1, 1, "MADV_DONTNEED")).tlbFlushes).toBeUndefined();
  expect(cost(mm, () => mm.unmap(B, 4)).tlbFlushes).toBeUndefined();
});

test("a hole in a file flushes once for each mapping that showed a page of it", () => {
  const mm = space();
  const backing = file(8);
  for (const at of [B, C, C + 16]) must(mm.map({ at, pages: 8, prot: "rw", flags: 0x11, backing }));
  for (const at of [B, C, C + 17]) must(mm.touch(at));
  expect(cost(mm, () => must(mm.advise(B, 1, "MADV_REMOVE"))).tlbFlushes).toBe(2);
  expect(cost(mm, () => must(mm.advise(B, 1, "MADV_REMOVE"))).tlbFlushes).toBeUndefined();
});

test("fork takes the lock once and flushes once: the parent may not write any more", () => {
  const mm = touched(4);
  const { mmapLocks, tlbFlushes } = cost(mm, () => mm.fork());
  expect([mmapLocks, tlbFlushes]).toEqual([1, 1]);
});

test("mprotect enters each table that is there once, where it takes the right to write", () => {
  const mm = space();
  must(mm.map({ at: B, pages: 2048, prot: "rw", flags: FIXED }));
  for (const page of [0, 511, 512, 2000]) must(mm.touch(B + page));
  const walks = (prot: string, pages = 2048): number =>
    cost(mm, () => mm.protect(B, pages, prot)).pageTableWalks ?? 0;
  expect([walks("r"), walks("none")]).toEqual([3, 3]);
  must(mm.protect(B, 2048, "rw"));
  expect(walks("r", 513)).toBe(2);
});
