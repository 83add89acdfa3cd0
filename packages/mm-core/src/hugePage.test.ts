import { Checks, Journal, USUAL, type Choices } from "@kadvise/ports";
import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";
import { Memory } from "./memory.ts";
import { violations } from "./testing/invariants.ts";
import { machine, space } from "./testing/world.ts";
import { PAGEMAP_HIGH } from "./views/pagemap.ts";

const HUGE = 512;
const B = HUGE;
const FIXED = 0x32;
const LRU = ["MADV_COLD", "MADV_PAGEOUT", "MADV_FREE"] as const;

/** Two huge pages' room, advised to hold them. */
function advised(release = "6.18", pages = 2 * HUGE, settings = {}): AddressSpace {
  const mm = space(release, settings);
  must(mm.map({ at: B, pages, prot: "rw", flags: FIXED }));
  must(mm.advise(B, pages, "MADV_HUGEPAGE"));
  return mm;
}

/** Kilobytes that smaps shows on lines of a name, of all areas together. */
function shown(mm: AddressSpace, name: string): number {
  const lines = mm.smaps().matchAll(new RegExp(`^${name}: +(\\d+) kB$`, "gm"));
  return [...lines].reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0);
}

function huge(mm: AddressSpace): number {
  return shown(mm, "AnonHugePages") / 2048;
}

function entry(mm: AddressSpace, page: number): number {
  return new DataView(mm.pagemap(page, 1).buffer).getUint32(4, true);
}

describe("a page that is touched", () => {
  test("comes with all of its huge page, which smaps, mincore and status count", () => {
    const mm = advised();
    must(mm.write(B + 7, "x"));
    expect(huge(mm)).toBe(1);
    expect(shown(mm, "Rss")).toBe(2048);
    expect(shown(mm, "Private_Dirty")).toBe(2048);
    expect([...must(mm.residency(B + HUGE - 2, 4))]).toEqual([1, 1, 0, 0]);
    expect(mm.anonymousPages).toBe(HUGE);
  });

  test("and was only to be read shows the huge page of zeros, and makes a reverse map", () => {
    const mm = advised();
    must(mm.touch(B + 7, "read"));
    expect([...must(mm.residency(B, 2))]).toEqual([1, 1]);
    expect(shown(mm, "Rss") + huge(mm)).toBe(0);
    expect(mm.areas.anon[mm.areas.at(B)]).not.toBe(0);
  });

  test("by the kernel counts as used by its entry, which is marked where it gets dirty", () => {
    const used = (advice: "MADV_POPULATE_READ" | "MADV_POPULATE_WRITE"): number => {
      const parent = advised();
      must(parent.touch(B));
      const child = parent.fork();
      parent.tearDown();
      must(child.protect(B, HUGE, "r"));
      must(child.protect(B, HUGE, "rw"));
      must(child.advise(B, 1, advice));
      return shown(child, "Referenced");
    };
    expect([used("MADV_POPULATE_READ"), used("MADV_POPULATE_WRITE")]).toEqual([0, 2048]);
  });

  test.each([
    ["madvise", undefined, 0],
    ["madvise", "MADV_HUGEPAGE", 1],
    ["always", undefined, 1],
    ["always", "MADV_NOHUGEPAGE", 0],
    ["never", "MADV_HUGEPAGE", 0],
  ] as const)("is huge where the setting is %s and the advice %s: %i", (thpEnabled, advice, n) => {
    const mm = space("6.18", { thpEnabled });
    must(mm.map({ at: B, pages: HUGE, prot: "rw", flags: FIXED }));
    if (advice !== undefined) must(mm.advise(B, HUGE, advice));
    must(mm.touch(B));
    expect(huge(mm)).toBe(n);
  });

  test.each([
    ["the area ends within", B, HUGE - 1],
    ["the area begins within", B + 1, HUGE],
  ])("is small where %s", (_, at, pages) => {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at, pages, prot: "rw", flags: FIXED }));
    must(mm.touch(B + 5));
    expect(shown(mm, "Rss")).toBe(4);
  });

  test("is small where huge pages are switched off for the process", () => {
    const mm = advised();
    mm.hugeDisabled = 1;
    must(mm.touch(B));
    expect(shown(mm, "Rss")).toBe(4);
  });

  test("is small where a page table is already there", () => {
    const mm = advised();
    must(mm.advise(B, HUGE, "MADV_NOHUGEPAGE"));
    must(mm.touch(B));
    must(mm.advise(B, HUGE, "MADV_HUGEPAGE"));
    must(mm.touch(B + 1));
    expect(shown(mm, "Rss")).toBe(8);
  });

  test("is small where no huge page is to be had, which is asked once", () => {
    const asked: string[] = [];
    const choices: Choices = {
      choose(question) {
        asked.push(question.describe());
        return question.id === "fault/huge-page" ? (false as never) : USUAL.choose(question);
      },
    };
    const ports = { choices, checks: new Checks(), journal: new Journal() };
    const mm = new AddressSpace({ memory: new Memory({ ports }) });
    must(mm.map({ at: B, pages: HUGE, prot: "rw", flags: FIXED }));
    must(mm.advise(B, HUGE, "MADV_HUGEPAGE"));
    must(mm.touch(B));
    must(mm.touch(B + 1));
    expect(shown(mm, "Rss")).toBe(8);
    expect(asked).toEqual([
      "whether a huge page was to be had for 0x200000: memory may be in pieces",
    ]);
  });
});

