import { type Question, Unknown } from "@kadvise/ports";
import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_NOHUGEPAGE, VM_NORESERVE } from "./flags.ts";
import { space } from "./testing/world.ts";

const ANON = 0x22;
const LOW = 2 ** 18;

/** Where a mapping without a fixed address goes. */
function placed(mm: AddressSpace, at: number, pages: number, flags = 0): number | string {
  const answer = mm.map({ at, pages, prot: "rw", flags: ANON | flags });
  return answer.ok ? answer.value : `${answer.code} ${answer.reason.id}`;
}

describe("MAP_32BIT", () => {
  const { MAP_32BIT } = MAP;

  test("looks from 1 GiB on, upwards", () => {
    const mm = space();
    expect(placed(mm, 0, 3, MAP_32BIT)).toBe(LOW);
    expect(placed(mm, 0, 2, MAP_32BIT)).toBe(LOW + 3);
  });

  test.each([
    [LOW + 100, 1, LOW + 100],
    [100, 1, 100],
    [2 * LOW - 2, 2, 2 * LOW - 2],
    [2 * LOW - 1, 2, LOW],
    [2 * LOW, 1, LOW],
    [1, 1, 16],
  ])("takes a hint at page %i for %i pages if it ends below 2 GiB: %i", (hint, pages, page) => {
    expect(placed(space(), hint, pages, MAP_32BIT)).toBe(page);
  });

  test("passes a hint by where something lies", () => {
    const mm = space();
    must(mm.map({ at: LOW + 100, pages: 1, prot: "r", flags: 0x32 }));
    expect(placed(mm, LOW + 99, 2, MAP_32BIT)).toBe(LOW);
  });

  test("finds no room for more than 1 GiB", () => {
    expect(placed(space(), 0, LOW, MAP_32BIT)).toBe(LOW);
    expect(placed(space(), 0, LOW + 1, MAP_32BIT)).toBe("ENOMEM mmap/no-room");
  });
});

describe("a hint", () => {
  test.each([
    [1, 16],
    [15, 16],
    [16, 16],
    [0x1000, 0x1000],
  ])("at page %i is raised to the lowest page: %i", (hint, page) => {
    expect(placed(space(), hint, 1)).toBe(page);
  });

  test("is taken up to the end of the address space", () => {
    const mm = space();
    const { limit } = mm.layout;
    expect(placed(mm, limit - 2, 2)).toBe(limit - 2);
    const other = space();
    expect(placed(other, limit - 1, 2)).not.toBe(limit - 1);
  });

  test("that is not free is passed by; right below an area it is", () => {
    const at = (page: number): number | string => {
      const mm = space();
      must(mm.map({ at: 0x1000, pages: 2, prot: "r", flags: 0x32 }));
      return placed(mm, page, 2);
    };
    expect([at(0xffe), at(0x1002)]).toEqual([0xffe, 0x1002]);
    for (const page of [0xfff, 0x1000, 0x1001]) expect(at(page)).toBeGreaterThan(2 ** 30);
  });

  test("keeps 256 pages below a stack", () => {
    const at = (page: number): number | string => {
      const mm = space();
      must(mm.map({ at: 0x1000, pages: 2, prot: "rw", flags: 0x132 }));
      return placed(mm, page, 2);
    };
    expect(at(0x1000 - 258)).toBe(0x1000 - 258);
    expect(at(0x1000 - 257)).toBeGreaterThan(2 ** 30);
  });
});

describe("where there is no room", () => {
  test("for more than the address space holds, or for all of it", () => {
    const mm = space("6.12", { overcommit: 1 });
    const { limit } = mm.layout;
    expect(placed(mm, 0, limit + 1)).toBe("ENOMEM mmap/no-room");
    expect(placed(mm, 0, limit)).toBe("ENOMEM mmap/no-room");
  });

  test("below the base, the rest above it is searched upwards", () => {
    const mm = space("6.12", { overcommit: 1 });
    const { base, legacyBase } = mm.layout;
    must(mm.map({ at: 16, pages: base - 16, prot: "none", flags: 0x32 }));
    const place = placed(mm, 0, 1);
    expect(place).toBe(Math.max(base, legacyBase));
  });
});

describe("what was never stated leaves a place to choose", () => {
  /** Answers with a page, or throws with the question's words. */
  function asking(page: number | undefined) {
    const mm = space();
    mm.veil.add(0x1000, 0x1004);
    must(mm.map({ at: 0x2000, pages: 4, prot: "r", flags: 0x32 }));
    const seen: { allowed: boolean; predicted: boolean | undefined; result: number | undefined }[] =
      [];
    mm.memory.ports.choices = {
      choose<A>(question: Question<A>): A {
        if (page === undefined) throw new Unknown(question.id, question.describe());
        const { isPredicted: predicted } = question;
        const result = question.fromResult?.(8192) as number | undefined;
        seen.push({ allowed: question.allows(page as A), predicted, result });
        return question.usual;
      },
    };
    return { mm, seen };
  }

  test.each([
    [0x1000, true],
    [0x2004, true],
    [0x1ffe, true],
    [0x1fff, false],
    [0x2001, false],
    [0, false],
    [1, true],
    [1.5, false],
    [2 ** 35 - 3, true],
    [2 ** 35 - 2, false],
  ])("page %d: %s", (page, allowed) => {
    const { mm, seen } = asking(page);
    must(mm.map({ pages: 2, prot: "rw" }));
    expect(seen).toEqual([{ allowed, predicted: false, result: 2 }]);
  });

  test("says what it may be", () => {
    expect(() => asking(undefined).mm.map({ pages: 2, prot: "rw" })).toThrow(
      "a page-aligned address below 0x7ffffffff000 with 8192 free bytes behind it",
    );
  });

  test("is known all the same where all below the base is", () => {
    const { mm, seen } = asking(0x5000);
    mm.veil.lift(0x1000, 0x1004);
    mm.hasKnownBase = true;
    mm.forget(mm.layout.base, mm.layout.base + 1);
    must(mm.map({ pages: 2, prot: "rw" }));
    mm.forget(mm.layout.base - 9, mm.layout.base - 8);
    must(mm.map({ pages: 2, prot: "rw" }));
    expect(seen.map(({ predicted }) => predicted)).toEqual([true, false]);
  });
});

describe("flags of a mapping", () => {
  const flagsOf = (release: string, flags: number, overcommit: 0 | 1 | 2 = 0): number => {
    const mm = space(release, { overcommit });
    return mm.areas.flags[mm.areas.at(must(mm.map({ pages: 1, prot: "rw", flags: ANON | flags })))];
  };
  test.each([
    ["6.6", false],
    ["6.8", true],
  ])("MAP_STACK keeps huge pages away, on %s: %s", (release, kept) => {
    expect((flagsOf(release, MAP.MAP_STACK) & VM_NOHUGEPAGE) !== 0).toBe(kept);
    expect(flagsOf(release, 0) & VM_NOHUGEPAGE).toBe(0);
  });

  test.each([
    [0, true],
    [1, true],
    [2, false],
  ] as const)("MAP_NORESERVE counts in overcommit mode %i: %s", (mode, counts) => {
    expect((flagsOf("6.12", MAP.MAP_NORESERVE, mode) & VM_NORESERVE) !== 0).toBe(counts);
    expect(flagsOf("6.12", 0, mode) & VM_NORESERVE).toBe(0);
  });
});
