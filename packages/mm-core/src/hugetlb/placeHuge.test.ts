import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT } from "../actor.ts";
import type { AddressSpace } from "../addressSpace.ts";
import { codeOf, HUGE, hugeAt, NORESERVE, pooled } from "../testing/hugeWorld.ts";

const FLAGS = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_HUGETLB | NORESERVE;
const place = (mm: AddressSpace, at = 0, flags = 0, pages = HUGE): number =>
  must(mm.map({ at, pages, prot: "rw", flags: FLAGS | flags }));
const compat = (mm: AddressSpace): number =>
  must(
    mm.mapPages({
      at: 0,
      pages: 1,
      prot: 3,
      flags: FLAGS,
      backing: null,
      offsetPages: 0,
      compat: true,
    }),
  );

describe.each(["5.10", "6.12", "6.18"])("on %s huge pages lie at whole ones", (release) => {
  test("one below the other, whatever small ones lie between", () => {
    const mm = pooled(0, release);
    const top = place(mm);
    expect([top % HUGE, top + HUGE <= mm.layout.base]).toEqual([0, true]);
    expect(mm.layout.base - top).toBeLessThan(2 * HUGE);
    must(mm.map({ pages: 1, prot: "rw" }));
    expect(place(mm, 0, 0, 1)).toBe(top - HUGE);
    expect(place(mm, 0, 0, 2 * HUGE)).toBe(top - 3 * HUGE);
  });

  test("at a hint that is free, and elsewhere if it is not", () => {
    const mm = pooled(0, release);
    expect(place(mm, hugeAt(0))).toBe(hugeAt(0));
    expect(place(mm, hugeAt(0))).toBeGreaterThan(hugeAt(9));
  });

  test("in the lowest room where the highest is full, or the layout grows upwards", () => {
    const mm = pooled(0, release);
    (mm.layout as { legacy: boolean }).legacy = true;
    const low = place(mm);
    expect([low % HUGE, low - mm.layout.legacyBase < HUGE]).toEqual([0, true]);
  });

  test.each([
    ["anything", 0, 0],
    ["a stack, which may grow by 256 pages", MAP.MAP_GROWSDOWN, 256],
  ])("in the lowest room that holds whole ones for sure, below %s", (_, flags, gap) => {
    const beside = (free: number): number => {
      const mm = pooled(0, release);
      (mm.layout as { legacy: boolean }).legacy = true;
      const { legacyBase } = mm.layout;
      must(mm.map({ at: legacyBase + free + gap, pages: 1, prot: "rw", flags: 0x32 | flags }));
      return Math.floor((place(mm) - legacyBase) / HUGE);
    };
    // Wherever it begins, so many pages hold a whole one.
    expect([beside(2 * HUGE - 1), beside(2 * HUGE - 2) > 1]).toEqual([0, true]);
  });

  test("below 4 GiB for a 32-bit caller", () => {
    expect(compat(pooled(0, release))).toBe(0xf_7c00);
  });

  test("a fixed address within one is refused, whatever lies there", () => {
    const mm = pooled(0, release);
    for (const flags of [MAP.MAP_FIXED, MAP.MAP_FIXED_NOREPLACE]) {
      const mapped = mm.map({ at: hugeAt(0) + 1, pages: 1, prot: "rw", flags: FLAGS | flags });
      expect(codeOf(mapped)).toBe("EINVAL mmap/huge-unaligned");
    }
  });
});

test("a hint within one is rounded down up to 6.12, and up from 6.16 on", () => {
  expect(place(pooled(0, "6.12"), hugeAt(0) + 1)).toBe(hugeAt(0));
  expect(place(pooled(0, "6.16"), hugeAt(0) + 1)).toBe(hugeAt(1));
});

test("a hint below the lowest address leads to 0 up to 6.12, for who may map there", () => {
  const asked = (release: string, capable: boolean): string => {
    const mm = pooled(0, release);
    const actor = { ...OMNIPOTENT, capable: () => capable };
    const mapped = mm.map({ at: 1, pages: 1, prot: "rw", flags: FLAGS }, actor);
    return mapped.ok ? String(mapped.value) : codeOf(mapped);
  };
  expect([asked("6.12", true), asked("6.12", false)]).toEqual(["0", "EPERM mmap/below-minimum"]);
  expect(asked("6.18", false)).toBe(String(HUGE));
});

test("MAP_32BIT counts from 6.16 on", () => {
  expect(place(pooled(0, "6.18"), 0, MAP.MAP_32BIT)).toBe(2 ** 18);
  expect(place(pooled(0, "6.12"), 0, MAP.MAP_32BIT)).toBe(place(pooled(0, "6.12")));
});

test("more than the address space has room for is refused", () => {
  const mm = pooled(0);
  const mapped = mm.map({ pages: mm.layout.limit - HUGE, prot: "rw", flags: FLAGS });
  expect(codeOf(mapped)).toBe("ENOMEM mmap/no-room");
});