test.each([
  ["before the first huge page's end", 0x20, 1, 1],
  ["with it", HUGE - 1, 1, 0],
  ["behind it", HUGE, 1, 0],
  ["where one fits in", HUGE, HUGE, 1],
  ["where one fits in, but not in step", HUGE + 1, HUGE, 0],
])("smaps calls an area eligible that ends %s", (_, at, pages, eligible) => {
  const mm = space("6.18");
  must(mm.map({ at, pages, prot: "rw", flags: FIXED }));
  must(mm.advise(at, pages, "MADV_HUGEPAGE"));
  expect(/^THPeligible: +(\d)$/m.exec(mm.smaps())?.[1]).toBe(String(eligible));
  must(mm.touch(at));
  // What smaps says is of no use where there is no room.
  expect(huge(mm)).toBe(pages === HUGE && eligible === 1 ? 1 : 0);
});

describe("a huge page becomes small pages", () => {
  test.each<[string, (mm: AddressSpace) => unknown]>([
    ["mprotect of one page", (mm) => mm.protect(B + 1, 1, "r")],
    ["mlock of one page", (mm) => mm.lock(B, 1)],
    ["munmap of its end", (mm) => mm.unmap(B + HUGE - 1, 1)],
    ["NOHUGEPAGE for a part", (mm) => mm.advise(B + 1, 1, "MADV_NOHUGEPAGE")],
    ["DONTFORK for its beginning", (mm) => mm.advise(B, 9, "MADV_DONTFORK")],
    ["DONTNEED of one page", (mm) => mm.advise(B + 9, 1, "MADV_DONTNEED")],
    ["a guard in it", (mm) => mm.advise(B + 9, 1, "MADV_GUARD_INSTALL")],
    ["COLD of one page", (mm) => mm.advise(B, 1, "MADV_COLD")],
    ["FREE of one page", (mm) => mm.advise(B, 1, "MADV_FREE")],
    ["PAGEOUT of one page", (mm) => mm.advise(B, 1, "MADV_PAGEOUT")],
  ])("by %s, and only it", (_, change) => {
    const mm = advised();
    must(mm.touch(B));
    must(mm.touch(B + HUGE));
    change(mm);
    expect(huge(mm)).toBe(1);
  });

  test.each<[string, (mm: AddressSpace) => unknown]>([
    ["mprotect of all of it", (mm) => mm.protect(B, HUGE, "none")],
    ["mlock of all of it", (mm) => mm.lock(B, HUGE)],
    ["NOHUGEPAGE", (mm) => mm.advise(B, HUGE, "MADV_NOHUGEPAGE")],
    ["COLD of all of it", (mm) => mm.advise(B, HUGE, "MADV_COLD")],
    ["FREE of all of it", (mm) => mm.advise(B, HUGE, "MADV_FREE")],
    ["fork", (mm) => mm.fork()],
    ["a pin", (mm) => mm.pin(B + 3, "read")],
  ])("but not by %s", (_, change) => {
    const mm = advised();
    must(mm.write(B, "x"));
    change(mm);
    expect(huge(mm)).toBe(1);
  });

  test("and its pages stay, what they hold too", () => {
    const mm = advised();
    must(mm.write(B + 5, "here"));
    must(mm.protect(B, 1, "r"));
    expect(shown(mm, "Rss")).toBe(2048);
    expect(must(mm.read(B + 5, 4))).toEqual(Uint8Array.of(0x68, 0x65, 0x72, 0x65));
  });
});

