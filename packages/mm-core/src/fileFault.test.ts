import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { LEAF_PAGES, P_DIRTY, P_PRESENT, P_WRITE, P_YOUNG } from "./pageTable.ts";
import { violations } from "./testing/invariants.ts";
import { file, opened, space } from "./testing/world.ts";

/** The first page of a table. */
const B = 8 * LEAF_PAGES;
const SHARED = 0x11;
const PRIVATE = 0x12;

/** A mapping from `at` on, of a file whose pages are all in the cache. */
function cached(at: number, pages: number, flags = PRIVATE, prot = "r"): AddressSpace {
  const mm = space("6.18");
  must(mm.map({ at, pages, prot, flags, backing: file(64), offsetPages: 1 }));
  must(mm.advise(at, pages, "MADV_WILLNEED"));
  return mm;
}

/** The pages with entries, counted from B on: `0-15, 18`. */
function mapped(mm: AddressSpace, from = B - 32, to = B + 64): string {
  const stretches: [number, number][] = [];
  for (let page = from; page < to; page++) {
    if ((mm.pages.bitsOf(page) & P_PRESENT) === 0) continue;
    const last = stretches.at(-1);
    if (last?.[1] === page - B - 1) last[1]++;
    else stretches.push([page - B, page - B]);
  }
  return stretches.map(([a, b]) => (a === b ? `${a}` : `${a}..${b}`)).join(", ");
}

describe("a read of a file's page maps cached neighbours: 64 KiB", () => {
  test.each([
    ["at the start of a window", 0, 40, 16, "16..31"],
    ["at its end", 0, 40, 31, "16..31"],
    ["in one that the area ends in", 0, 20, 17, "16..19"],
    ["from where the area begins", 5, 30, 9, "5..20"],
    ["of an area that is smaller", 5, 4, 6, "5..8"],
    ["up to the end of a page table", -8, 30, -3, "-8..-1"],
    ["from the start of a page table", -8, 30, 2, "0..15"],
  ])("%s", (_, at, pages, read, is) => {
    const mm = cached(B + at, pages);
    must(mm.touch(B + read, "read"));
    expect([mapped(mm), violations(mm.memory)]).toEqual([is, []]);
    const young = [...is.matchAll(/-?\d+/g)].every(
      ([page]) => (mm.pages.bitsOf(B + Number(page)) & P_YOUNG) !== 0,
    );
    expect(young).toBe(true);
  });

  test("but none that is not cached, or that has an entry", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 16, prot: "rw", flags: PRIVATE, backing: file(64) }));
    must(mm.advise(B + 2, 3, "MADV_WILLNEED"));
    must(mm.write(B + 3, "own"));
    const own = mm.pages.valueOf(B + 3);
    must(mm.touch(B + 9, "read"));
    expect([mapped(mm), mm.pages.valueOf(B + 3) === own]).toEqual(["2..4, 9", true]);
    expect([mm.filePages, mm.anonymousPages]).toEqual([3, 1]);
  });

  test("not for a write, nor for what is faulted in alone", () => {
    const written = cached(B, 16, SHARED, "rw");
    must(written.touch(B + 5));
    expect(mapped(written)).toBe("5");
    const alone = space("6.18");
    const backing = opened(file(64).object, { faultsAlone: true });
    must(alone.map({ at: B, pages: 16, prot: "r", flags: SHARED, backing }));
    must(alone.advise(B, 16, "MADV_WILLNEED"));
    must(alone.touch(B + 5, "read"));
    expect(mapped(alone)).toBe("5");
    expect(alone.touch(B + 5, "read").ok).toBe(true);
  });

  test("shows each page of the file at its own place", () => {
    const mm = space("6.18");
    const backing = file(64, { load: (index) => Uint8Array.of(index) });
    must(mm.map({ at: B + 3, pages: 12, prot: "r", flags: PRIVATE, backing, offsetPages: 7 }));
    must(mm.advise(B + 3, 12, "MADV_WILLNEED"));
    must(mm.touch(B + 9, "read"));
    expect([3, 9, 14].map((page) => must(mm.read(B + page, 1))[0])).toEqual([7, 13, 18]);
  });
});

describe("the entry of a file's page", () => {
  const bits = (flags: number, access: "read" | "write", kind: "file" | "shmem"): number => {
    const mm = space("6.18", { softDirty: false });
    const backing = file(4, { kind });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags, backing }));
    must(mm.touch(B, access));
    return mm.pages.bitsOf(B) & (P_WRITE | P_DIRTY | P_YOUNG);
  };

  test("that was read may be written in shared memory, where nobody waits to be told; not in a file", () => {
    expect([bits(SHARED, "read", "shmem"), bits(SHARED, "read", "file")]).toEqual([
      P_YOUNG | P_WRITE,
      P_YOUNG,
    ]);
    expect(bits(PRIVATE, "read", "file")).toBe(P_YOUNG);
  });

  test("that was written is writable and dirty, whosever the page is", () => {
    const all = P_WRITE | P_DIRTY | P_YOUNG;
    expect([bits(SHARED, "write", "file"), bits(PRIVATE, "write", "file")]).toEqual([all, all]);
  });

  test("behind the file's end is none; a private write has made the reverse map by then", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: PRIVATE, backing: file(2) }));
    must(mm.map({ at: B + 8, pages: 4, prot: "rw", flags: SHARED, backing: file(2) }));
    for (const page of [B + 2, B + 10])
      expect(mm.touch(page)).toMatchObject({ reason: { id: "access/beyond-end" } });
    expect([mm.areas.anon[mm.areas.at(B)] !== 0, mm.areas.anon[mm.areas.at(B + 8)]]).toEqual([
      true,
      0,
    ]);
    expect(mapped(mm)).toBe("");
  });
});
