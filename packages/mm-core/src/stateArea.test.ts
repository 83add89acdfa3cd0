import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYACCESS, VM_READ, VM_WRITE } from "./flags.ts";
import { stateArea, stateHole } from "./stateArea.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, space } from "./testing/world.ts";

const B = 512;
const READ = VM_READ | VM_MAYACCESS;

/** Areas of pages `0-2`, `2-4`, readable, and writable up to the given page. */
function mapped(writable = 2): AddressSpace {
  const mm = space("6.12");
  must(mm.map({ at: B, pages: 4, prot: "r" }));
  if (writable > 0) must(mm.protect(B, writable, "rw"));
  return mm;
}

const seen = (start: number, end: number): Parameters<typeof stateArea>[1] => ({
  ...{ start: B + start, end: B + end, flags: READ, offset: B + start, backing: null },
});
const any = (): boolean => true;
const none = (): boolean => false;

describe("an area that was seen", () => {
  test("comes where nothing was known, and counts", () => {
    const mm = space("6.12");
    mm.forget(B, B + 8);
    stateArea(mm, seen(2, 4), any);
    expect([areasOf(mm, B), mm.totalPages]).toEqual(["2-4 r", 2]);
    expect(mm.forgotten.within(B + 2, B + 4)).toBe(undefined);
    expect(mm.forgotten.within(B, B + 8)).toEqual({ start: B, end: B + 2 });
  });

  test("takes in what is known of it", () => {
    const mm = mapped();
    stateArea(mm, seen(0, 6), (area) => (mm.areas.flags[area] & VM_WRITE) !== 0);
    expect([areasOf(mm, B), mm.totalPages, mm.dataPages]).toEqual(["0-6 rw", 6, 6]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("is as it looks where nothing alike is known", () => {
    const mm = mapped(4);
    stateArea(mm, seen(0, 4), none);
    expect([areasOf(mm, B), mm.dataPages, mm.promisedPages]).toEqual(["0-4 r", 0, 0]);
  });

  test("stays the same where it was known", () => {
    const mm = mapped();
    const area = mm.areas.at(B);
    expect(stateArea(mm, seen(0, 2), any)).toBe(area);
    expect([areasOf(mm, B), mm.areas.anon[area]]).toEqual(["0-2 rw, 2-4 r", 0]);
  });

  test("keeps its pages", () => {
    const mm = mapped();
    must(mm.write(B, "kept"));
    stateArea(mm, seen(0, 3), any);
    expect(must(mm.read(B, 4))).toEqual(Uint8Array.from([..."kept"].map((c) => c.charCodeAt(0))));
    expect(violations(mm.memory)).toEqual([]);
  });

  test("does not join what it was seen apart from", () => {
    const mm = mapped(0);
    stateArea(mm, seen(1, 2), any);
    expect(areasOf(mm, B)).toBe("0-1 r, 1-2 r, 2-4 r");
    must(mm.protect(B, 4, "rw"));
    expect(areasOf(mm, B)).toBe("0-1 rw, 1-2 rw, 2-4 rw");
  });

  test("is taken back with everything else", () => {
    const mm = mapped();
    const before = mm.maps();
    mm.attempt(() => {
      stateArea(mm, seen(1, 8), none);
      stateHole(mm, B, B + 1);
    });
    expect([mm.maps(), mm.totalPages]).toEqual([before, 4]);
  });
});

test("a hole that was seen is known to be one", () => {
  const mm = mapped();
  mm.forget(B + 3, B + 8);
  stateHole(mm, B + 1, B + 6);
  stateHole(mm, B, B);
  expect([areasOf(mm, B), mm.forgotten.within(B, B + 8)]).toEqual([
    "0-1 rw",
    { start: B + 6, end: B + 8 },
  ]);
});

test("shared memory that was seen in parts needs nothing to keep them apart", () => {
  const mm = space("6.12");
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x31 }));
  stateArea(mm, { ...seen(1, 2), flags: mm.areas.flags[mm.areas.at(B)] }, any);
  expect([areasOf(mm, B), [...mm.areas].map((area) => mm.areas.anon[area])]).toEqual([
    "0-1 rw, 1-2 rw, 2-4 rw",
    [0, 0, 0],
  ]);
  expect([...mm.areas].map((area) => mm.areas.offset[area])).toEqual([0, 1, 2]);
});

test("an area that was seen longer or shorter than known is no longer what it was", () => {
  for (const [start, end, areas] of [
    [0, 2, "0-2 r, 2-4 r"],
    [2, 4, "0-2 r, 2-4 r"],
    [0, 5, "0-5 r"],
  ] as const) {
    const mm = mapped(0);
    stateArea(mm, seen(start, end), any);
    expect([areasOf(mm, B), mm.totalPages]).toEqual([areas, Math.max(4, end)]);
    expect(violations(mm.memory)).toEqual([]);
  }
});