describe("the pages of zeros in a huge page that is split", () => {
  const rss = (release: string): number => {
    const mm = advised(release);
    must(mm.write(B, "x"));
    must(mm.advise(B, 1, "MADV_COLD"));
    return shown(mm, "Rss");
  };

  test("are given back since 6.12, and read as zeros", () => {
    expect([rss("6.1"), rss("6.12")]).toEqual([2048, 4]);
  });

  test("stay in locked memory, which nothing splits so: advice is refused there", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    must(mm.lock(B, HUGE));
    expect(mm.advise(B, 1, "MADV_COLD").ok).toBe(false);
    expect(huge(mm)).toBe(1);
  });

  test("are all given back where nothing else was written", () => {
    const mm = advised();
    must(mm.touch(B));
    must(mm.advise(B, 1, "MADV_COLD"));
    expect([shown(mm, "Rss"), mm.memory.folios.count]).toEqual([0, 0]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("stay where the mapping alone is cut", () => {
    const mm = advised();
    must(mm.write(B, "x"));
    must(mm.advise(B + 1, 1, "MADV_DONTNEED"));
    expect(shown(mm, "Rss")).toBe(2044);
    must(mm.advise(B + 2, 1, "MADV_COLD"));
    expect(shown(mm, "Rss")).toBe(4);
  });

  test("are counted as used by 6.1, but not by 5.10, which forgets that in the split", () => {
    const referenced = ["5.10", "6.1"].map((release) => {
      const mm = advised(release, HUGE);
      must(mm.touch(B));
      must(mm.advise(B, 1, "MADV_COLD"));
      return [shown(mm, "Referenced"), shown(mm, "Private_Dirty")];
    });
    expect(referenced).toEqual([
      [0, 2048],
      [2044, 2048],
    ]);
  });
});

test.each([
  ["6.1", 2048, 2048],
  ["6.12.107", 0, 0],
  ["6.12.117", 2048, 2048],
  ["6.18.15", 0, 0],
  ["6.18.44", 2048, 2048],
  ["7.1", 0, 0],
  ["7.2", 2048, 2048],
])("%s: mprotect leaves %i kB of a written huge page dirty", (release, dirty, again) => {
  const mm = advised(release);
  must(mm.write(B, "x"));
  must(mm.write(B + HUGE, "x"));
  must(mm.protect(B, HUGE, "r"));
  // Of the other nothing was changed; and none of the two is split.
  expect([shown(mm, "Private_Dirty"), huge(mm)]).toEqual([dirty + 2048, 2]);
  must(mm.protect(B, HUGE, "rw"));
  expect(shown(mm, "Private_Dirty")).toBe(again + 2048);
  must(mm.write(B, "y"));
  expect(shown(mm, "Private_Dirty")).toBe(4096);
  // Small pages keep theirs: only the entry of a huge one is written so.
  must(mm.protect(B + 1, 1, "r"));
  expect([shown(mm, "Private_Dirty"), huge(mm)]).toEqual([4096, 1]);
});

test.each(["6.1", "6.12", "6.16", "7.3"])(
  "%s: one that a fork made read-only stays dirty",
  (release) => {
    const mm = advised(release, HUGE);
    must(mm.touch(B));
    mm.fork();
    for (const prot of ["r", "rw", "r"] as const) {
      must(mm.protect(B, HUGE, prot));
      expect(shown(mm, "Shared_Dirty")).toBe(2048);
    }
  },
);

describe("a huge page that a child maps too", () => {
  test.each(["COLD", "PAGEOUT", "FREE"] as const)("is left alone by %s, part or whole", (name) => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    const child = mm.fork();
    mm.memory.tally.clear();
    must(mm.advise(B, 1, `MADV_${name}`));
    must(child.advise(B, HUGE, `MADV_${name}`));
    expect(mm.memory.tally.read()).toEqual({
      ...{ considered: HUGE + 1, acted: 0 },
      skipped: { shared: HUGE + 1 },
    });
    expect([huge(mm), huge(child)]).toEqual([1, 1]);
  });

  test("loses one page to who writes first; the other keeps it whole", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    const child = mm.fork();
    must(child.write(B + 1, "y"));
    expect([huge(mm), huge(child)]).toEqual([1, 0]);
    expect([shown(mm, "Private_Dirty"), shown(child, "Private_Dirty")]).toEqual([4, 4]);
  });

  test("is taken over as a whole by the last who has it", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    mm.fork().tearDown();
    must(mm.write(B + 3, "y"));
    expect(huge(mm)).toBe(1);
    expect(mm.memory.frames.inUse).toBe(HUGE);
  });

  test.each([
    ["6.1", 0],
    ["6.12", 1],
    ["6.18", 1],
  ])("and has dropped the first half of is split in %s: %i", (release, left) => {
    const mm = advised(release, HUGE);
    for (let page = 0; page < HUGE; page++) must(mm.write(B + page, "x"));
    must(mm.fork().advise(B, HUGE / 2, "MADV_DONTNEED"));
    must(mm.advise(B, 1, "MADV_COLD"));
    expect(huge(mm)).toBe(left);
  });

  test.each([
    ["MADV_COLD", "6.1", 0],
    ["MADV_FREE", "6.1", 1],
    ["MADV_COLD", "6.12", 1],
    ["MADV_FREE", "6.12", 1],
  ] as const)(
    "and has dropped the first page of: %s of that splits it in %s: %i",
    (name, release, left) => {
      const mm = advised(release, HUGE);
      must(mm.write(B, "x"));
      must(mm.fork().advise(B, 1, "MADV_DONTNEED"));
      must(mm.advise(B, 1, name));
      expect(huge(mm)).toBe(left);
    },
  );

  test.each([
    ["6.1", 0],
    ["6.12", 2048],
  ])("and has dropped the first page of is cooled whole in %s: %i kB used", (release, used) => {
    const mm = advised(release, HUGE);
    must(mm.write(B, "x"));
    must(mm.fork().advise(B, 1, "MADV_DONTNEED"));
    must(mm.advise(B, HUGE, "MADV_COLD"));
    expect([huge(mm), shown(mm, "Referenced")]).toEqual([1, used]);
  });

  test.each([
    ["6.1", HUGE, HUGE - 1],
    ["6.12", 0, 0],
  ])(
    "and has dropped the first page of is paged out of both in %s: %i, %i",
    (release, ...swapped) => {
      const mm = advised(release, HUGE, { swap: true });
      must(mm.write(B + 1, "x"));
      const child = mm.fork();
      must(child.advise(B, 1, "MADV_DONTNEED"));
      mm.attempt(() => mm.advise(B, HUGE, "MADV_PAGEOUT"));
      expect([shown(mm, "Swap"), shown(child, "Swap"), huge(mm)]).toEqual([0, 0, 1]);
      must(mm.advise(B, HUGE, "MADV_PAGEOUT"));
      expect([shown(mm, "Swap"), shown(child, "Swap")]).toEqual(swapped.map((pages) => pages * 4));
      expect(child.anonymousPages).toBe(HUGE - 1 - swapped[1]);
      expect(violations(mm.memory)).toEqual([]);
      // What was written comes back to each, and is nobody else's.
      expect(String.fromCharCode(must(child.read(B + 1, 1))[0])).toBe("x");
      must(child.write(B + 1, "y"));
      expect(String.fromCharCode(must(mm.read(B + 1, 1))[0])).toBe("x");
      expect(violations(mm.memory)).toEqual([]);
    },
  );

  test("and has all but one page of is marked as a whole where that is used, but still is the child's", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "a"));
    must(mm.advise(B, 1, "MADV_DONTFORK"));
    const child = mm.fork();
    must(mm.advise(B, 1, "MADV_POPULATE_WRITE"));
    expect(violations(mm.memory)).toEqual([]);
    must(mm.write(B + 1, "b"));
    expect(must(child.read(B + 1, 1))[0]).toBe(0);
  });

  test.each(LRU)(
    "and has dropped but one page of is its parent's alone for no advice, since 6.15: %s",
    (advice) => {
      const acted = ["6.12", "6.18"].map((release) => {
        const mm = advised(release, HUGE);
        for (let page = 0; page < HUGE; page++) must(mm.write(B + page, "x"));
        const child = mm.fork();
        must(child.advise(B, HUGE - 1, "MADV_DONTNEED"));
        must(mm.advise(B + HUGE - 2, 2, "MADV_DONTNEED"));
        mm.memory.tally.clear();
        must(mm.advise(B, 3, advice));
        const { acted: taken, skipped } = mm.memory.tally.read();
        expect(violations(mm.memory)).toEqual([]);
        return [taken, skipped.shared ?? 0];
      });
      expect(acted).toEqual([
        [3, 0],
        [0, 3],
      ]);
    },
  );
});

