import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_SOFTDIRTY } from "./flags.ts";
import { answering } from "./testing/answering.ts";
import { caller } from "./testing/caller.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, file, PAGE, space } from "./testing/world.ts";
import type { Settings } from "@kadvise/releases";

const B = 0x1000;
const FIXED = 0x32;
const STACK = 0x132;

/** An address space whose heap has so many pages. */
function heap(pages: number, release = "6.12", settings: Partial<Settings> = {}): AddressSpace {
  const mm = space(release, settings);
  mm.startBreak = mm.break = B * PAGE;
  must(mm.setBreak((B + pages) * PAGE));
  return mm;
}

/** Moves the break to so many pages behind its start: "ok", or why it stays. */
function moved(mm: AddressSpace, pages: number, actor: Actor = caller()): string {
  const before = mm.break;
  const answer = mm.setBreak((B + pages) * PAGE, actor);
  expect(violations(mm.memory)).toEqual([]);
  if (answer.ok) return "ok";
  expect(mm.break).toBe(before);
  return answer.reason.id;
}

describe("a heap that shrinks", () => {
  test("by part of a page keeps the page, and to its start keeps nothing", () => {
    const mm = heap(2);
    expect(must(mm.setBreak((B + 1) * PAGE + 1))).toBe((B + 1) * PAGE + 1);
    expect(areasOf(mm, B)).toBe("0-2 rw");
    expect([moved(mm, 1), areasOf(mm, B)]).toEqual(["ok", "0-1 rw"]);
    expect([moved(mm, 0), areasOf(mm, B)]).toEqual(["ok", ""]);
  });

  test.each([
    ["5.10", "ok"],
    ["6.1", "brk/no-room"],
  ])("on %s over pages that were unmapped: %s", (release, answer) => {
    const mm = heap(4, release);
    must(mm.unmap(B + 2, 2));
    expect(moved(mm, 3)).toBe(answer);
    // What lies behind the old break is no reason to let it go.
    must(mm.map({ at: B + 5, pages: 1, prot: "r", flags: FIXED }));
    expect(moved(mm, 3)).toBe(release === "5.10" ? "ok" : answer);
    expect(areasOf(mm, B)).toBe("0-2 rw, 5-6 r");
    // Where some of it is left, the rest may be missing.
    expect([moved(mm, 1), areasOf(mm, B)]).toEqual(["ok", "0-1 rw, 5-6 r"]);
  });

  test("over what begins right at the old break finds nothing there, from 6.1 on", () => {
    const mm = heap(3);
    must(mm.map({ at: B + 3, pages: 1, prot: "r", flags: FIXED }));
    must(mm.unmap(B + 1, 2));
    expect(moved(mm, 2)).toBe("brk/no-room");
    expect([moved(mm, 0), areasOf(mm, B)]).toEqual(["ok", "3-4 r"]);
  });

  test("stays as it is where any of it is sealed, also behind a hole", () => {
    const mm = heap(6);
    must(mm.unmap(B + 3, 1));
    must(mm.seal(B + 5, 1));
    expect(moved(mm, 1)).toBe("munmap/sealed");
    expect(areasOf(mm, B)).toBe("0-3 rw, 4-5 rw, 5-6 rw");
  });

  test("does not ask what is sealed below the new break, or above the old one", () => {
    const mm = heap(4);
    must(mm.seal(B, 1));
    must(mm.map({ at: B + 4, pages: 1, prot: "r", flags: FIXED }));
    must(mm.seal(B + 4, 1));
    expect(moved(mm, 1)).toBe("ok");
    expect(areasOf(mm, B)).toBe("0-1 rw, 4-5 r");
  });
});

