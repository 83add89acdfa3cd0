import { Unknown } from "@kadvise/ports";
import { MREMAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_UNSTATED } from "./flags.ts";
import { answering } from "./testing/answering.ts";
import { caller } from "./testing/caller.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, file, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(...stretches: (readonly [number, number, string])[]): AddressSpace {
  const mm = space();
  for (const [start, end, prot] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot, flags: FIXED }));
  return mm;
}

describe("what is forgotten", () => {
  test("is cut out of what lies there, and counts no more", () => {
    const mm = laid([0, 8, "rw"]);
    must(mm.name(B, 8, "heap"));
    for (const page of [1, 3, 6]) must(mm.write(B + page, "1"));
    mm.forget(B + 2, B + 5);
    expect([areasOf(mm, B), mm.totalPages, mm.anonymousPages]).toEqual(["0-2 rw, 5-8 rw", 5, 2]);
    expect([...mm.areas].map((area) => mm.areas.offset[area] - B)).toEqual([0, 5]);
    expect([...mm.areas].map((area) => mm.areas.nameOf(area))).toEqual(["heap", "heap"]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("leaves the parts the reverse map that their area had, a child's too", () => {
    const mm = laid([0, 8, "rw"]);
    must(mm.touch(B));
    const child = mm.fork();
    const other = laid([0, 8, "rw"]);
    for (const space of [mm, child, other]) space.forget(B + 2, B + 5);
    const told = ({ areas }: AddressSpace): unknown[] =>
      [...areas].map((area) => [areas.anon[area], areas.inherited[area]]);
    const [parents, childs] = [mm, child].map((space) => space.areas.anon[space.areas.at(B)]);
    expect(parents > 0 && childs > 0 && parents !== childs).toBe(true);
    expect([told(mm), told(child), told(other)]).toEqual([
      [
        [parents, 0],
        [parents, 0],
      ],
      [
        [childs, 1],
        [childs, 1],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]);
  });

  test("may end and begin with areas, which are not cut then", () => {
    const mm = laid([0, 2, "rw"], [2, 4, "r"], [4, 6, "rw"]);
    mm.forget(B + 2, B + 4);
    expect(areasOf(mm, B)).toBe("0-2 rw, 4-6 rw");
    mm.forget(B + 10, B + 12);
    expect(areasOf(mm, B)).toBe("0-2 rw, 4-6 rw");
    expect(violations(mm.memory)).toEqual([]);
  });

  test("leaves what is behind it of a file at the same pages of the file", () => {
    const mm = space();
    const backing = file(16);
    must(mm.map({ at: B, pages: 8, prot: "r", flags: 0x11, backing, offsetPages: 3 }));
    must(mm.touch(B + 7, "read"));
    mm.forget(B + 1, B + 6);
    expect([...mm.areas].map((area) => mm.areas.offset[area])).toEqual([3, 9]);
    expect([...mm.areas].every((area) => mm.areas.backing[area] === backing)).toBe(true);
  });

  const calls: readonly (readonly [string, (mm: AddressSpace) => unknown])[] = [
    ["mprotect", (mm) => mm.protect(B, 4, "r")],
    ["madvise", (mm) => mm.advise(B, 4, "MADV_NORMAL")],
    ["a name", (mm) => mm.name(B, 4, "x")],
    ["mlock", (mm) => mm.lock(B, 4)],
    ["a write", (mm) => mm.write(B + 2, "1")],
    ["mremap", (mm) => mm.remap({ page: B, oldPages: 4, newPages: 6, flags: 0, target: 0 })],
    [
      "mremap from there",
      (mm) =>
        mm.remap({
          ...{ page: B + 2, oldPages: 1, newPages: 1, target: B + 64 },
          flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED,
        }),
    ],
    ["a question what is mapped", (mm) => mm.isMapped(B + 2, 1)],
    ["a child's mprotect", (mm) => mm.fork().protect(B, 4, "r")],
  ];
  test.each(calls)("leaves %s open", (_, call) => {
    const mm = laid([0, 4, "rw"]);
    mm.forget(B + 1, B + 3);
    answering(mm, {});
    expect(() => mm.attempt(() => call(mm))).toThrow(
      /^unknown: what is mapped at pages 100[12]-1003 by now$/,
    );
  });

  test("is known again once it was unmapped, or mapped anew", () => {
    const mm = laid([0, 8, "rw"]);
    mm.forget(B, B + 8);
    const asked = answering(mm, {});
    must(mm.unmap(B, 4));
    must(mm.map({ at: B + 4, pages: 4, prot: "r", flags: FIXED }));
    expect([mm.hasUnknown, areasOf(mm, B), asked]).toEqual([false, "4-8 r", []]);
  });

  test("is asked for before it is unmapped or replaced where it may be sealed", () => {
    const mm = laid([0, 8, "rw"]);
    mm.forget(B + 4, B + 8);
    mm.maySeal = true;
    answering(mm, {});
    expect(() => mm.unmap(B, 8)).toThrow(Unknown);
    expect(() => mm.map({ at: B, pages: 8, prot: "r", flags: FIXED })).toThrow(Unknown);
    expect(mm.unmap(B, 4).ok).toBe(true);
  });
});

describe("whether something is mapped", () => {
  test("is so from the first page of an area to its last", () => {
    const mm = laid([2, 4, "rw"]);
    const at = (page: number, pages: number): boolean => mm.isMapped(B + page, pages);
    expect([at(0, 2), at(0, 3), at(3, 1), at(4, 9), at(2, 1)]).toEqual([
      ...[false, true, true, false, true],
    ]);
    expect(() => mm.isMapped(-1, 2)).toThrow(RangeError);
  });

  test.each([
    ["area", true],
    ["hole", false],
  ])("of what was there before anybody watched depends: %s", (answer, mapped) => {
    const mm = space();
    mm.veil.add(B, B + 4);
    answering(mm, { "mm/unstated-range": answer });
    expect(mm.isMapped(B + 1, 2)).toBe(mapped);
    // The kernel's own answer was that all of it is free; that something is there names no page.
    expect(mm.veil.within(B + 1, B + 3) === undefined).toBe(!mapped);
  });
});

describe("room for what grows", () => {
  const veiled = (from: number): AddressSpace => {
    const mm = laid([0, 2, "rw"]);
    mm.veil.add(B + from, B + 9);
    return mm;
  };

  test.each([
    ["area", "mremap/no-room-behind"],
    ["hole", "ok"],
  ])("is taken by an unstated %s: %s", (answer, said) => {
    const mm = veiled(3);
    answering(mm, { "mm/unstated-range": answer });
    const result = mm.remap({ page: B, oldPages: 2, newPages: 4, flags: 0, target: 0 });
    expect(result.ok ? "ok" : result.reason.id).toBe(said);
  });

  test.each([
    ["area", "brk/no-room"],
    ["hole", "ok"],
  ])("of the heap is taken by an unstated %s: %s", (answer, said) => {
    const mm = veiled(4);
    mm.startBreak = B * 4096;
    mm.break = (B + 2) * 4096;
    const asked = answering(mm, { "mm/unstated-range": answer });
    // The page behind the heap must be free too.
    const result = mm.setBreak((B + 4) * 4096, caller());
    expect([result.ok ? "ok" : result.reason.id, asked]).toEqual([said, ["mm/unstated-range"]]);
    expect(mm.veil.within(B + 4, B + 5) === undefined).toBe(true);
  });
});

describe("unmapping part of what exec mapped", () => {
  /** Eight pages of which nobody said what they are. */
  function unstated(answers: Record<string, unknown>) {
    const mm = space();
    mm.veil.add(B, B + 8);
    return { mm, asked: answering(mm, answers) };
  }

  test.each([
    [0, 8, []],
    [2, 2, ["mm/unstated-special"]],
    [0, 4, ["mm/unstated-special"]],
    [4, 4, ["mm/unstated-special"]],
    [4, 9, ["mm/unstated-special"]],
  ])("from page %i on, %i of 8, asks %j", (at, pages, questions) => {
    const { mm, asked } = unstated({ "mm/unstated-special": true });
    must(mm.unmap(B + at, pages));
    expect(asked).toEqual(questions);
  });

  test("is refused if that is special", () => {
    const { mm } = unstated({ "mm/unstated-special": false });
    expect(mm.unmap(B + 2, 2)).toMatchObject({
      code: "EINVAL",
      reason: { id: "munmap/special", compared: { address: "0x1002000" } },
    });
    expect([...mm.veil.ranges()]).toEqual([{ start: B, end: B + 8 }]);
  });

  test("asks too where it is known to be an area, of unknown kind", () => {
    const { mm, asked } = unstated({ "mm/unstated-range": "area", "mm/unstated-special": true });
    must(mm.protect(B, 8, "rw"));
    expect(mm.areas.flags[mm.areas.at(B)] & VM_UNSTATED).not.toBe(0);
    mm.veil.add(B + 20, B + 21);
    must(mm.unmap(B + 2, 2));
    expect(asked).toEqual(["mm/unstated-range", "mm/unstated-special"]);
  });

  test("says in its question what it would cut", () => {
    expect(() => unstated({}).mm.unmap(B + 2, 2)).toThrow(
      "whether what exec mapped around pages 1002-1004 can be cut",
    );
  });
});

test("an address space that nobody knows whole may pass a limit, or not", () => {
  const size = (limit: number, answers: Record<string, unknown>): string => {
    const mm = laid([0, 4, "rw"]);
    mm.veil.add(B + 64, B + 65);
    const asked = answering(mm, answers);
    return `${mm.isWithin(limit)} ${asked.length}`;
  };
  const id = "mm/unstated-size";
  expect(size(3, {})).toBe("false 0");
  expect(size(4, { [id]: false })).toBe("false 1");
  expect(size(4, { [id]: true })).toBe("true 1");
  expect(size(4 + 2 ** 18, { [id]: false })).toBe("false 1");
  expect(size(5 + 2 ** 18, {})).toBe("true 0");
  expect(size(Number.POSITIVE_INFINITY, {})).toBe("true 0");
  expect(() => size(4, {})).toThrow("whether all that is mapped comes to 4 pages at most");
  const forgotten = laid([0, 4, "rw"]);
  forgotten.forget(B + 8, B + 9);
  answering(forgotten, { [id]: true });
  expect(forgotten.isWithin(3)).toBe(true);
});