describe("what was a huge page and is mapped by small entries", () => {
  test.each(LRU)("keeps the rest of a table from %s where it is shared, up to 6.1", (advice) => {
    const skipped = ["6.1", "6.12"].map((release) => {
      const mm = advised(release, HUGE);
      must(mm.write(B, "x"));
      must(mm.protect(B, 1, "r"));
      mm.fork();
      mm.memory.tally.clear();
      must(mm.advise(B + 1, 9, advice));
      const { acted, skipped } = mm.memory.tally.read();
      return [acted, skipped];
    });
    expect(skipped).toEqual([
      [0, { shared: 1 }],
      [0, { shared: 9 }],
    ]);
  });

  test.each(LRU)("does not keep %s from the small pages beside it", (advice) => {
    for (const release of ["6.12", "6.18"]) {
      const mm = advised(release, 2 * HUGE);
      must(mm.write(B, "x"));
      // Half of the large one lies beside half a table of small ones.
      const moved = { oldPages: HUGE / 2, newPages: HUGE / 2, flags: 3 };
      must(mm.remap({ ...moved, page: B, target: B + HUGE }));
      for (const page of [1.5 * HUGE, 1.5 * HUGE + 3]) must(mm.write(B + page, "y"));
      mm.fork().advise(B + 1.5 * HUGE, HUGE / 2, "MADV_DONTNEED");
      mm.memory.tally.clear();
      must(mm.advise(B + HUGE, HUGE, advice));
      const { acted, skipped } = mm.memory.tally.read();
      expect([acted, skipped]).toEqual([2, { shared: HUGE / 2, "not-present": HUGE / 2 - 2 }]);
      expect(violations(mm.memory)).toEqual([]);
    }
  });

  test("goes to swap whole; without swap it is split", () => {
    const left = [true, false].map((swap) => {
      const mm = advised("6.18", HUGE, { swap });
      must(mm.write(B, "x"));
      must(mm.advise(B, HUGE, "MADV_PAGEOUT"));
      return [huge(mm), shown(mm, "Rss"), shown(mm, "Swap")];
    });
    expect(left).toEqual([
      [0, 0, 2048],
      [0, 4, 0],
    ]);
  });

  test("is copied, not taken over, by its last user before 6.15", () => {
    const frames = ["6.12", "6.18"].map((release) => {
      const mm = advised(release, HUGE);
      must(mm.write(B, "x"));
      must(mm.advise(B, 1, "MADV_DONTFORK"));
      mm.fork().tearDown();
      const before = mm.pages.valueOf(B + 5);
      must(mm.write(B + 5, "y"));
      return mm.pages.valueOf(B + 5) === before;
    });
    expect(frames).toEqual([false, true]);
  });
});