describe("a heap that grows", () => {
  test("leaves one page free below what is above it", () => {
    const mm = heap(1);
    must(mm.map({ at: B + 5, pages: 1, prot: "rw", flags: FIXED }));
    expect([moved(mm, 5), moved(mm, 4), areasOf(mm, B)]).toEqual([
      "brk/no-room",
      "ok",
      "0-4 rw, 5-6 rw",
    ]);
  });

  test("leaves 256 more below a stack", () => {
    const mm = heap(1);
    must(mm.map({ at: B + 300, pages: 1, prot: "rw", flags: STACK }));
    expect([moved(mm, 44), moved(mm, 43)]).toEqual(["brk/no-room", "ok"]);
  });

  test.each([
    ["RLIMIT_AS", 3, "mmap/address-space-limit"],
    ["RLIMIT_DATA", 3, "brk/data-limit"],
  ] as const)("keeps to %s", (limit, pages, answer) => {
    const mm = heap(1);
    const actor = caller({ limits: { [limit]: pages } });
    expect([moved(mm, 4, actor), areasOf(mm, B)]).toEqual([answer, "0-1 rw"]);
    expect(moved(mm, 3, actor)).toBe("ok");
  });

  test("counts what the program brought, and all other data, against RLIMIT_DATA", () => {
    const mm = heap(1);
    const actor = caller({ limits: { RLIMIT_DATA: 4 } });
    mm.programDataBytes = 2 * PAGE;
    expect([moved(mm, 3, actor), moved(mm, 2, actor)]).toEqual(["brk/data-limit", "ok"]);
    mm.programDataBytes = 0;
    must(mm.map({ at: B + 64, pages: 2, prot: "rw", flags: FIXED }));
    expect([moved(mm, 3, actor), mm.dataPages]).toEqual(["mmap/data-limit", 4]);
  });

  test("is refused where one area is too many already, even if it would need none", () => {
    const mm = heap(1, "6.12", { maxMapCount: 2 });
    const reserve = (at: number): void => {
      must(mm.map({ at: B + at, pages: 1, prot: "r", flags: FIXED }));
    };
    reserve(64);
    expect(moved(mm, 2)).toBe("ok");
    reserve(66);
    expect([mm.areas.count, moved(mm, 3)]).toEqual([3, "mmap/too-many-areas"]);
  });

  test("asks whether the machine promises the pages", () => {
    const mm = heap(1, "6.12", { overcommit: 2, commitLimitPages: 70_000 });
    expect([moved(mm, 90_000), moved(mm, 100)]).toEqual(["mmap/commit-limit", "ok"]);
    expect(mm.promisedPages).toBe(100);
  });

  test.each([true, false])("marks its area soft-dirty if the kernel has that: %s", (softDirty) => {
    const mm = heap(1, "6.12", { softDirty });
    expect((mm.areas.flags[mm.areas.at(B)] & VM_SOFTDIRTY) !== 0).toBe(softDirty);
  });

  test.each([
    ["6.0", "ok", "-2-2 rw"],
    ["6.1", "ok", "-2-0 rw, 0-2 rw"],
  ])("for the first time joins the data below it up to 6.0: on %s", (release, answer, areas) => {
    const mm = space(release);
    must(mm.map({ at: B - 2, pages: 2, prot: "rw", flags: FIXED }));
    mm.startBreak = mm.break = B * PAGE;
    expect([moved(mm, 2), areasOf(mm, B)]).toEqual([answer, areas]);
    // Later it goes on with what it has.
    expect(moved(mm, 3)).toBe("ok");
    expect(mm.areas.count).toBe(release === "6.0" ? 1 : 2);
  });

  const apart: readonly (readonly [string, (mm: AddressSpace) => void])[] = [
    ["is read-only", (mm) => must(mm.protect(B, 2, "r"))],
    ["was named", (mm) => must(mm.name(B, 2, "heap"))],
    ["is locked", (mm) => must(mm.lock(B, 2))],
    ["is gone", (mm) => must(mm.unmap(B + 1, 1))],
  ];
  test.each(apart)("does not join what is below it where that %s", (_, change) => {
    const mm = heap(2);
    change(mm);
    expect(moved(mm, 4)).toBe("ok");
    expect(mm.areas.count).toBe(2);
  });

  test("does not join pages that it has from its parent", () => {
    const mm = heap(2);
    must(mm.write(B, "1"));
    const child = mm.fork();
    expect([moved(mm, 4), areasOf(mm, B)]).toEqual(["ok", "0-4 rw"]);
    expect([moved(child, 4), areasOf(child, B)]).toEqual(["ok", "0-2 rw, 2-4 rw"]);
  });

  test.each([
    ["lock", 3, 3],
    ["on fault", 3, 1],
  ] as const)("while all is locked (%s) brings pages in", (how, locked, there) => {
    const mm = heap(1);
    must(mm.write(B, "1"));
    mm.lockAll(true, true, how === "on fault");
    expect(moved(mm, 3)).toBe("ok");
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([locked, there]);
  });
});

