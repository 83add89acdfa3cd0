import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { allocatePages, missingPages } from "./allocate.ts";
import type { Backing } from "./backing.ts";
import { F_DIRTY, F_NOT_READY } from "./frames.ts";
import { indicesWithin } from "./pageCache.ts";
import { P_DIRTY, P_WRITE } from "./pageTable.ts";
import { violations } from "./testing/invariants.ts";
import { file, opened, PAGE, space } from "./testing/world.ts";

const B = 0x1000;
const SHARED = 0x11;

/** Six pages of a file, shown from its second page on; of which some were written. */
function laid(backing: Backing = file(8), written: readonly number[] = [0, 2, 5]): AddressSpace {
  const mm = space("6.18");
  must(mm.map({ at: B, pages: 6, prot: "rw", flags: SHARED, backing, offsetPages: 1 }));
  for (const page of written) must(mm.write(B + page, `${page}`));
  return mm;
}

/** Which pages an entry says were written, and which the page itself says. */
function dirt(mm: AddressSpace): string {
  return [0, 1, 2, 3, 4, 5]
    .map((i) => {
      const bits = mm.pages.bitsOf(B + i);
      if (bits === 0) return "-";
      const isPage = (mm.memory.frames.flags[mm.pages.valueOf(B + i)] & F_DIRTY) !== 0;
      return `${(bits & P_DIRTY) !== 0 ? "e" : ""}${(bits & P_WRITE) !== 0 ? "w" : ""}${isPage ? "p" : ""}`;
    })
    .join(" ");
}

describe("msync that writes", () => {
  test("cleans the pages of the range: the next write is noticed again", () => {
    const mm = laid();
    expect(dirt(mm)).toBe("ewp - ewp - - ewp");
    must(mm.sync(B + 1, 4, false, false, true));
    expect(dirt(mm)).toBe("ewp -  - - ewp");
    must(mm.write(B + 2, "again"));
    expect(dirt(mm)).toBe("ewp - ewp - - ewp");
    must(mm.sync(B, 6, false, false, true));
    expect([dirt(mm), violations(mm.memory)]).toEqual([" -  - - ", []]);
  });

  test("cleans what other mappings of the file show, and no copy of one's own", () => {
    const backing = file(8);
    const mm = laid(backing, []);
    must(mm.map({ at: B + 16, pages: 8, prot: "rw", flags: SHARED, backing }));
    must(mm.map({ at: B + 32, pages: 8, prot: "rw", flags: 0x12, backing }));
    must(mm.write(B + 16 + 3, "there"));
    must(mm.write(B + 32 + 3, "mine"));
    must(mm.sync(B + 2, 1, false, false, true));
    const isDirty = (page: number): boolean => (mm.pages.bitsOf(B + page) & P_DIRTY) !== 0;
    expect([isDirty(16 + 3), isDirty(32 + 3)]).toEqual([false, true]);
    must(mm.advise(B + 16, 8, "MADV_PAGEOUT"));
    expect(String.fromCharCode(...must(mm.read(B + 2, 5)))).toBe("there");
    expect(String.fromCharCode(...must(mm.read(B + 32 + 3, 4)))).toBe("mine");
  });

  test("writes what the page held then: what is written later is not on the disk yet", () => {
    for (const long of [1, 300]) {
      const backing = file(8);
      const mm = laid(backing, []);
      must(mm.write(B, "h".repeat(long)));
      must(mm.sync(B, 1, false, false, true));
      must(mm.write(B, "y".repeat(long)));
      const disk = mm.memory.cache(backing.object).onDisk(1);
      expect([disk?.[0], must(mm.read(B, 1))[0]]).toEqual([0x68, 0x79]);
    }
  });

  test("of shared memory, or where none is asked for, leaves all as it is", () => {
    const memory = laid(opened({ kind: "shmem", sizeBytes: 8 * PAGE }));
    const before = dirt(memory);
    must(memory.sync(B, 6, false, false, true));
    expect(dirt(memory)).toBe(before);
    const mm = laid();
    must(mm.sync(B, 6, false, false, false));
    expect(dirt(mm)).toBe("ewp - ewp - - ewp");
  });

  test("is taken back with what was only tried", () => {
    const mm = laid();
    mm.attempt(() => {
      must(mm.sync(B, 6, false, false, true));
      must(mm.advise(B, 6, "MADV_PAGEOUT"));
    });
    expect([dirt(mm), must(mm.read(B + 2, 1))[0]]).toEqual(["ewp - ewp - - ewp", 0x32]);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("fallocate of shared memory", () => {
  const made = (): { mm: AddressSpace; backing: Backing; states(): string } => {
    const backing = opened({ kind: "shmem", sizeBytes: 8 * PAGE });
    const mm = laid(backing, [0, 2]);
    const { frames } = mm.memory;
    const cache = mm.memory.cache(backing.object);
    const states = (): string =>
      [0, 1, 2, 3, 4, 5, 6, 7]
        .map((index) => {
          if (cache.slots.has(index)) return "swap";
          const frame = cache.get(index);
          if (frame === 0) return "-";
          return (frames.flags[frame] & F_NOT_READY) !== 0 ? "new" : "page";
        })
        .join(" ");
    return { mm, backing, states };
  };

  test("makes what is missing, which nobody sees before it is looked at", () => {
    const { mm, backing, states } = made();
    const { object } = backing;
    expect([states(), missingPages(mm.memory, object, 0, 8)]).toEqual(["- page - page - - - -", 6]);
    expect([missingPages(mm.memory, object, 1, 4), missingPages(mm.memory, object, 2, 3)]).toEqual([
      1, 1,
    ]);
    allocatePages(mm.memory, object, 1, 5);
    expect(states()).toBe("- page new page new - - -");
    expect(must(mm.residency(B, 6)).join("")).toBe("101000");
    must(mm.touch(B + 1, "read"));
    expect(states()).toBe("- page page page new - - -");
    // The next call fills what an earlier one made.
    allocatePages(mm.memory, object, 4, 6);
    expect([states(), violations(mm.memory)]).toEqual(["- page page page page new - -", []]);
  });

  test("brings back what lies in swap, and counts it as there", () => {
    const { mm, backing, states } = made();
    must(mm.advise(B, 6, "MADV_PAGEOUT"));
    expect([states(), missingPages(mm.memory, backing.object, 0, 8)]).toEqual([
      ...["- swap - swap - - - -", 6],
    ]);
    allocatePages(mm.memory, backing.object, 2, 4);
    expect([states(), must(mm.read(B + 2, 1))[0]]).toEqual(["- swap new page - - - -", 0x32]);
    expect(violations(mm.memory)).toEqual([]);
  });
});

test("the pages of a cache are gone through in their order, whatever came first", () => {
  const pages = new Map([5, 9, 2, 3, 12].map((index) => [index, 1]));
  expect([indicesWithin(pages, 2, 9), indicesWithin(pages, 3, 13)]).toEqual([
    [2, 3, 5],
    [3, 5, 9, 12],
  ]);
});