describe("a huge page that small entries show as a whole", () => {
  /** Its mapping was cut and is one again. */
  function rejoined(settings = {}): AddressSpace {
    const mm = advised("6.18", HUGE, settings);
    must(mm.write(B + 1, "x"));
    must(mm.write(B + 2, "\0\0"));
    must(mm.protect(B, 1, "r"));
    must(mm.protect(B, 1, "rw"));
    expect([mm.areas.count, huge(mm)]).toEqual([1, 0]);
    return mm;
  }

  test("is not split by advice for all of it: its zeros stay", () => {
    const mm = rejoined();
    must(mm.advise(B, HUGE, "MADV_COLD"));
    expect([shown(mm, "Rss"), shown(mm, "Referenced")]).toEqual([2048, 0]);
    must(mm.advise(B, HUGE, "MADV_FREE"));
    expect([shown(mm, "Rss"), shown(mm, "Private_Dirty")]).toEqual([2048, 0]);
  });

  test.each([
    ["all but its first page", 1, HUGE - 1],
    ["all but its last page", 0, HUGE - 1],
  ])("is split by advice for %s, and keeps one page", (_, from, pages) => {
    const mm = rejoined();
    must(mm.advise(B + from, pages, "MADV_COLD"));
    expect(shown(mm, "Rss")).toBe(4);
  });

  test("is left alone where a child shows a page of it", () => {
    const mm = rejoined();
    const child = mm.fork();
    must(child.advise(B, HUGE - 1, "MADV_DONTNEED"));
    mm.memory.tally.clear();
    must(mm.advise(B, HUGE, "MADV_COLD"));
    expect(mm.memory.tally.read().acted).toBe(0);
  });

  test.each([
    [true, 0, 2048],
    [false, 4, 0],
  ])("goes with PAGEOUT, where swap is %s", (swap, resident, swapped) => {
    const mm = rejoined({ swap });
    must(mm.advise(B, HUGE, "MADV_PAGEOUT"));
    expect([shown(mm, "Rss"), shown(mm, "Swap")]).toEqual([resident, swapped]);
  });
});