test("a break that moves within its page asks for nothing", () => {
  const mm = heap(1);
  must(mm.setBreak(B * PAGE + 10));
  expect(must(mm.setBreak(B * PAGE + 4000))).toBe(B * PAGE + 4000);
  expect([must(mm.setBreak(B * PAGE)), areasOf(mm, B)]).toEqual([B * PAGE, ""]);
});

describe("what lies right below the break", () => {
  /** An area of two pages that ends where the heap does, and is made alike but for one thing. */
  function beside(change: (mm: AddressSpace) => unknown, release = "6.12"): string {
    const mm = space(release);
    mm.startBreak = (B - 4) * PAGE;
    mm.break = B * PAGE;
    must(mm.map({ at: B - 2, pages: 2, prot: "rw", flags: FIXED }));
    change(mm);
    expect(moved(mm, 2)).toBe("ok");
    return areasOf(mm, B);
  }

  test.each<[string, (mm: AddressSpace) => unknown, string]>([
    ["grows", () => undefined, "-2-2 rw"],
    ["does not where it has a name", (mm) => mm.name(B - 2, 2, "n"), "-2-0 rw, 0-2 rw"],
    ["does not where it is of another kind", (mm) => mm.protect(B - 2, 2, "r"), "-2-0 r, 0-2 rw"],
    ["does not where it is not there", (mm) => mm.unmap(B - 2, 2), "0-2 rw"],
    ["does not where it ends earlier", (mm) => mm.unmap(B - 1, 1), "-2--1 rw, 0-2 rw"],
    [
      "does not where it is a file",
      (mm) =>
        mm.map({
          at: B - 2,
          pages: 2,
          prot: "rw",
          flags: 0x12,
          backing: file(4),
          offsetPages: B - 2,
        }),
      "-2-0 rw, 0-2 rw",
    ],
    [
      "does not where its pages came from elsewhere",
      (mm) => {
        must(mm.unmap(B - 2, 2));
        must(mm.map({ at: B + 40, pages: 2, prot: "rw", flags: FIXED }));
        must(mm.touch(B + 40));
        must(mm.remap({ page: B + 40, oldPages: 2, newPages: 2, flags: 3, target: B - 2 }));
      },
      "-2-0 rw, 0-2 rw",
    ],
  ])("%s", (_, change, areas) => {
    expect(beside(change)).toBe(areas);
  });

  test("stays apart in a child that inherited its pages", () => {
    const mm = heap(2);
    must(mm.touch(B));
    const child = mm.fork();
    expect([moved(child, 3), areasOf(child, B)]).toEqual(["ok", "0-2 rw, 2-3 rw"]);
    expect([moved(mm, 3), areasOf(mm, B)]).toEqual(["ok", "0-3 rw"]);
  });

  test.each([
    ["5.10", "-2-2 rw"],
    ["6.12", "-2-0 rw, 0-2 rw"],
  ])("and is the program's own data: on %s an empty heap begins as %s", (release, areas) => {
    const mm = space(release);
    must(mm.map({ at: 2 * B, pages: 1, prot: "r", flags: FIXED }));
    must(mm.map({ at: B - 2, pages: 2, prot: "rw", flags: FIXED }));
    expect(mm.areas.at(B - 1)).toBe(1);
    mm.startBreak = mm.break = B * PAGE;
    expect([moved(mm, 2), areasOf(mm, B).split(", ").slice(0, -1).join(", ")]).toEqual([
      "ok",
      areas,
    ]);
  });

  test("where nobody said what lies above, an area may be in the way", () => {
    const mm = heap(1);
    mm.veil.add(B + 3, B + 9);
    answering(mm, { "mm/unstated-range": "area" });
    expect([moved(mm, 5), moved(mm, 2)]).toEqual(["brk/no-room", "ok"]);
  });
});

test("what keeps a heap from shrinking is named by the new break", () => {
  const why = (mm: AddressSpace, pages: number): unknown => {
    const answer = mm.setBreak((B + pages) * PAGE + 5);
    return answer.ok ? "ok" : [answer.reason.id, answer.reason.compared];
  };
  const sealed = heap(6);
  must(sealed.seal(B + 5, 1));
  expect(why(sealed, 2)).toEqual(["munmap/sealed", { address: "0x1003000" }]);
  const gone = heap(6);
  must(gone.unmap(B + 2, 4));
  expect(why(gone, 2)).toEqual(["brk/no-room", { address: "0x1003000" }]);
});
