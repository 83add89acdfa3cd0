import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";
import { layoutOf } from "./layout.ts";
import { answering } from "./testing/answering.ts";
import { file, machine, space } from "./testing/world.ts";

const B = 4096;
const FIXED = 0x32;
const HUGE = 512;

describe("where a mapping goes", () => {
  test("below the base of the layout, and each next one below the one before", () => {
    const mm = space("5.10");
    const first = must(mm.map({ pages: 3, prot: "rw" }));
    expect(first + 3).toBe(mm.layout.base);
    expect(must(mm.map({ pages: 5, prot: "r" }))).toBe(first - 5);
  });

  test("into the highest hole that is large enough", () => {
    const mm = space("5.10");
    const top = must(mm.map({ pages: 20, prot: "rw" }));
    must(mm.unmap(top + 2, 2));
    must(mm.unmap(top + 10, 4));
    expect(must(mm.map({ pages: 3, prot: "r" }))).toBe(top + 11);
    expect(must(mm.map({ pages: 2, prot: "r" }))).toBe(top + 2);
    expect(must(mm.map({ pages: 2, prot: "x" }))).toBe(top - 2);
  });

  test("upwards from a third of the address space in the legacy layout", () => {
    const mm = new AddressSpace({
      memory: machine("5.10"),
      layout: layoutOf(47, 12, Number.POSITIVE_INFINITY, true),
    });
    const first = must(mm.map({ pages: 3, prot: "rw" }));
    expect(first).toBe(Math.ceil((2 ** 35 - 1) / 3));
    expect(must(mm.map({ pages: 2, prot: "r" }))).toBe(first + 3);
  });

  test("upwards too, above the base, when nothing below fits", () => {
    const memory = machine("5.10");
    const mm = new AddressSpace({
      memory,
      layout: { limit: 1000, base: 600, legacyBase: 300, legacy: false },
    });
    must(mm.map({ at: 16, pages: 584, prot: "rw", flags: FIXED }));
    expect(must(mm.map({ pages: 10, prot: "r" }))).toBe(600);
    expect(mm.map({ pages: 400, prot: "r" })).toMatchObject({ reason: { id: "mmap/no-room" } });
  });

  test("has no room where nothing known leaves any, whatever else may be there", () => {
    const memory = machine("6.18");
    const mm = new AddressSpace({
      memory,
      layout: { limit: 1000, base: 600, legacyBase: 300, legacy: false },
    });
    must(mm.map({ at: 16, pages: 900, prot: "rw", flags: FIXED }));
    mm.veil.add(950, 960);
    const asked = answering(mm, { "mmap/address": 920 });
    expect(mm.map({ pages: 85, prot: "r" })).toMatchObject({ reason: { id: "mmap/no-room" } });
    expect(asked).toEqual([]);
    expect(must(mm.map({ pages: 20, prot: "r" }))).toBe(920);
    expect(asked).toEqual(["mmap/address"]);
  });

  test("at the hint if that is free, else as if there were none", () => {
    const mm = space("5.10");
    expect(must(mm.map({ at: B, pages: 2, prot: "rw" }))).toBe(B);
    expect(must(mm.map({ at: B + 1, pages: 1, prot: "r" }))).toBe(mm.layout.base - 1);
  });

  test("no hint goes below the least address, which only a fixed one is refused for", () => {
    const mm = space("5.10", { mmapMinAddr: 4096, lsmMmapMinAddr: 65536 });
    expect(must(mm.map({ at: 1, pages: 1, prot: "rw" }))).toBe(16);
    const plain = {
      capable: () => false,
      ownsOrMayWrite: () => true,
      limit: () => Number.POSITIVE_INFINITY,
      fatalSignalPending: () => false,
    };
    expect(mm.map({ at: 0, pages: 1, prot: "rw", flags: FIXED }, plain)).toMatchObject({
      code: "EPERM",
      reason: { id: "mmap/below-minimum" },
    });
    must(mm.map({ at: 1, pages: 1, prot: "rw", flags: FIXED }, plain));
  });

  test("256 pages below a stack stay free, unless the address is fixed", () => {
    const mm = space("5.10");
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED | MAP.MAP_GROWSDOWN }));
    expect(must(mm.map({ at: B - 257, pages: 1, prot: "r" }))).toBe(B - 257);
    expect(must(mm.map({ at: B - 256, pages: 1, prot: "r" }))).not.toBe(B - 256);
    expect(must(mm.map({ at: B - 1, pages: 1, prot: "r", flags: FIXED }))).toBe(B - 1);
  });

  test("MAP_32BIT finds the second gigabyte from below", () => {
    const mm = space("6.1");
    const at = must(mm.map({ pages: HUGE, prot: "rw", flags: 0x22 | MAP.MAP_32BIT }));
    const next = must(mm.map({ pages: HUGE, prot: "r", flags: 0x22 | MAP.MAP_32BIT }));
    expect([at, next]).toEqual([2 ** 18, 2 ** 18 + HUGE]);
  });

  test("on 6.12 two huge pages with MAP_32BIT leave a huge page between them", () => {
    const mm = space("6.12");
    const flags = 0x22 | MAP.MAP_32BIT;
    const places = [0, 1].map(() => must(mm.map({ pages: HUGE, prot: "rw", flags })) * 4096);
    expect(places).toEqual([0x4020_0000, 0x4060_0000]);
  });

  test.each([
    ["6.1", HUGE, false],
    ["6.12", HUGE, true],
    ["6.12", HUGE + 1, false],
    ["6.18", HUGE, true],
    ["6.18", HUGE + 1, false],
  ])("on %s memory of %i pages is aligned to a huge page: %s", (release, pages, isAligned) => {
    const mm = space(release);
    must(mm.map({ pages: 3, prot: "rw" }));
    expect(must(mm.map({ pages, prot: "r" })) % HUGE === 0).toBe(isAligned);
    const droppable = { flags: MAP.MAP_DROPPABLE | MAP.MAP_ANONYMOUS };
    if (release !== "6.18") return;
    expect(must(mm.map({ pages, prot: "r", ...droppable })) % HUGE === 0).toBe(isAligned);
  });

  test("a file is placed congruent to its offset where a whole huge page fits inside", () => {
    const put = (pages: number): number => {
      const mm = space("6.12");
      must(mm.map({ pages: 5, prot: "rw" }));
      const backing = file(4096);
      return must(mm.map({ pages, prot: "r", flags: 2, backing, offsetPages: 1 })) % HUGE;
    };
    expect(put(4 * HUGE)).toBe(1);
    expect(put(HUGE)).not.toBe(1);
  });

  test("with 56 bits stays in the lower 47 unless a hint asks for more; none may cross", () => {
    const mm = space("6.12", { userBits: 56 });
    const edge = 2 ** 35 - 1;
    const put = (at: number, pages = 2): number => must(mm.map({ at, pages, prot: "rw" }));
    expect(put(0)).toBeLessThan(edge);
    expect(put(edge + 9)).toBe(edge + 9);
    expect(put(edge - 2)).toBe(edge - 2);
    expect(put(edge - 1)).toBeLessThan(edge - 2);
    expect(put(mm.layout.limit - 1)).toBeLessThan(edge);
    expect(put(mm.layout.limit - 2)).toBe(mm.layout.limit - 2);
  });

  test("MAP_FIXED_NOREPLACE takes what is free and refuses what is not", () => {
    const mm = space();
    const at = { at: B, pages: 2, prot: "rw", flags: 0x22 | MAP.MAP_FIXED_NOREPLACE };
    expect(must(mm.map(at))).toBe(B);
    expect(mm.map({ ...at, at: B + 1 })).toMatchObject({
      code: "EEXIST",
      reason: { id: "mmap/occupied", compared: { address: "0x1000000" } },
    });
  });

  test("the end of the address space is asked before the alignment of a fixed address", () => {
    const mm = space();
    const { limit } = mm.layout;
    const request = { pages: 1, prot: 1, flags: FIXED, backing: null, offsetPages: 0, atOffset: 1 };
    expect(mm.mapPages({ ...request, at: limit - 1 })).toMatchObject({ code: "ENOMEM" });
    expect(mm.mapPages({ ...request, at: B })).toMatchObject({ code: "EINVAL" });
    expect(mm.mapPages({ ...request, at: limit - 1, atOffset: 0 }).ok).toBe(true);
  });
});

