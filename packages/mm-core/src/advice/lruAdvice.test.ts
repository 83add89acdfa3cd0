import { must, type AdviceName } from "@kadvise/uapi";
import type { Settings } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import type { Backing } from "../backing.ts";
import { VM_PFNMAP } from "../flags.ts";
import { F_ACTIVE, F_BATCHED, F_REFERENCED } from "../frames.ts";
import { LEAF_PAGES, P_YOUNG } from "../pageTable.ts";
import { SKIPPED } from "../tally.ts";
import { caller } from "../testing/caller.ts";
import { violations } from "../testing/invariants.ts";
import { file, opened, space } from "../testing/world.ts";

const B = 4 * LEAF_PAGES;
const FIXED = 0x32;
const BOTH: readonly AdviceName[] = ["MADV_COLD", "MADV_PAGEOUT"];

/** Eight pages, of which the first were written. */
function laid(written = 0, release = "6.18", settings: Partial<Settings> = {}): AddressSpace {
  const mm = space(release, settings);
  must(mm.map({ at: B, pages: 8, prot: "rw", flags: FIXED }));
  for (let page = 0; page < written; page++) must(mm.write(B + page, `${page}`));
  return mm;
}

/** What an advice counted: how many pages it looked at, acted on, and passed by for which reason. */
function counted(
  mm: AddressSpace,
  advice: AdviceName,
  {
    pages = 8,
    actor = OMNIPOTENT,
    at = 0,
  }: { readonly pages?: number; readonly actor?: Actor; readonly at?: number } = {},
): string {
  const { tally } = mm.memory;
  const before = { ...tally, skipped: [...tally.skipped] };
  const answer = mm.advise(B + at, pages, advice, actor);
  if (!answer.ok) return answer.reason.id;
  const skipped = SKIPPED.flatMap((reason, i) => {
    const more = tally.skipped[i] - before.skipped[i];
    return more === 0 ? [] : [`${reason} ${more}`];
  });
  const numbers = [tally.considered - before.considered, tally.acted - before.acted];
  return [...numbers, ...skipped].join(", ");
}

describe.each(BOTH)("%s", (advice) => {
  test("counts every page once, whatever it is", () => {
    const mm = laid(3);
    must(mm.touch(B + 4, "read"));
    must(mm.advise(B + 6, 1, "MADV_GUARD_INSTALL"));
    expect(counted(mm, advice)).toBe("8, 3, not-present 3, zero-page 1, guard 1");
  });

  test("counts what has no table as not present", () => {
    expect(counted(laid(), advice)).toBe("8, 0, not-present 8");
  });

  test("leaves alone what a child shows too", () => {
    const mm = laid(3);
    const child = mm.fork();
    must(child.write(B, "c"));
    expect(counted(mm, advice, { pages: 3 })).toBe("3, 1, shared 2");
  });

  test("does nothing for a caller who is about to be killed, and that is success", () => {
    const mm = laid(3);
    const actor = caller({}, { fatalSignalPending: () => true });
    expect(counted(mm, advice, { actor })).toBe("0, 0");
    expect([mm.anonymousPages, mm.memory.work.tlbFlushes]).toEqual([3, 0]);
    expect(mm.pages.bitsOf(B) & P_YOUNG).toBe(P_YOUNG);
  });

  test("of locked memory, bare frames or huge pages of the pool is refused", () => {
    const locked = laid(1);
    must(locked.lock(B, 8));
    expect(counted(locked, advice)).toBe("madvise/locked");
    const bare = laid(1);
    const area = bare.areas.at(B);
    bare.areas.setFlags(area, (bare.areas.flags[area] | VM_PFNMAP) >>> 0);
    expect(counted(bare, advice)).toBe("madvise/pfnmap");
    const huge = space("6.18", { hugePages: 1 });
    must(huge.map({ at: B, pages: LEAF_PAGES, prot: "rw", flags: FIXED | 0x40000 }));
    expect(counted(huge, advice)).toBe("madvise/hugetlb");
  });

  test("walks each table that is there once, and no other", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 5 * LEAF_PAGES, prot: "rw", flags: FIXED }));
    for (const page of [3, LEAF_PAGES - 1, LEAF_PAGES, 4 * LEAF_PAGES])
      must(mm.write(B + page, "1"));
    const { work } = mm.memory;
    const before = { walks: work.pageTableWalks, pages: work.pagesTouched };
    expect(counted(mm, advice, { pages: 4 * LEAF_PAGES + 1 })).toBe(
      `${4 * LEAF_PAGES + 1}, 4, not-present ${4 * LEAF_PAGES - 3}`,
    );
    expect(work.pageTableWalks - before.walks).toBe(3);
    expect(work.pagesTouched - before.pages).toBe(2 * LEAF_PAGES + 1);
  });

  test("ends with the range, within a table and at its end", () => {
    const acted = (start: number, pages: number): number => {
      const mm = space();
      must(mm.map({ at: B, pages: 2 * LEAF_PAGES, prot: "rw", flags: 0x8032 }));
      for (let page = 0; page < 2 * LEAF_PAGES; page++) must(mm.write(B + page, "1"));
      const before = mm.memory.tally.acted;
      must(mm.advise(B + start, pages, advice));
      return mm.memory.tally.acted - before;
    };
    expect([acted(0, LEAF_PAGES), acted(1, LEAF_PAGES), acted(LEAF_PAGES - 1, 1)]).toEqual([
      LEAF_PAGES,
      LEAF_PAGES,
      1,
    ]);
    expect(acted(LEAF_PAGES - 1, 2)).toBe(2);
  });
});

