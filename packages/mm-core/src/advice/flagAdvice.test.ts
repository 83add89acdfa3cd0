import { must, type AdviceName } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import * as VM from "../flags.ts";
import { space } from "../testing/world.ts";

const B = 0x1000;
const CHANGED =
  VM.VM_RAND_READ |
  VM.VM_SEQ_READ |
  VM.VM_DONTCOPY |
  VM.VM_WIPEONFORK |
  VM.VM_DONTDUMP |
  VM.VM_MERGEABLE |
  VM.VM_HUGEPAGE |
  VM.VM_NOHUGEPAGE;

function laid(flags = 0, release = "6.18"): AddressSpace {
  const mm = space(release);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x32 }));
  const area = mm.areas.at(B);
  mm.areas.setFlags(area, (mm.areas.flags[area] | flags) >>> 0);
  return mm;
}

/** What an advice makes of an area's flags, or why it does not. */
function advised(advice: AdviceName, flags = 0, release = "6.18"): string {
  const mm = laid(flags, release);
  const before = mm.areas.flags[mm.areas.at(B)];
  const answer = mm.advise(B, 4, advice);
  const after = mm.areas.flags[mm.areas.at(B)];
  expect((before ^ after) & ~CHANGED).toBe(0);
  if (!answer.ok) return answer.reason.id.slice("madvise/".length);
  const names = {
    rand: VM.VM_RAND_READ,
    seq: VM.VM_SEQ_READ,
    dontcopy: VM.VM_DONTCOPY,
    wipe: VM.VM_WIPEONFORK,
    dontdump: VM.VM_DONTDUMP,
    merge: VM.VM_MERGEABLE,
    huge: VM.VM_HUGEPAGE,
    nohuge: VM.VM_NOHUGEPAGE,
  };
  return Object.entries(names)
    .filter(([, flag]) => (after & flag) !== 0)
    .map(([name]) => name)
    .join(" ");
}

describe("advice that changes an area's flags", () => {
  const rows: readonly (readonly [AdviceName, number, string])[] = [
    ["MADV_NORMAL", VM.VM_RAND_READ | VM.VM_DONTCOPY, "dontcopy"],
    ["MADV_NORMAL", VM.VM_SEQ_READ, ""],
    ["MADV_SEQUENTIAL", VM.VM_RAND_READ, "seq"],
    ["MADV_RANDOM", VM.VM_SEQ_READ, "rand"],
    ["MADV_DONTFORK", 0, "dontcopy"],
    ["MADV_DOFORK", VM.VM_DONTCOPY | VM.VM_DONTDUMP, "dontdump"],
    ["MADV_WIPEONFORK", 0, "wipe"],
    ["MADV_KEEPONFORK", VM.VM_WIPEONFORK, ""],
    ["MADV_DONTDUMP", 0, "dontdump"],
    ["MADV_DODUMP", VM.VM_DONTDUMP, ""],
    ["MADV_MERGEABLE", 0, "merge"],
    ["MADV_UNMERGEABLE", VM.VM_MERGEABLE | VM.VM_WIPEONFORK, "wipe"],
    ["MADV_HUGEPAGE", VM.VM_NOHUGEPAGE, "huge"],
    ["MADV_NOHUGEPAGE", VM.VM_HUGEPAGE, "nohuge"],
  ];
  test.each(rows)("%s, where it was %i, leaves: %s", (advice, flags, left) => {
    expect(advised(advice, flags)).toBe(left);
    // Given twice it is the same.
    const mm = laid(flags);
    must(mm.advise(B, 4, advice));
    const once = mm.areas.flags[mm.areas.at(B)];
    must(mm.advise(B, 4, advice));
    expect([mm.areas.flags[mm.areas.at(B)], mm.areas.count]).toEqual([once, 1]);
  });

  test("objects to the kernel's own mappings, by release", () => {
    const dofork = (flag: number, release: string): string =>
      advised("MADV_DOFORK", flag | VM.VM_DONTCOPY, release);
    expect([dofork(VM.VM_IO, "6.18"), dofork(VM.VM_DONTEXPAND, "6.18")]).toEqual([
      ...["dofork-special", ""],
    ]);
    expect(
      [VM.VM_DONTEXPAND, VM.VM_PFNMAP, VM.VM_MIXEDMAP].map((flag) => dofork(flag, "7.1")),
    ).toEqual(["dofork-special", "dofork-special", "dofork-special"]);
    const dodump = (flag: number): string => advised("MADV_DODUMP", flag | VM.VM_DONTDUMP);
    expect([VM.VM_IO, VM.VM_PFNMAP, VM.VM_DROPPABLE].map(dodump)).toEqual([
      ...["dodump-special", "dodump-special", "dodump-special"],
    ]);
    expect(dodump(VM.VM_DONTEXPAND | VM.VM_HUGETLB)).toBe("");
    expect([
      advised("MADV_KEEPONFORK", VM.VM_DROPPABLE),
      advised("MADV_WIPEONFORK", VM.VM_SHARED),
    ]).toEqual([...["keeponfork-droppable", "wipeonfork-not-anonymous"]]);
  });

  test("leaves what KSM cannot merge as it is, and says nothing", () => {
    for (const flag of [
      VM.VM_PFNMAP,
      VM.VM_IO,
      VM.VM_DONTEXPAND,
      VM.VM_MIXEDMAP,
      VM.VM_SHARED,
      VM.VM_DROPPABLE,
    ])
      expect(advised("MADV_MERGEABLE", flag)).toBe("");
  });
});

describe("DONTNEED, COLD, PAGEOUT and FREE of what is no ordinary memory", () => {
  const lru = ["MADV_DONTNEED", "MADV_COLD", "MADV_PAGEOUT", "MADV_FREE"] as const;

  test("are refused where frames are bare, and nothing goes", () => {
    for (const advice of lru) {
      const mm = laid();
      must(mm.write(B, "kept"));
      const area = mm.areas.at(B);
      mm.areas.setFlags(area, (mm.areas.flags[area] | VM.VM_PFNMAP) >>> 0);
      expect(mm.advise(B + 1, 2, advice)).toMatchObject({
        reason: { id: "madvise/pfnmap", compared: { address: "0x1001000" } },
      });
      expect(mm.anonymousPages).toBe(1);
    }
  });

  test("DONTNEED_LOCKED alone takes locked memory", () => {
    const mm = laid();
    must(mm.lock(B, 4));
    for (const advice of lru) expect(mm.advise(B, 4, advice).ok).toBe(false);
    must(mm.advise(B, 4, "MADV_DONTNEED_LOCKED"));
    expect([mm.anonymousPages, mm.lockedPages]).toEqual([0, 4]);
  });
});

test("an advice that there is not is misuse", () => {
  expect(() => laid().advise(B, 1, 77)).toThrow(/expected an advice that madvise knows, got 77/);
});
