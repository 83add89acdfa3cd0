import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing, PageObject } from "./backing.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, opened, PAGE, space } from "./testing/world.ts";

const B = 512;
const SHARED = 0x11;

/** Memory that is told of each area that shows it, as a segment of System V is. */
function segment(pages: number, more: Partial<PageObject> = {}): Backing {
  const object: PageObject = { kind: "shmem", sizeBytes: pages * PAGE, mappings: 0, ...more };
  return opened(object, { closes: true, faultsAlone: true });
}

function mapped(release: string, more: Partial<PageObject> = {}): [AddressSpace, PageObject] {
  const mm = space(release, { swap: true });
  const backing = segment(8, more);
  must(mm.map({ at: B, pages: 8, prot: "rw", flags: SHARED, backing }));
  return [mm, backing.object];
}

// packages/conformance/facts/shm-areas, asked on eleven kernels.
describe("areas whose object is told of each", () => {
  test.each([
    ["6.1", "0-2 rw, 2-3 rw, 3-4 r, 4-8 rw", 4],
    ["6.12", "0-3 rw, 3-4 r, 4-8 rw", 3],
  ])("%s: a part joins its neighbour, or does not", (release, areas, count) => {
    const [mm, object] = mapped(release);
    must(mm.protect(B + 2, 2, "r"));
    must(mm.protect(B + 2, 1, "rw"));
    expect([areasOf(mm, B), object.mappings]).toEqual([areas, count]);
  });

  test.each(["6.1", "6.12"])("%s: none that would go joins", (release) => {
    const [mm, object] = mapped(release);
    must(mm.protect(B + 2, 2, "r"));
    must(mm.protect(B + 2, 2, "rw"));
    expect([areasOf(mm, B), object.mappings]).toEqual(["0-2 rw, 2-4 rw, 4-8 rw", 3]);
  });

  test("a piece that comes back joins one side and leaves the other", () => {
    const shown = (release: string): string => {
      const [mm] = mapped(release);
      const move = { oldPages: 1, newPages: 1, flags: 3 };
      must(mm.remap({ ...move, page: B + 2, target: B + 100 }));
      must(mm.remap({ ...move, page: B + 100, target: B + 2 }));
      return areasOf(mm, B);
    };
    expect(shown("6.1")).toBe("0-2 rw, 2-3 rw, 3-8 rw");
    expect(shown("6.12")).toBe("0-3 rw, 3-8 rw");
  });

  test.each(["6.1", "6.12"])("%s: growing makes no area more", (release) => {
    const [mm, object] = mapped(release);
    must(mm.remap({ page: B, oldPages: 8, newPages: 12, flags: 0, target: 0 }));
    expect([areasOf(mm, B), object.mappings]).toEqual(["0-12 rw", 1]);
  });

  test("a page that is read comes alone", () => {
    const [mm] = mapped("6.12", { outlivesMappings: true });
    const backing = opened(mm.areas.backing[mm.areas.at(B)]!.object);
    for (let i = 0; i < 8; i++) must(mm.touch(B + i, "write"));
    must(
      mm.map({
        at: B,
        pages: 8,
        prot: "rw",
        flags: SHARED,
        backing: { ...backing, faultsAlone: true },
      }),
    );
    must(mm.touch(B + 3, "read"));
    expect(mm.sharedPages).toBe(1);
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: SHARED, backing }));
    must(mm.touch(B + 3, "read"));
    expect(mm.sharedPages).toBe(8);
  });
});

describe("an object that counts its areas", () => {
  test("ends with the last, children's included, unless it lives on", () => {
    for (const outlivesMappings of [true, false]) {
      const [mm, object] = mapped("6.12", { outlivesMappings });
      must(mm.write(B, "kept"));
      const child = mm.fork();
      must(mm.unmap(B, 8));
      expect([object.mappings, mm.memory.cache(object).pages.size]).toEqual([1, 1]);
      child.tearDown();
      const left = outlivesMappings ? 1 : 0;
      expect([object.mappings, mm.memory.cache(object).pages.size]).toEqual([0, left]);
      expect(violations(mm.memory)).toEqual([]);
    }
  });

  test("that is locked stays in memory", () => {
    for (const unevictable of [true, false]) {
      const [mm, object] = mapped("6.12", { unevictable });
      must(mm.write(B, "kept"));
      must(mm.advise(B, 8, "MADV_PAGEOUT"));
      const left = unevictable ? [1, 1, 0] : [0, 0, 1];
      const { pages, slots } = mm.memory.cache(object);
      expect([mm.sharedPages, pages.size, slots.size]).toEqual(left);
    }
  });
});