describe.each(["MADV_COLD", "MADV_PAGEOUT", "MADV_FREE"] as const)(
  "%s of pages in swap",
  (advice) => {
    test("takes no page for what lies there, whatever the numbers of both are", () => {
      const mm = laid(4);
      for (const page of [2, 3, 0]) must(mm.advise(B + page, 1, "MADV_PAGEOUT"));
      const inSwap = [0, 2, 3];
      // The first slots have the numbers of the first frames: of pages that are there.
      expect(inSwap.map((page) => mm.pages.valueOf(B + page))).toEqual([3, 1, 2]);
      expect(mm.memory.frames.mapCount[2]).toBe(1);
      const freed = advice === "MADV_FREE" ? 1 : 0;
      for (const page of inSwap)
        expect(counted(mm, advice, { pages: 1, at: page })).toBe(
          freed === 1 ? "1, 1" : "1, 0, not-present 1",
        );
      expect([mm.swapEntries, mm.anonymousPages]).toEqual([freed === 1 ? 0 : 3, 1]);
      expect(violations(mm.memory)).toEqual([]);
      for (const page of freed === 1 ? [1] : [0, 1, 2, 3])
        expect(must(mm.read(B + page, 1))[0]).toBe(0x30 + page);
    });
  },
);

describe("MADV_COLD", () => {
  const marks = (mm: AddressSpace, page = B): number[] => {
    const flags = mm.memory.frames.flags[mm.pages.valueOf(page)];
    return [F_ACTIVE, F_REFERENCED, F_BATCHED].map((bit) => ((flags & bit) !== 0 ? 1 : 0));
  };
  /** One page, active and referenced. */
  function used(settings: Partial<Settings> = {}): AddressSpace {
    const mm = laid(1, "6.18", settings);
    const frame = mm.pages.valueOf(B);
    const { frames } = mm.memory;
    frames.setFlags(frame, frames.flags[frame] | F_ACTIVE | F_REFERENCED);
    return mm;
  }

  test("takes every mark of use away, and flushes once if an entry had one", () => {
    const mm = used();
    expect(marks(mm)).toEqual([1, 1, 0]);
    must(mm.advise(B, 8, "MADV_COLD"));
    expect([marks(mm), mm.pages.bitsOf(B) & P_YOUNG]).toEqual([[0, 0, 0], 0]);
    expect(mm.memory.work.tlbFlushes).toBe(1);
    must(mm.advise(B, 8, "MADV_COLD"));
    expect([mm.memory.work.tlbFlushes, mm.anonymousPages]).toEqual([1, 1]);
  });

  test("with generations leaves it in a batch of its processor", () => {
    const mm = used({ multiGenLru: true });
    must(mm.advise(B, 1, "MADV_COLD"));
    expect(marks(mm)).toEqual([0, 0, 1]);
  });

  test("that is only tried leaves every mark as it was", () => {
    const mm = used();
    mm.attempt(() => mm.advise(B, 8, "MADV_COLD"));
    expect([marks(mm), mm.pages.bitsOf(B) & P_YOUNG]).toEqual([[1, 1, 0], P_YOUNG]);
  });

  test.each([
    ["5.8", 1],
    ["6.18", 0],
  ])("a new page is active before 5.9: on %s", (release, active) => {
    expect(marks(laid(1, release))[0]).toBe(active);
  });
});