describe("alignment to huge pages", () => {
  const offset = (release: string, pages: number, settings = {}, more = {}): number => {
    const mm = space(release, settings);
    must(mm.map({ pages: 3, prot: "rw" }));
    return must(mm.map({ pages, prot: "r", ...more })) % HUGE;
  };

  test("needs huge pages in the kernel", () => {
    expect([offset("6.12", HUGE), offset("6.12", HUGE, { thp: false })]).toEqual([0, HUGE - 3 - 1]);
  });

  test.each([
    ["6.7", HUGE - 1, false],
    ["6.7", HUGE, true],
    ["6.7", HUGE + 1, true],
  ])("on %s of %i pages: %s", (release, pages, isAligned) => {
    expect(offset(release, pages) === 0).toBe(isAligned);
  });

  test("is not for who asks by the 32-bit gate", () => {
    const mm = space("6.12");
    const ask = (pages: number): number =>
      must(
        mm.mapPages({
          ...{ at: 0, pages, prot: 1, flags: 0x22, backing: null, offsetPages: 0 },
          compat: true,
        }),
      );
    const first = ask(3);
    expect(ask(HUGE)).toBe(first - HUGE);
  });

  // Asked on 6.18: below a stack of 8 GiB, 0x2aaa7000.
  test("is below a sixth of 4 GiB for the 32-bit gate where a stack may grow far", () => {
    const mm = new AddressSpace({ memory: machine("6.18"), layout: layoutOf(47, 12, 2 ** 33) });
    const request = { at: 0, pages: 4, prot: 1, flags: 0x22, backing: null, offsetPages: 0 };
    expect(must(mm.mapPages({ ...request, compat: true })).toString(16)).toBe("2aaa7");
  });

  test("depends on whether a hint was given that is taken, from 6.12.5 on", () => {
    const after = (release: string): number => {
      const mm = space(release);
      const first = must(mm.map({ pages: 3, prot: "rw" }));
      return must(mm.map({ at: first, pages: HUGE, prot: "r" })) % HUGE;
    };
    expect(after("6.12.4")).toBe(0);
    expect(after("6.12.5")).not.toBe(0);
  });
});
