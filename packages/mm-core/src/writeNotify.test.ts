import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { F_DIRTY } from "./frames.ts";
import { P_DIRTY, P_WRITE } from "./pageTable.ts";
import { file, space } from "./testing/world.ts";

const AT = 0x1000;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

const mapped = (prot: "r" | "rw" = "rw"): AddressSpace => {
  const mm = space();
  must(mm.map({ at: AT, pages: 4, prot, flags: SHARED }));
  return mm;
};

/** Whether the entry of a page allows to write; whether it is dirty; whether the page itself is. */
function marks(mm: AddressSpace, page = AT): readonly boolean[] {
  const bits = mm.pages.bitsOf(page);
  const flags = mm.memory.frames.flags[mm.pages.valueOf(page)];
  return [(bits & P_WRITE) !== 0, (bits & P_DIRTY) !== 0, (flags & F_DIRTY) !== 0];
}

describe("shared memory", () => {
  test("that was read first is written unnoticed: the entry is dirty, not the page", () => {
    const mm = mapped();
    must(mm.read(AT, 1));
    expect(marks(mm)).toEqual([true, false, false]);
    must(mm.write(AT, "1"));
    expect(marks(mm)).toEqual([true, true, false]);
  });

  test("that is written first is dirty itself", () => {
    const mm = mapped();
    must(mm.write(AT, "1"));
    expect(marks(mm)).toEqual([true, true, true]);
  });

  test("is dirty itself once the entry is gone", () => {
    const mm = mapped();
    must(mm.read(AT, 1));
    const child = mm.fork();
    must(child.read(AT, 1));
    must(mm.write(AT, "1"));
    expect(marks(child)).toEqual([true, false, false]);
    must(mm.unmap(AT, 1));
    expect(marks(child)).toEqual([true, false, true]);
  });

  test("may be written wherever mprotect allows it again", () => {
    const mm = mapped();
    must(mm.read(AT, 1));
    must(mm.protect(AT, 4, "r"));
    expect(marks(mm)).toEqual([false, false, false]);
    must(mm.protect(AT, 4, "rw"));
    expect(marks(mm)).toEqual([true, false, false]);
  });

  test("maps neighbours so too, and those of a read-only mapping not", () => {
    const mm = mapped();
    for (const page of [0, 1]) must(mm.write(AT + page, "1"));
    const child = mm.fork();
    must(child.read(AT, 1));
    expect([marks(child), marks(child, AT + 1)].map(([write]) => write)).toEqual([true, true]);
    const other = mapped("r");
    must(other.read(AT, 1));
    expect(marks(other)).toEqual([false, false, false]);
  });
});

test("of a file that has a disk the first write is noticed", () => {
  const mm = space();
  must(mm.map({ at: AT, pages: 4, prot: "rw", flags: 0x11, backing: file(4) }));
  must(mm.read(AT, 1));
  expect(marks(mm)).toEqual([false, false, false]);
  must(mm.write(AT, "1"));
  expect(marks(mm)).toEqual([true, true, true]);
  must(mm.protect(AT, 4, "r"));
  must(mm.protect(AT, 4, "rw"));
  expect(marks(mm)[0]).toBe(false);
});
