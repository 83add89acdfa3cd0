import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { allocatePages, missingPages } from "./allocate.ts";
import type { Backing } from "./backing.ts";
import { P_PRESENT } from "./pageTable.ts";
import { objectionToHole, punchHole } from "./punchHole.ts";
import { violations } from "./testing/invariants.ts";
import { file, PAGE, space } from "./testing/world.ts";
import { truncatePages } from "./truncate.ts";

const B = 512;
const SHARED = 0x11;
const PRIVATE = 0x12;

/** Four pages of shared memory, mapped at B, each full of its own letter. */
function written(kind: "shmem" | "file" = "shmem"): { mm: AddressSpace; backing: Backing } {
  const mm = space("6.12", { swap: true });
  const backing = file(4, { kind });
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: SHARED, backing }));
  for (const [i, letter] of [..."abcd"].entries()) must(mm.write(B + i, letter.repeat(PAGE)));
  return { mm, backing };
}

/** Runs of equal bytes, `a12 0:4084`; zeros are written 0. */
function runs(mm: AddressSpace, page: number): string {
  const text = [...must(mm.read(page, PAGE))].map((byte) =>
    byte === 0 ? "0" : String.fromCharCode(byte),
  );
  return (text.join("").match(/(.)\1*/g) ?? []).map((run) => `${run[0]}${run.length}`).join(" ");
}

const all = (mm: AddressSpace): string => [0, 1, 2, 3].map((i) => runs(mm, B + i)).join(", ");

describe("a hole of bytes", () => {
  test.each([
    ["of whole pages takes them", PAGE, 3 * PAGE, "a4096, 04096, 04096, d4096"],
    ["within a page makes zeros there", 10, 12, "a10 02 a4084, b4096, c4096, d4096"],
    ["over an edge, of both", PAGE - 1, PAGE + 1, "a4095 01, 01 b4095, c4096, d4096"],
    ["of pages and parts", 100, 2 * PAGE + 1, "a100 03996, 04096, 01 c4095, d4096"],
    ["behind the end is none", 4 * PAGE, 2 ** 60, "a4096, b4096, c4096, d4096"],
  ])("%s", (_, from, to, left) => {
    for (const kind of ["shmem", "file"] as const) {
      const { mm, backing } = written(kind);
      punchHole(mm.memory, backing.object, from, to);
      expect(all(mm)).toBe(left);
      expect(violations(mm.memory)).toEqual([]);
    }
  });

  test("brings what is in swap back, for a part of a page alone", () => {
    const { mm, backing } = written();
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(mm.memory.cache(backing.object).slots.size).toBe(4);
    punchHole(mm.memory, backing.object, PAGE + 8, 3 * PAGE);
    expect(mm.memory.cache(backing.object).slots.size).toBe(2);
    expect(all(mm)).toBe("a4096, b8 04088, 04096, d4096");
  });

  test("lies on the disk too: what was written back does not come again", () => {
    const { mm, backing } = written("file");
    must(mm.sync(B, 4, false, false, true));
    punchHole(mm.memory, backing.object, PAGE, 2 * PAGE);
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(all(mm)).toBe("a4096, 04096, c4096, d4096");
  });

  test("leaves private copies", () => {
    const { mm, backing } = written();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: PRIVATE, backing }));
    must(mm.write(B, "copy"));
    punchHole(mm.memory, backing.object, 0, PAGE);
    expect(runs(mm, B)).toMatch(/^c1 o1 p1 y1/);
  });

  const shown = (mm: AddressSpace, at: number): string =>
    [0, 1, 2, 3].map((i) => mm.pages.bitsOf(at + i) & P_PRESENT).join("");

  test.each([
    ["shmem", "within the first page", 10, 12, "1000"],
    ["shmem", "from the beginning into the first page", 0, 12, "0000"],
    ["shmem", "within the second page", PAGE + 10, PAGE + 12, "1111"],
    ["shmem", "of the first page", 0, PAGE, "0111"],
    ["file", "within the first page", 10, 12, "1111"],
  ] as const)("of %s, %s, leaves in each mapping what is shown", (kind, _, from, to, left) => {
    const { mm, backing } = written(kind);
    must(mm.map({ at: 2 * B, pages: 4, prot: "r", flags: SHARED | 0x10, backing }));
    for (const i of [0, 1, 2, 3]) must(mm.touch(2 * B + i, "read"));
    const before = all(mm);
    punchHole(mm.memory, backing.object, from, to);
    expect([shown(mm, B), shown(mm, 2 * B)]).toEqual([left, left]);
    // Nothing is lost but what the hole was made for: the pages are still in the cache.
    expect(all(mm).split(", ").slice(2)).toEqual(before.split(", ").slice(2));
    expect(violations(mm.memory)).toEqual([]);
  });

  test("is taken back with the attempt", () => {
    const { mm, backing } = written();
    mm.attempt(() => punchHole(mm.memory, backing.object, 5, 3 * PAGE + 5));
    expect(all(mm)).toBe("a4096, b4096, c4096, d4096");
  });
});

