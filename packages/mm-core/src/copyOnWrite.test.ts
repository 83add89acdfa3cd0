import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { F_DIRTY, F_EXCLUSIVE, F_SWAPCACHE } from "./frames.ts";
import { P_DIRTY, P_WRITE, P_YOUNG } from "./pageTable.ts";
import { violations } from "./testing/invariants.ts";
import { file, space } from "./testing/world.ts";

const B = 510;
const FIXED = 0x32;

function laid(swap = true): AddressSpace {
  const mm = space("6.18", { swap });
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
  must(mm.write(B, "mine"));
  return mm;
}

/** Which of `written here, dirty, used` an entry says. */
function marks(mm: AddressSpace, page = B): string {
  const bits = mm.pages.bitsOf(page);
  return [P_WRITE, P_DIRTY, P_YOUNG].map((bit) => ((bits & bit) !== 0 ? 1 : 0)).join("");
}

function has(mm: AddressSpace, flag: number): boolean {
  return (mm.memory.frames.flags[mm.pages.valueOf(B)] & flag) !== 0;
}

function text(mm: AddressSpace, page = B): string {
  return String.fromCharCode(...must(mm.read(page, 4)));
}

describe("a write to a page that somebody shared", () => {
  test("takes it over where nobody else is left: the entry may write from then on", () => {
    const mm = laid();
    const frame = mm.pages.valueOf(B);
    mm.fork().tearDown();
    must(mm.advise(B, 1, "MADV_FREE"));
    expect([marks(mm), has(mm, F_EXCLUSIVE)]).toEqual(["000", false]);
    must(mm.touch(B));
    expect([marks(mm), has(mm, F_EXCLUSIVE), mm.pages.valueOf(B)]).toEqual(["111", true, frame]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("calls off that it was given up", () => {
    const mm = laid(false);
    mm.fork().tearDown();
    must(mm.advise(B, 1, "MADV_FREE"));
    must(mm.write(B, "kept"));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(text(mm)).toBe("kept");
  });

  test("copies it where a child has it: the copy is the writer's alone, the child's as it was", () => {
    const mm = laid();
    const child = mm.fork();
    expect([marks(mm), marks(child)]).toEqual(["011", "010"]);
    must(child.write(B, "hers"));
    expect([marks(mm), marks(child), text(mm), text(child)]).toEqual([
      ...["011", "111", "mine", "hers"],
    ]);
    expect([has(mm, F_EXCLUSIVE), has(child, F_EXCLUSIVE)]).toEqual([false, true]);
    must(mm.touch(B));
    expect([marks(mm), has(mm, F_EXCLUSIVE), mm.memory.frames.inUse]).toEqual(["111", true, 2]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("copies it where a child has it in swap, and no sooner gives up its place there", () => {
    const mm = laid();
    const child = mm.fork();
    must(child.write(B + 1, "swap"));
    must(mm.write(B + 1, "mine"));
    // Both show one page again: the child's, which went to swap and came back for both.
    mm.tearDown();
    const grandchild = child.fork();
    grandchild.tearDown();
    must(child.advise(B + 1, 1, "MADV_PAGEOUT"));
    const third = child.fork();
    expect([child.swapEntries, third.swapEntries]).toEqual([1, 1]);
    must(child.touch(B + 1, "read"));
    expect([child.swapEntries, third.swapEntries]).toEqual([0, 1]);
    const slots = child.memory.swap.slots.size;
    const frame = child.pages.valueOf(B + 1);
    must(child.write(B + 1, "copy"));
    expect([child.memory.swap.slots.size, child.pages.valueOf(B + 1) === frame]).toEqual([
      slots,
      false,
    ]);
    expect(text(third, B + 1)).toBe("swap");
    expect(violations(child.memory)).toEqual([]);
  });

  test("that came back from swap for one alone gives up its place there", () => {
    const mm = laid();
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    must(mm.touch(B, "read"));
    expect([has(mm, F_SWAPCACHE), has(mm, F_DIRTY), marks(mm)]).toEqual([true, false, "101"]);
    mm.fork().tearDown();
    expect(marks(mm)).toBe("001");
    const frame = mm.pages.valueOf(B);
    must(mm.write(B, "more"));
    expect(mm.pages.valueOf(B)).toBe(frame);
    expect([has(mm, F_SWAPCACHE), mm.memory.swap.slots.size, marks(mm)]).toEqual([false, 0, "111"]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("of a file is a copy, which is not the file's; of a shared mapping it is the file's", () => {
    const mm = space();
    const backing = file(2);
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing }));
    must(mm.map({ at: B + 8, pages: 2, prot: "rw", flags: 0x11, backing }));
    for (const page of [B, B + 8]) must(mm.touch(page, "read"));
    const frame = mm.pages.valueOf(B);
    must(mm.write(B, "mine"));
    expect([text(mm, B + 8), mm.pages.valueOf(B) === frame]).toEqual(["\0\0\0\0", false]);
    must(mm.write(B + 8, "file"));
    expect([marks(mm, B + 8), mm.pages.valueOf(B + 8), text(mm)]).toEqual(["111", frame, "mine"]);
    expect([mm.anonymousPages, mm.filePages]).toEqual([1, 1]);
  });

  test.each(["6.12", "6.18"])(
    "%s: of a large folio that a child still shows in part, copies it",
    (release) => {
      const mm = space(release);
      must(mm.map({ at: 512, pages: 512, prot: "rw", flags: FIXED }));
      must(mm.advise(512, 512, "MADV_HUGEPAGE"));
      must(mm.write(512, "mine"));
      const child = mm.fork();
      must(child.advise(517, 1, "MADV_DONTNEED"));
      must(mm.protect(512, 1, "r"));
      const frame = mm.pages.valueOf(517);
      expect(mm.memory.frames.mapCount[frame]).toBe(1);
      must(mm.write(517, "copy"));
      expect(mm.pages.valueOf(517)).not.toBe(frame);
      expect(violations(mm.memory)).toEqual([]);
    },
  );
});
