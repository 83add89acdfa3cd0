import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import { file, space } from "../testing/world.ts";
import { hasUnsettled } from "./unsettled.ts";

const B = 0x1000;

/** Three written pages and a page of zeros, across two tables. */
function laid(release = "6.12", multiGenLru = false): AddressSpace {
  const mm = space(release, { multiGenLru });
  must(mm.map({ at: B, pages: 1024, prot: "rw", flags: 0x32 }));
  for (const page of [0, 1, 700]) must(mm.write(B + page, "1"));
  must(mm.touch(B + 2, "read"));
  return mm;
}

function isUnsettled(mm: AddressSpace): boolean {
  return hasUnsettled(mm, mm.areas.at(B));
}

describe("nobody knows when the lists learn of pages", () => {
  test("that were given up, wherever they lie", () => {
    for (const page of [0, 1, 700]) {
      const mm = laid();
      expect(isUnsettled(mm)).toBe(false);
      must(mm.advise(B + page, 1, "MADV_FREE"));
      expect(isUnsettled(mm)).toBe(true);
      must(mm.advise(B + page, 1, "MADV_DONTNEED"));
      expect(isUnsettled(mm)).toBe(false);
    }
  });

  test("that were cooled and that the kernel used since, with multi-gen LRU alone", () => {
    for (const multiGenLru of [true, false]) {
      const mm = laid("6.12", multiGenLru);
      must(mm.advise(B + 1, 1, "MADV_COLD"));
      expect(isUnsettled(mm)).toBe(false);
      must(mm.pin(B + 1, "read"));
      expect(isUnsettled(mm)).toBe(multiGenLru);
      // What the program uses itself, its entry says.
      must(mm.touch(B + 1));
      expect(isUnsettled(mm)).toBe(false);
    }
  });

  test("but of others they know: of the page of zeros, of swap, of files", () => {
    const mm = laid();
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    must(mm.advise(B + 2, 1, "MADV_FREE"));
    expect(isUnsettled(mm)).toBe(false);
    must(mm.map({ at: B, pages: 4, prot: "r", flags: 0x12, backing: file(4) }));
    must(mm.touch(B, "read"));
    expect(isUnsettled(mm)).toBe(false);
  });

  test("of another area nothing is said", () => {
    const mm = laid();
    must(mm.advise(B, 1, "MADV_FREE"));
    must(mm.protect(B, 1, "r"));
    expect([isUnsettled(mm), hasUnsettled(mm, mm.areas.at(B + 1))]).toEqual([true, false]);
    must(mm.protect(B, 1, "rw"));
    must(mm.protect(B + 1, 1023, "r"));
    expect([isUnsettled(mm), hasUnsettled(mm, mm.areas.at(B + 1))]).toEqual([true, false]);
  });
});
