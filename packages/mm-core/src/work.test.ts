import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

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
});