describe("what is tried with a huge page", () => {
  test.each<[string, (mm: AddressSpace) => unknown]>([
    ["a use", (mm) => mm.touch(B, "read")],
    ["a cut", (mm) => mm.protect(B, 1, "r")],
    ["a split", (mm) => mm.advise(B, 1, "MADV_PAGEOUT")],
    ["a partial drop", (mm) => mm.advise(B + 1, 5, "MADV_DONTNEED")],
    ["a drop", (mm) => mm.advise(B, HUGE, "MADV_DONTNEED")],
    [
      "a move",
      (mm) => mm.remap({ page: B, oldPages: HUGE, newPages: HUGE, flags: 3, target: 8 * HUGE }),
    ],
    ["another", (mm) => mm.touch(B + HUGE)],
  ])("leaves nothing: %s", (_, change) => {
    const mm = advised();
    must(mm.write(B, "x"));
    must(mm.advise(B, HUGE, "MADV_COLD"));
    const before = [mm.smaps(), mm.memory.folios.count, mm.memory.frames.inUse];
    mm.attempt(() => change(mm));
    expect([mm.smaps(), mm.memory.folios.count, mm.memory.frames.inUse]).toEqual(before);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("a pin to read of a huge page", () => {
  test("splits it where a child maps it too, and copies the one page", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    mm.fork();
    must(mm.pin(B, "read"));
    expect([huge(mm), shown(mm, "Private_Clean") + shown(mm, "Private_Dirty")]).toEqual([0, 4]);
  });

  test("takes it over whole where the child is gone", () => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    mm.fork().tearDown();
    must(mm.pin(B, "read"));
    expect([huge(mm), mm.memory.frames.inUse]).toEqual([1, HUGE]);
  });
});

describe("a huge page that was given up", () => {
  test.each([
    ["6.12", 0],
    ["6.16", 1],
    ["7.3.4", 0],
  ])(
    "is dropped by PAGEOUT, and kept where it was written since (whole on %s: %i)",
    (name, whole) => {
      const mm = advised(name);
      must(mm.write(B, "x"));
      must(mm.write(B + HUGE, "y"));
      must(mm.advise(B, 2 * HUGE, "MADV_FREE"));
      expect(shown(mm, "Private_Dirty")).toBe(0);
      must(mm.write(B + HUGE + 3, "z"));
      must(mm.advise(B, 2 * HUGE, "MADV_PAGEOUT"));
      expect([huge(mm), shown(mm, "Rss"), shown(mm, "Private_Dirty")]).toEqual([whole, 2048, 2048]);
      expect(violations(mm.memory)).toEqual([]);
    },
  );

  test.each(["6.1", "6.12", "7.3"])(
    "leaves dirt with the pages of one that is split (%s)",
    (name) => {
      const mm = advised(name);
      must(mm.write(B + 1, "x"));
      must(mm.advise(B + 1, 1, "MADV_COLD"));
      const dirty = shown(mm, "Private_Dirty");
      mm.fork();
      must(mm.advise(B + 1, 1, "MADV_FREE"));
      expect([shown(mm, "Shared_Dirty"), shown(mm, "LazyFree")]).toEqual([dirty, 0]);
    },
  );
});

describe("DONTNEED", () => {
  test("of all of it lets the next be huge again", () => {
    const mm = advised("5.10", HUGE);
    must(mm.touch(B));
    must(mm.advise(B, HUGE, "MADV_DONTNEED"));
    expect(mm.memory.frames.inUse).toBe(0);
    must(mm.touch(B));
    expect(huge(mm)).toBe(1);
  });

  test.each([
    ["6.12", HUGE, 0],
    ["6.16", HUGE, 1],
    ["6.16", HUGE - 1, 0],
  ])("of small pages does so in %s, of %i pages: %i", (release, pages, n) => {
    const mm = advised(release, HUGE);
    must(mm.touch(B));
    must(mm.advise(B + HUGE - 1, 1, "MADV_DONTNEED"));
    must(mm.advise(B, pages, "MADV_DONTNEED"));
    must(mm.touch(B));
    expect(huge(mm)).toBe(n);
  });
});

describe("mremap", () => {
  test.each([
    ["between aligned places moves it whole", 8 * HUGE, 1],
    ["to a place that is not aligned cuts it", 8 * HUGE + 1, 0],
  ])("%s", (_, target, n) => {
    const mm = advised("6.18", HUGE);
    must(mm.write(B, "x"));
    must(mm.remap({ page: B, oldPages: HUGE, newPages: HUGE, flags: 3, target }));
    expect([huge(mm), shown(mm, "Rss")]).toEqual([n, 2048]);
    expect(must(mm.read(target, 1))).toEqual(Uint8Array.of(0x78));
  });

  test("of small pages takes their table along: what stays may be huge again", () => {
    const mm = advised("6.18", HUGE);
    must(mm.advise(B, HUGE, "MADV_NOHUGEPAGE"));
    must(mm.touch(B));
    must(mm.advise(B, HUGE, "MADV_HUGEPAGE"));
    must(mm.remap({ page: B, oldPages: HUGE, newPages: HUGE, flags: 7, target: 8 * HUGE }));
    must(mm.touch(B));
    expect(huge(mm)).toBe(1);
  });
});

describe("the first write to a huge page of zeros", () => {
  test.each([
    ["6.12", 4],
    ["6.16", 2048],
  ])("brings in %s %i kB", (release, kilobytes) => {
    const mm = advised(release, HUGE);
    must(mm.touch(B, "read"));
    must(mm.touch(B));
    expect(shown(mm, "Rss")).toBe(kilobytes);
  });
});

describe("pagemap", () => {
  test.each([
    ["5.10", 0],
    ["6.1", PAGEMAP_HIGH.file],
    ["7.2", PAGEMAP_HIGH.file],
    ["7.3", 0],
  ])("of %s says of the huge page of zeros", (release, bit) => {
    const mm = advised(release, HUGE, { softDirty: false });
    must(mm.touch(B, "read"));
    expect(entry(mm, B + 1)).toBe((PAGEMAP_HIGH.present | bit) >>> 0);
    must(mm.protect(B, 1, "none"));
    expect(entry(mm, B + 1)).toBe(PAGEMAP_HIGH.present);
  });

  test("says of all pages what holds for the first, but for 6.12", () => {
    const exclusive = ["6.1", "6.12", "6.18"].map((release) => {
      const mm = advised(release, HUGE);
      must(mm.write(B, "x"));
      must(mm.fork().write(B + 1, "y"));
      return [B, B + 1].map((page) => (entry(mm, page) & PAGEMAP_HIGH.exclusive) !== 0);
    });
    expect(exclusive).toEqual([
      [false, false],
      [false, true],
      [false, false],
    ]);
  });
});

describe("MADV_COLLAPSE", () => {
  /** Small pages where huge ones are allowed by now. */
  function small(release = "6.18", tables = 1, written = [0]): AddressSpace {
    const mm = advised(release, tables * HUGE);
    must(mm.advise(B, tables * HUGE, "MADV_NOHUGEPAGE"));
    for (const table of written) must(mm.write(B + table * HUGE, "abc"));
    must(mm.advise(B, tables * HUGE, "MADV_HUGEPAGE"));
    return mm;
  }

  test("makes a huge page of written, read, swapped and missing pages, and of a child's", () => {
    const mm = small();
    must(mm.touch(B + 1, "read"));
    must(mm.write(B + 2, "def"));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    const child = mm.fork();
    must(mm.write(B + 3, "ghi"));
    must(mm.advise(B, HUGE, "MADV_COLLAPSE"));
    expect([huge(mm), shown(mm, "Private_Dirty"), shown(mm, "Referenced")]).toEqual([
      1, 2048, 2048,
    ]);
    expect(shown(mm, "Swap")).toBe(0);
    const text = (space: AddressSpace, page: number): string =>
      String.fromCharCode(...must(space.read(page, 3)));
    expect([text(mm, B), text(mm, B + 2), text(mm, B + 3)]).toEqual(["abc", "def", "ghi"]);
    expect([text(child, B), text(child, B + 2)]).toEqual(["abc", "def"]);
  });

  test("leaves a huge page as it is, and that of zeros", () => {
    const mm = advised("6.1");
    must(mm.write(B, "x"));
    must(mm.touch(B + HUGE, "read"));
    const before = mm.smaps();
    must(mm.advise(B, 2 * HUGE, "MADV_COLLAPSE"));
    expect(mm.smaps()).toBe(before);
  });

  test.each([
    ["6.18", 1],
    ["6.19", 2],
  ])("of %s ends at, or passes, what has no table: %i made", (release, made) => {
    const mm = small(release, 3, [0, 2]);
    expect(mm.advise(B, 3 * HUGE, "MADV_COLLAPSE").ok).toBe(false);
    expect(huge(mm)).toBe(made);
  });

  test("is refused where a guard stands, and makes nothing", () => {
    const mm = small();
    must(mm.advise(B + 9, 1, "MADV_GUARD_INSTALL"));
    expect(mm.advise(B, HUGE, "MADV_COLLAPSE").ok).toBe(false);
    expect(huge(mm)).toBe(0);
  });

  test.each([
    ["6.17", false],
    ["6.18", true],
  ])("of %s takes a table that shows nothing: %s", (release, done) => {
    const mm = small(release);
    must(mm.advise(B, 1, "MADV_DONTNEED"));
    expect(mm.advise(B, HUGE, "MADV_COLLAPSE").ok).toBe(done);
    expect(shown(mm, "Rss")).toBe(done ? 2048 : 0);
  });
});

test("a table without pages is inherited: the child's memory there is small", () => {
  const mm = advised("6.12", HUGE);
  must(mm.touch(B));
  must(mm.advise(B, 1, "MADV_DONTNEED"));
  must(mm.advise(B, HUGE, "MADV_DONTNEED"));
  const child = mm.fork();
  must(child.touch(B));
  expect(shown(child, "Rss")).toBe(4);
});

test("machines with larger pages make no huge ones of 512", () => {
  const memory = machine("6.18", { pageShift: 16, userBits: 48, thpEnabled: "always" });
  const mm = new AddressSpace({ memory });
  must(mm.map({ at: 8192, pages: 8192, prot: "rw", flags: FIXED }));
  must(mm.touch(8192));
  expect(mm.anonymousPages).toBe(1);
});

describe("what is made small of one that was given up", () => {
  test("keeps no dirt: all but what was written since goes", () => {
    for (const release of ["5.10", "6.1", "6.18"]) {
      const mm = advised(release, HUGE, { swap: false });
      for (let page = 0; page < HUGE; page++) must(mm.write(B + page, "x"));
      must(mm.advise(B, HUGE, "MADV_FREE"));
      must(mm.advise(B, 1, "MADV_COLD"));
      expect([release, huge(mm), shown(mm, "LazyFree")]).toEqual([release, 0, 2048]);
      must(mm.write(B + 5, "y"));
      must(mm.advise(B, HUGE, "MADV_PAGEOUT"));
      expect([release, shown(mm, "Rss")]).toEqual([release, 4]);
      expect(violations(mm.memory)).toEqual([]);
    }
  });
});

test.each([
  ["6.17", false],
  ["6.18", true],
])(
  "%s: a huge page made of memory that may only be read may not be written: %s",
  (release, done) => {
    const mm = advised(release, HUGE);
    must(mm.advise(B, HUGE, "MADV_NOHUGEPAGE"));
    must(mm.write(B, "x"));
    must(mm.advise(B, HUGE, "MADV_HUGEPAGE"));
    must(mm.protect(B, HUGE, "r"));
    expect(mm.advise(B, HUGE, "MADV_COLLAPSE").ok).toBe(done);
    expect(huge(mm)).toBe(done ? 1 : 0);
    expect([mm.touch(B).ok, violations(mm.memory)]).toEqual([false, []]);
  },
);

test.each([
  ["6.1", [HUGE, HUGE - 2]],
  ["6.6", [HUGE, HUGE - 2]],
])(
  "%s: what others had of one that is paged out keeps what it wrote, and what was in swap",
  (release, swapped) => {
    const mm = advised(release, HUGE, { swap: true });
    for (let page = 0; page < HUGE; page++) must(mm.write(B + page, "x"));
    const child = mm.fork();
    must(child.advise(B, 1, "MADV_DONTNEED"));
    must(child.write(B + 3, "child"));
    must(mm.advise(B, HUGE, "MADV_PAGEOUT"));
    expect([mm.swapEntries, child.swapEntries]).toEqual(swapped);
    const text = (space: AddressSpace, page: number): string =>
      String.fromCharCode(...must(space.read(B + page, 1)));
    expect([text(mm, 3), text(child, 3), text(mm, 7), text(child, 7)]).toEqual([
      "x",
      "c",
      "x",
      "x",
    ]);
    expect(violations(mm.memory)).toEqual([]);
  },
);

describe("a huge page whose pages join a neighbour", () => {
  /** A written huge page at B + HUGE that may only be read, between memory that may be written. */
  function between(): AddressSpace {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at: B, pages: 3 * HUGE, prot: "rw", flags: FIXED }));
    must(mm.write(B + HUGE + 9, "x"));
    must(mm.protect(B + HUGE, HUGE, "r"));
    expect([huge(mm), mm.areas.count]).toEqual([1, 3]);
    return mm;
  }

  test.each([
    ["below, in part", HUGE, 8, 0, 3],
    ["above, in part", 2 * HUGE - 8, 8, 0, 3],
    ["below or above, all of it", HUGE, HUGE, 1, 1],
  ])("%s", (_, at, pages, left, areas) => {
    const mm = between();
    must(mm.protect(B + at, pages, "rw"));
    expect([huge(mm), mm.areas.count]).toEqual([left, areas]);
    expect([must(mm.read(B + HUGE + 9, 1))[0], violations(mm.memory)]).toEqual([0x78, []]);
  });

  test("below, all of it, where nothing is above", () => {
    for (const gone of [0, 2 * HUGE]) {
      const mm = between();
      must(mm.unmap(B + gone, HUGE));
      must(mm.protect(B + HUGE, HUGE, "rw"));
      expect([huge(mm), mm.areas.count, violations(mm.memory)]).toEqual([1, 1, []]);
    }
  });

  test("leaves others whole that lie on its other side", () => {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at: B, pages: 3 * HUGE, prot: "rw", flags: FIXED }));
    for (const page of [0, HUGE, 2 * HUGE]) must(mm.write(B + page, "x"));
    must(mm.protect(B, HUGE, "r"));
    expect(huge(mm)).toBe(3);
    must(mm.protect(B + HUGE, 1, "r"));
    expect([huge(mm), mm.areas.count]).toEqual([2, 2]);
    must(mm.protect(B + 3 * HUGE - 1, 1, "r"));
    expect([huge(mm), mm.areas.count]).toEqual([1, 3]);
  });
});

test("where all of a table was unmapped the next page is huge again, and not where a part was", () => {
  const again = (pages: number): number => {
    const mm = advised("6.18", 2 * HUGE);
    must(mm.advise(B, 2 * HUGE, "MADV_NOHUGEPAGE"));
    must(mm.touch(B));
    must(mm.touch(B + HUGE - 1));
    must(mm.unmap(B, pages));
    must(mm.map({ at: B, pages: 2 * HUGE, prot: "rw", flags: FIXED }));
    must(mm.advise(B, 2 * HUGE, "MADV_HUGEPAGE"));
    must(mm.touch(B + 3));
    return huge(mm);
  };
  expect(again(HUGE)).toBe(1);
});
