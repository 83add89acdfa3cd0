import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MERGEABLE } from "./flags.ts";
import { areasOf, file, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(release = "6.18"): AddressSpace {
  const mm = space(release);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
  return mm;
}

/** Which areas KSM may merge. */
function mergeable({ areas }: AddressSpace): boolean[] {
  return [...areas].map((area) => (areas.flags[area] & VM_MERGEABLE) !== 0);
}

describe("PR_SET_MEMORY_MERGE", () => {
  test("marks what can be merged, and takes all marks away, those of madvise too", () => {
    const mm = laid();
    must(mm.map({ at: B + 8, pages: 2, prot: "rw", flags: 0x31 }));
    must(mm.map({ at: B + 16, pages: 2, prot: "rw", flags: 0x12, backing: file(4) }));
    must(mm.map({ at: B + 24, pages: 2, prot: "rw", flags: 0x38 }));
    must(mm.advise(B, 2, "MADV_MERGEABLE"));
    mm.setMergeAny(true);
    expect(mergeable(mm)).toEqual([true, true, false, true, false]);
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw, 8-10 rw, 16-18 rw, 24-26 rw");
    mm.setMergeAny(false);
    expect(mergeable(mm)).toEqual([false, false, false, false, false]);
    expect(mm.mergeAny).toBe(false);
  });

  test.each([
    ["6.4", "0-8 rw", [true]],
    ["6.16", "0-8 rw", [true]],
    ["6.17", "0-8 rw", [true]],
  ])("on %s a new mapping of its kind joins what was marked: %s", (release, areas, marks) => {
    const mm = laid(release);
    mm.setMergeAny(true);
    must(mm.map({ at: B + 12, pages: 2, prot: "rw", flags: FIXED }));
    expect(mergeable(mm)).toEqual([true, true]);
    must(mm.map({ at: B + 4, pages: 4, prot: "rw", flags: FIXED }));
    // Before 6.17 the new one is marked after it looked for neighbours: it stays apart.
    const joins = release === "6.17";
    expect(areasOf(mm, B)).toBe(joins ? `${areas}, 12-14 rw` : "0-4 rw, 4-8 rw, 12-14 rw");
    expect(mergeable(mm)).toEqual(joins ? [...marks, true] : [true, true, true]);
  });

  test.each(["6.16", "6.17"])("on %s marks the heap as it grows, too", (release) => {
    const mm = space(release);
    mm.startBreak = mm.break = B * 4096;
    mm.setMergeAny(true);
    must(mm.setBreak((B + 2) * 4096));
    expect(mergeable(mm)).toEqual([true]);
    must(mm.map({ at: B + 16, pages: 2, prot: "rw", flags: 0x31 }));
    expect(mergeable(mm)).toEqual([true, false]);
  });

  test("before 6.17 a new mapping that joins what is not marked is not marked either", () => {
    const mm = laid("6.16");
    mm.setMergeAny(true);
    must(mm.advise(B, 4, "MADV_UNMERGEABLE"));
    expect(mergeable(mm)).toEqual([false]);
    must(mm.map({ at: B + 4, pages: 4, prot: "rw", flags: FIXED }));
    expect([areasOf(mm, B), mergeable(mm)]).toEqual(["0-8 rw", [false]]);
  });

  test("is taken back with what was only tried", () => {
    const mm = laid();
    mm.attempt(() => mm.setMergeAny(true));
    expect([mm.mergeAny, mergeable(mm)]).toEqual([false, [false]]);
  });
});
