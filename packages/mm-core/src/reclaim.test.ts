import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { F_ACTIVE } from "./frames.ts";
import { pageState } from "./pageState.ts";
import { space } from "./testing/world.ts";

const B = 510;
const FIXED = 0x32;

/** Four private pages across the edge of a page table: two written, one read, one untouched. */
function four(release = "6.12", settings: { swap?: boolean } = {}): AddressSpace {
  const mm = space(release, settings);
  must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
  must(mm.write(B, "one"));
  must(mm.write(B + 1, "two"));
  must(mm.touch(B + 2, "read"));
  mm.memory.tally.clear();
  return mm;
}

function states(mm: AddressSpace): string {
  return [0, 1, 2, 3].map((i) => pageState(mm, B + i)).join(" ");
}

function resident(mm: AddressSpace, pages = 4): string {
  return must(mm.residency(B, pages)).join("");
}

describe("MADV_COLD", () => {
  test("takes the mark of use and nothing else, and says what it passed by", () => {
    const mm = four();
    must(mm.advise(B, 4, "MADV_COLD"));
    expect(states(mm)).toBe("cold cold zero untouched");
    expect(mm.memory.tally.read()).toEqual({
      considered: 4,
      acted: 2,
      skipped: { "not-present": 1, "zero-page": 1 },
    });
    must(mm.touch(B, "read"));
    expect(states(mm)).toBe("used cold zero untouched");
  });

  test("leaves pages alone that another process maps too", () => {
    const mm = four();
    mm.fork();
    must(mm.advise(B, 4, "MADV_COLD"));
    expect(mm.memory.tally.read()).toMatchObject({ acted: 0, skipped: { shared: 2 } });
    expect(states(mm)).toBe("used used zero untouched");
  });

  test("takes pages off the active list, onto which a failed PAGEOUT put them", () => {
    const mm = four("6.12", { swap: false });
    const isActive = (): boolean => (mm.memory.frames.flags[mm.pages.valueOf(B)] & F_ACTIVE) !== 0;
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(isActive()).toBe(true);
    must(mm.advise(B, 1, "MADV_COLD"));
    expect(isActive()).toBe(false);
  });
});

describe("MADV_PAGEOUT of private memory", () => {
  test("swaps pages out, and a touch brings them back with their bytes", () => {
    const mm = four();
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(states(mm)).toBe("swapped swapped zero untouched");
    expect([mm.anonymousPages, mm.swapEntries]).toEqual([0, 2]);
    expect(String.fromCharCode(...must(mm.read(B + 1, 3)))).toBe("two");
    expect([mm.anonymousPages, mm.swapEntries]).toEqual([1, 1]);
  });

  test("without swap only makes the pages active: they stay", () => {
    const mm = four("6.12", { swap: false });
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(states(mm)).toBe("used used zero untouched");
    expect(mm.memory.tally.read().skipped).toMatchObject({ "no-swap": 2 });
    expect(mm.memory.frames.flags[mm.pages.valueOf(B)] & F_ACTIVE).toBe(F_ACTIVE);
  });

  test.each([
    ["6.1", "cold cold"],
    ["6.12", "used used"],
  ])("on %s pages that could not go are %s", (release, is) => {
    const mm = four(release, { swap: false });
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(states(mm)).toBe(`${is} zero untouched`);
  });

  test("waits until the child that shares the pages is gone", () => {
    const mm = four();
    const child = mm.fork();
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(mm.swapEntries).toBe(0);
    child.tearDown();
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(mm.swapEntries).toBe(2);
  });

  test("a page that came back unwritten goes again without being written again", () => {
    const mm = four();
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    must(mm.touch(B, "read"));
    const slots = mm.memory.swap.slots.size;
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(mm.memory.swap.slots.size).toBe(slots);
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("one");
  });

  test.each([
    ["6.1", "1111"],
    ["6.12", "0110"],
  ])("on %s of zeros and two writes the swap cache keeps %s", (release, cached) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.touch(B, "write"));
    must(mm.write(B + 1, "one"));
    must(mm.write(B + 2, "\0\0\0\0\0\0\0\0\0\x01"));
    must(mm.write(B + 3, "one"));
    must(mm.write(B + 3, "\0\0\0"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(resident(mm)).toBe(cached);
    expect(mm.swapEntries).toBe(4);
    expect(must(mm.read(B, 1))).toEqual(Uint8Array.of(0));
    expect(String.fromCharCode(...must(mm.read(B + 1, 3)))).toBe("one");
  });

  test.each([
    ["6.1", "11"],
    ["6.12", "01"],
  ])("on %s of shared zeros and a shared write the swap cache keeps %s", (release, cached) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x31 }));
    must(mm.touch(B, "write"));
    must(mm.write(B + 1, "one"));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(resident(mm, 2)).toBe(cached);
    expect(must(mm.read(B, 1))).toEqual(Uint8Array.of(0));
    expect(String.fromCharCode(...must(mm.read(B + 1, 3)))).toBe("one");
  });

  test("MADV_WILLNEED reads swapped pages ahead: resident again, still no entry", () => {
    const mm = four();
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    must(mm.touch(B, "read"));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(resident(mm, 1)).toBe("0");
    must(mm.advise(B, 4, "MADV_WILLNEED"));
    expect(resident(mm, 1)).toBe("1");
    expect([pageState(mm, B), mm.swapEntries]).toEqual(["swapped", 1]);
  });
});

describe("MADV_FREE", () => {
  test("keeps the bytes until reclaim comes, which then needs no swap", () => {
    const mm = four("6.12", { swap: false });
    must(mm.advise(B, 4, "MADV_FREE"));
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("one");
    must(mm.advise(B, 4, "MADV_FREE"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(states(mm)).toBe("untouched untouched zero untouched");
    expect(must(mm.read(B, 3))).toEqual(Uint8Array.of(0, 0, 0));
  });

  test("is called off by a write", () => {
    const mm = four("6.12", { swap: false });
    must(mm.advise(B, 2, "MADV_FREE"));
    must(mm.write(B, "O"));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(states(mm)).toBe("used untouched zero untouched");
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("One");
    mm.memory.settings.state("swap", true);
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    expect(pageState(mm, B)).toBe("swapped");
  });

  test("drops swapped pages at once", () => {
    const mm = four();
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    must(mm.advise(B, 4, "MADV_FREE"));
    expect([mm.swapEntries, mm.memory.frames.inUse, mm.memory.swap.slots.size]).toEqual([0, 0, 0]);
    expect(must(mm.read(B, 3))).toEqual(Uint8Array.of(0, 0, 0));
  });

  test("in a child never costs the parent its bytes", () => {
    const mm = four("6.12", { swap: false });
    const child = mm.fork();
    must(child.advise(B, 2, "MADV_FREE"));
    child.tearDown();
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("one");
  });
});