describe("MADV_PAGEOUT", () => {
  const stranger = caller({}, { ownsOrMayWrite: () => false });
  /** A private file mapping with one page of the file and one copy of its own. */
  function mixed(release: string, flags = 0x12): AddressSpace {
    const mm = space(release);
    must(mm.map({ at: B, pages: 8, prot: "rw", flags, backing: file(8) }));
    must(mm.touch(B, "read"));
    must(mm.touch(B + 1, "read"));
    must(mm.write(B + 1, "1"));
    return mm;
  }

  test.each([
    ["5.10.0", 0x12, "file-not-owned 8", [1, 1, 0]],
    ["6.18", 0x12, "not-anonymous 1", [1, 0, 1]],
    ["6.18", 0x11, "file-not-owned 8", [2, 0, 0]],
  ])("of another's file, on %s, flags %i: %s", (release, flags, why, left) => {
    const mm = mixed(release, flags);
    expect(counted(mm, "MADV_PAGEOUT", { actor: stranger })).toContain(why);
    expect([mm.filePages, mm.anonymousPages, mm.swapEntries]).toEqual(left);
  });

  test("of one's own file takes all of it", () => {
    const mm = mixed("6.18");
    must(mm.advise(B, 8, "MADV_PAGEOUT"));
    expect([mm.filePages, mm.anonymousPages, mm.swapEntries]).toEqual([0, 0, 1]);
  });

  test("without swap keeps anonymous pages, and says why", () => {
    const mm = laid(2, "6.18", { swap: false });
    expect(counted(mm, "MADV_PAGEOUT", { pages: 2 })).toBe("2, 0, no-swap 2");
    expect([mm.anonymousPages, mm.swapEntries]).toEqual([2, 0]);
  });

  test("counts what was given up: it goes, but for what was written since", () => {
    const mm = laid(3, "6.18", { swap: false });
    must(mm.advise(B, 3, "MADV_FREE"));
    must(mm.write(B + 1, "1"));
    expect(counted(mm, "MADV_PAGEOUT", { pages: 3 })).toBe("3, 2, no-swap 1");
    expect([mm.anonymousPages, must(mm.read(B + 1, 1))[0]]).toEqual([1, 0x31]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("keeps what was written into a huge page that was given up, and is split", () => {
    for (const release of ["5.10", "6.1", "6.18"]) {
      const mm = space(release, { swap: false });
      must(mm.map({ at: B, pages: LEAF_PAGES, prot: "rw", flags: FIXED }));
      must(mm.advise(B, LEAF_PAGES, "MADV_HUGEPAGE"));
      for (const page of [0, 3]) must(mm.write(B + page, "a"));
      must(mm.advise(B, LEAF_PAGES, "MADV_FREE"));
      must(mm.write(B + 3, "z"));
      must(mm.advise(B, 1, "MADV_COLD"));
      must(mm.advise(B, LEAF_PAGES, "MADV_PAGEOUT"));
      expect([release, must(mm.read(B + 3, 1))[0]]).toEqual([release, 0x7a]);
      expect(violations(mm.memory)).toEqual([]);
    }
  });

  test("counts pages of files and of shared memory that go, and those that must be written first", () => {
    const mapped = (backing: Backing | null, flags: number, swap: boolean): AddressSpace => {
      const mm = space("6.18", { swap });
      must(mm.map({ at: B, pages: 4, prot: "rw", flags, backing }));
      must(mm.touch(B, "read"));
      must(mm.write(B + 1, "1"));
      return mm;
    };
    const said = (mm: AddressSpace): string => {
      const answer = counted(mm, "MADV_PAGEOUT", { pages: 4 });
      expect(violations(mm.memory)).toEqual([]);
      // What was written stays, however often it is paged out.
      for (let i = 0; i < 2; i++) {
        expect(String.fromCharCode(must(mm.read(B + 1, 1))[0])).toBe("1");
        must(mm.advise(B, 4, "MADV_PAGEOUT"));
      }
      return answer;
    };
    expect(said(mapped(file(4), 0x11, true))).toBe("4, 1, not-present 2, dirty-file 1");
    expect(said(mapped(null, 0x31, true))).toBe("4, 2, not-present 2");
    expect(said(mapped(null, 0x31, false))).toBe("4, 1, not-present 2, no-swap 1");
    const pinned = file(4, { unevictable: true });
    expect(said(mapped(pinned, 0x11, true))).toBe("4, 0, not-present 2, not-on-lru 2");
  });
});

test("the kernel's own mappings have no file that anybody owns: up to 5.10 PAGEOUT passes them by", () => {
  const mm = space("5.10.0");
  const special = opened({ kind: "special", sizeBytes: 8 * 4096 }, { name: "[vdso]" });
  must(mm.map({ at: B, pages: 8, prot: "r", flags: 0x12, backing: special }));
  expect(counted(mm, "MADV_PAGEOUT")).toBe("8, 0, file-not-owned 8");
  expect(counted(mm, "MADV_COLD")).toBe("8, 0, not-present 8");
});
