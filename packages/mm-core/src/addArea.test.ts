import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { addArea, newly } from "./addArea.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_SOFTDIRTY } from "./flags.ts";
import { areasOf, file, opened, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(release: string, ...stretches: (readonly [number, number])[]): AddressSpace {
  const mm = space(release);
  for (const [start, end] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot: "rw", flags: FIXED }));
  return mm;
}

function add(mm: AddressSpace, start: number, end: number): string {
  must(mm.map({ at: B + start, pages: end - start, prot: "rw", flags: FIXED }));
  return areasOf(mm, B);
}

describe("a new mapping", () => {
  test.each([
    [[[0, 2]], "0-4 rw"],
    [[[4, 6]], "2-6 rw"],
    [
      [
        [0, 2],
        [4, 6],
      ],
      "0-6 rw",
    ],
    [
      [
        [0, 1],
        [5, 6],
      ],
      "0-1 rw, 2-4 rw, 5-6 rw",
    ],
  ] as const)("joins what it touches of %j: %s", (stretches, areas) => {
    for (const release of ["5.10", "6.1", "6.12", "7.3"])
      expect([release, add(laid(release, ...stretches), 2, 4)]).toEqual([release, areas]);
  });

  test("joins the very first area that was ever made, on its right", () => {
    const mm = laid("6.12", [4, 6]);
    expect(mm.areas.at(B + 4)).toBe(0);
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    expect(add(mm, 2, 4)).toBe("0-6 rw");
  });

  test.each([
    ["5.10", "0-4 rw, 4-6 rw"],
    ["6.1", "0-2 rw, 2-6 rw"],
    ["6.12", "0-4 rw, 4-6 rw"],
  ])("between two strangers joins, on %s, %s", (release, areas) => {
    for (const order of [[0, 4] as const, [4, 0] as const]) {
      const mm = laid(release, ...order.map((at) => [at, at + 2] as const));
      for (const at of order) must(mm.write(B + at, "1"));
      expect(add(mm, 2, 4)).toBe(areas);
    }
  });

  test.each([
    ["6.0", "0-6 rw"],
    ["6.1", "0-2 rw, 2-6 rw"],
    ["6.12", "0-6 rw"],
  ])("between one with pages on the right and one without, on %s: %s", (release, areas) => {
    const mm = laid(release, [0, 2], [4, 6]);
    must(mm.write(B + 4, "1"));
    expect(add(mm, 2, 4)).toBe(areas);
    expect(mm.areas.anon[mm.areas.at(B + 4)]).not.toBe(0);
  });

  test.each(["5.10", "6.1", "6.12"])("with pages on the left alone joins all, on %s", (release) => {
    const mm = laid(release, [0, 2], [4, 6]);
    must(mm.write(B, "1"));
    expect(add(mm, 2, 4)).toBe("0-6 rw");
    expect(mm.areas.anon[mm.areas.at(B)]).not.toBe(0);
  });

  test("with a label joins only what has it", () => {
    const mm = laid("6.12", [0, 2], [4, 6]);
    const flags = mm.areas.flags[mm.areas.at(B)];
    must(mm.name(B, 2, "a"));
    const label = mm.areas.labelOf(mm.areas.at(B));
    addArea(mm, B + 2, B + 4, flags, B + 2, null, newly(label));
    expect(areasOf(mm, B)).toBe("0-4 rw, 4-6 rw");
    addArea(mm, B + 8, B + 9, flags, B + 8, null, newly(label));
    expect(mm.areas.labelOf(mm.areas.at(B + 8))).toBe(label);
    addArea(mm, B + 6, B + 7, flags, B + 6, null, newly(""));
    expect(areasOf(mm, B)).toBe("0-4 rw, 4-7 rw, 8-9 rw");
  });

  test("does not join where the offset would jump", () => {
    const mm = laid("6.12", [0, 2], [4, 6]);
    const flags = mm.areas.flags[mm.areas.at(B)];
    addArea(mm, B + 2, B + 4, flags, B + 3, null);
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw, 4-6 rw");
  });

  test("that is soft-dirty makes what it joins so", () => {
    for (const [start, joined] of [
      [2, 0],
      [-2, -2],
    ] as const) {
      const mm = laid("6.12", [0, 2]);
      const area = mm.areas.at(B);
      mm.areas.setFlags(area, mm.areas.flags[area] & ~VM_SOFTDIRTY);
      add(mm, start, start + 2);
      expect(mm.areas.count).toBe(1);
      expect(mm.areas.flags[mm.areas.at(B + joined)] & VM_SOFTDIRTY).toBe(VM_SOFTDIRTY);
    }
    const mm = laid("6.12", [0, 2], [4, 6]);
    for (const at of [0, 4]) {
      const area = mm.areas.at(B + at);
      mm.areas.setFlags(area, mm.areas.flags[area] & ~VM_SOFTDIRTY);
    }
    add(mm, 2, 4);
    expect(mm.areas.flags[mm.areas.at(B)] & VM_SOFTDIRTY).toBe(VM_SOFTDIRTY);
  });
});

describe("pages that fork shares", () => {
  test("keep new ones away: a child's area joins nothing, its parent's does", () => {
    const mm = laid("6.12", [0, 2]);
    must(mm.write(B, "1"));
    const child = mm.fork();
    expect([add(mm, 2, 4), add(child, 2, 4)]).toEqual(["0-4 rw", "0-2 rw, 2-4 rw"]);
  });
});

describe("a file that is told when it is closed", () => {
  test.each([
    ["6.11", "0-2 r, 2-4 r, 4-6 r"],
    ["6.12", "0-4 r, 4-6 r"],
  ])("on %s lets a new mapping join one neighbour at most: %s", (release, areas) => {
    const mm = space(release);
    const backing = opened(file(8).object, { closes: true });
    for (const at of [0, 4, 2])
      must(mm.map({ at: B + at, pages: 2, prot: "r", flags: 0x11, backing, offsetPages: at }));
    expect(areasOf(mm, B)).toBe(areas);
  });
});

describe("moved pages", () => {
  const moved = (release: string, written: readonly number[]): string => {
    const mm = laid(release, [0, 2], [8, 10]);
    for (const page of written) must(mm.write(B + page, "1"));
    must(mm.remap({ page: B + 8, oldPages: 2, newPages: 2, flags: 3, target: B + 2 }));
    return areasOf(mm, B);
  };
  test.each([
    ["6.12", [], "0-2 rw, 2-4 rw"],
    ["6.12", [0], "0-2 rw, 2-4 rw"],
    ["6.12", [8], "0-2 rw, 2-4 rw"],
    ["6.12", [0, 8], "0-2 rw, 2-4 rw"],
  ])("on %s with pages %j: %s", (release, written, areas) => {
    // What was never written moves with its place in the books, and joins.
    const joins = !written.includes(8);
    expect(moved(release, written)).toBe(joins ? "0-4 rw" : areas);
  });
});