test.each([
  ["append-only", { appendOnly: true, canPunch: false, writeSealed: true }],
  ["unsupported", { canPunch: false, writeSealed: true }],
  ["sealed", { writeSealed: true }],
  [undefined, {}],
] as const)("what keeps a hole out is %s first", (objection, more) => {
  expect(objectionToHole(file(1, more).object)).toBe(objection);
});

test("a file cut short within a page that is in swap has zeros behind its end", () => {
  const { mm, backing } = written();
  must(mm.advise(B, 4, "MADV_PAGEOUT"));
  truncatePages(mm.memory, backing.object, PAGE + 3);
  expect(runs(mm, B + 1)).toBe("b3 04093");
});

describe("pages that are allocated", () => {
  function allocated(): { mm: AddressSpace; backing: Backing } {
    const mm = space("6.12", { swap: true });
    const backing = file(4, { kind: "shmem" });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: SHARED, backing }));
    allocatePages(mm.memory, backing.object, 1, 3);
    return { mm, backing };
  }
  const resident = (mm: AddressSpace): string => must(mm.residency(B, 4)).join("");

  test("count for mincore once somebody looked at them, each by itself", () => {
    const { mm } = allocated();
    expect(resident(mm)).toBe("0000");
    must(mm.touch(B + 2, "read"));
    expect(resident(mm)).toBe("0010");
    must(mm.touch(B + 1, "read"));
    expect(resident(mm)).toBe("0110");
  });

  test("or once they are allocated again", () => {
    const { mm, backing } = allocated();
    allocatePages(mm.memory, backing.object, 2, 4);
    expect(resident(mm)).toBe("0010");
  });

  test("are dirty: without swap they cannot be given up, read or not", () => {
    const { mm, backing } = allocated();
    const swapless = space("6.12", { swap: false });
    for (const one of [mm, swapless]) {
      must(one.map({ at: B, pages: 4, prot: "rw", flags: SHARED | 0x10, backing }));
      allocatePages(one.memory, backing.object, 1, 2);
      must(one.touch(B, "read"));
      must(one.touch(B + 1, "read"));
      must(one.advise(B, 4, "MADV_PAGEOUT"));
    }
    expect(mm.memory.cache(backing.object).slots.size).toBe(1);
    expect([...swapless.memory.cache(backing.object).pages.keys()]).toEqual([1]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("come back from swap as they were, and count as there", () => {
    const { mm, backing } = written();
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(missingPages(mm.memory, backing.object, 0, 8)).toBe(4);
    allocatePages(mm.memory, backing.object, 0, 6);
    expect(missingPages(mm.memory, backing.object, 0, 8)).toBe(2);
    expect([resident(mm), all(mm)]).toEqual(["1111", "a4096, b4096, c4096, d4096"]);
  });

  test("count as promised, and are gone with the attempt", () => {
    const { mm, backing } = allocated();
    const before = mm.memory.committedPages;
    mm.attempt(() => {
      allocatePages(mm.memory, backing.object, 0, 4);
      expect(mm.memory.committedPages).toBe(before + 2);
    });
    expect(mm.memory.committedPages).toBe(before);
    must(mm.touch(B + 1, "write"));
    mm.attempt(() => mm.touch(B + 2, "read"));
    expect(resident(mm)).toBe("0100");
  });
});
