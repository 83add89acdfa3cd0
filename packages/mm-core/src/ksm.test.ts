import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "./addressSpace.ts";
import { pageState } from "./pageState.ts";
import { violations } from "./testing/invariants.ts";
import { file, space } from "./testing/world.ts";
import { PAGEMAP_HIGH } from "./views/pagemap.ts";

const B = 0x1000;

/** Eight mergeable pages, the first ones with contents. */
function mergeable(mm: AddressSpace, contents: readonly string[], at = B): AddressSpace {
  must(mm.map({ at, pages: 8, prot: "rw", flags: 0x32 }));
  must(mm.advise(at, 8, "MADV_MERGEABLE"));
  for (const [i, text] of contents.entries()) must(mm.write(at + i, text));
  return mm;
}

function shown(mm: AddressSpace, name: string): number {
  const lines = mm.smaps().matchAll(new RegExp(`^${name}: +(\\d+) kB$`, "gm"));
  return [...lines].reduce((sum, [, kilobytes]) => sum + Number(kilobytes), 0);
}

function text(mm: AddressSpace, page: number): string {
  return String.fromCharCode(...must(mm.read(page, 4)).filter((byte) => byte !== 0));
}

function isExclusive(mm: AddressSpace, page: number): boolean {
  const high = new DataView(mm.pagemap(page, 1).buffer).getUint32(4, true);
  return (high & PAGEMAP_HIGH.exclusive) !== 0;
}

describe("pages of the same contents in mergeable areas", () => {
  test("are one frame after two full scans, not after one", () => {
    const mm = mergeable(space("6.18"), ["same", "same", "same", "else"]);
    const { frames, ksm } = mm.memory;
    ksm.scanAll(1);
    expect([frames.inUse, shown(mm, "KSM"), mm.ksmMergingPages]).toEqual([4, 0, 0]);
    ksm.scanAll(1);
    expect([frames.inUse, shown(mm, "KSM"), mm.ksmMergingPages]).toEqual([2, 12, 3]);
    expect([0, 1, 2, 3].map((i) => text(mm, B + i))).toEqual(["same", "same", "same", "else"]);
    expect([0, 1, 2, 3].map((i) => isExclusive(mm, B + i))).toEqual([false, false, false, true]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("wait another round where one was written between two scans", () => {
    const mm = mergeable(space("6.18"), ["same", "diff"]);
    const { ksm } = mm.memory;
    ksm.scanAll(1);
    must(mm.write(B + 1, "same"));
    ksm.scanAll(1);
    expect(shown(mm, "KSM")).toBe(0);
    ksm.scanAll(1);
    expect(shown(mm, "KSM")).toBe(8);
  });

  test("join what is merged already at first sight", () => {
    const mm = mergeable(space("6.18"), ["same", "same"]);
    const { ksm } = mm.memory;
    ksm.scanAll(2);
    must(mm.write(B + 2, "same"));
    ksm.scanAll(1);
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([12, 1]);
  });

  test("are merged across processes; each process counts its own", () => {
    const mm = mergeable(space("6.18"), ["same"]);
    const other = mergeable(new AddressSpace({ memory: mm.memory }), ["same", "own"], 0x3000);
    mm.memory.ksm.scanAll(2);
    expect([mm.ksmMergingPages, other.ksmMergingPages]).toEqual([1, 1]);
    expect(mm.pages.valueOf(B)).toBe(other.pages.valueOf(0x3000));
    expect([shown(mm, "Shared_Dirty"), shown(other, "Private_Dirty")]).toEqual([4, 4]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("stay apart without the advice, and in shared memory", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x32 }));
    must(mm.map({ at: 0x3000, pages: 4, prot: "rw", flags: 0x31 }));
    expect(mm.advise(0x3000, 4, "MADV_MERGEABLE").ok).toBe(true);
    for (const page of [B, B + 1, 0x3000, 0x3001]) must(mm.write(page, "same"));
    mm.memory.ksm.scanAll(3);
    expect(mm.memory.frames.inUse).toBe(4);
  });

  test("stay a file's where nobody wrote them", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x12, backing: file(4) }));
    must(mm.advise(B, 4, "MADV_MERGEABLE"));
    must(mm.touch(B, "read"));
    must(mm.write(B + 2, "same"));
    must(mm.write(B + 3, "same"));
    mm.memory.ksm.scanAll(2);
    expect([shown(mm, "KSM"), mm.ksmMergingPages]).toEqual([8, 2]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("are found where all memory was made mergeable", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x32 }));
    mm.setMergeAny(true);
    for (const page of [B, B + 1]) must(mm.write(page, "same"));
    mm.memory.ksm.scanAll(2);
    expect(shown(mm, "KSM")).toBe(8);
    mm.setMergeAny(false);
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([0, 2]);
  });

  test("are met a few at a time, going on where the last turn ended", () => {
    const mm = mergeable(space("6.18"), ["same", "same", "same"]);
    const { ksm } = mm.memory;
    const merged: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      ksm.scan(2);
      merged.push(shown(mm, "KSM") / 4);
    }
    expect(merged).toEqual([0, 0, 2, 3, 3, 3, 3, 3]);
    expect(ksm.fullScans).toBe(4);
  });

  test("are forgotten by a scan whose process is gone", () => {
    const mm = mergeable(space("6.18"), ["same"]);
    const other = mergeable(new AddressSpace({ memory: mm.memory }), ["same", "same"], 0x3000);
    const { ksm } = mm.memory;
    ksm.scan(2);
    other.tearDown();
    ksm.scanAll(2);
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([0, 1]);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("a merged page", () => {
  function twins(release = "6.18"): AddressSpace {
    const mm = mergeable(space(release), ["same", "same"]);
    mm.memory.ksm.scanAll(2);
    return mm;
  }

  test("is copied for whoever writes, also for the last who has it", () => {
    const mm = twins();
    const merged = mm.pages.valueOf(B);
    must(mm.write(B, "new!"));
    expect([text(mm, B), text(mm, B + 1), shown(mm, "KSM")]).toEqual(["new!", "same", 4]);
    must(mm.write(B + 1, "too!"));
    expect(mm.pages.valueOf(B + 1)).not.toBe(merged);
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([0, 2]);
  });

  test("is left alone by COLD, PAGEOUT and FREE while it is shown twice", () => {
    const mm = twins();
    mm.memory.tally.clear();
    for (const advice of ["MADV_COLD", "MADV_PAGEOUT", "MADV_FREE"] as const)
      must(mm.advise(B, 2, advice));
    expect(mm.memory.tally.read()).toEqual({
      ...{ considered: 6, acted: 0 },
      skipped: { shared: 6 },
    });
  });

  test("goes to swap once it is shown once, and comes back merged", () => {
    const mm = twins();
    must(mm.advise(B, 1, "MADV_DONTNEED"));
    must(mm.advise(B + 1, 1, "MADV_PAGEOUT"));
    expect(pageState(mm, B + 1)).toBe("swapped");
    expect(text(mm, B + 1)).toBe("same");
    expect(shown(mm, "KSM")).toBe(4);
    must(mm.write(B + 1, "x"));
    expect(shown(mm, "KSM")).toBe(0);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("is merged in a child too, which counts none until a scan", () => {
    const mm = twins();
    const child = mm.fork();
    expect([shown(child, "KSM"), child.ksmMergingPages]).toEqual([8, 0]);
    mm.memory.ksm.scanAll(1);
    expect(child.ksmMergingPages).toBe(2);
    must(child.write(B, "own!"));
    expect([text(mm, B), shown(mm, "KSM")]).toEqual(["same", 8]);
  });

  test.each([
    ["6.1", 8, 0],
    ["6.12", 0, 8],
  ])("that UNMERGEABLE takes apart is dirty in %s: %i kB", (release, dirty, clean) => {
    const mm = twins(release);
    must(mm.advise(B, 8, "MADV_UNMERGEABLE"));
    expect([shown(mm, "Private_Dirty"), shown(mm, "Private_Clean")]).toEqual([dirty, clean]);
    expect([text(mm, B), text(mm, B + 1), mm.memory.frames.inUse]).toEqual(["same", "same", 2]);
    mm.memory.ksm.scanAll(3);
    expect(mm.memory.frames.inUse).toBe(2);
  });

  test("comes apart within the range of UNMERGEABLE alone", () => {
    const mm = mergeable(space("6.18"), ["same", "same", "same"]);
    mm.memory.ksm.scanAll(2);
    must(mm.advise(B, 1, "MADV_UNMERGEABLE"));
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([8, 2]);
  });

  test("comes apart everywhere where KSM takes all back", () => {
    const mm = twins();
    const child = mm.fork();
    mm.memory.ksm.unmergeAll();
    expect([shown(mm, "KSM"), shown(child, "KSM"), mm.memory.frames.inUse]).toEqual([0, 0, 4]);
    expect(mm.ksmMergingPages).toBe(0);
  });

  test("is counted until a scan finds it gone", () => {
    const mm = twins();
    must(mm.advise(B, 1, "MADV_DONTNEED"));
    expect(mm.ksmMergingPages).toBe(2);
    mm.memory.ksm.scanAll(1);
    expect(mm.ksmMergingPages).toBe(1);
    must(mm.touch(B, "read"));
    must(mm.advise(B + 1, 1, "MADV_PAGEOUT"));
    mm.memory.ksm.scanAll(1);
    expect(mm.ksmMergingPages).toBe(0);
  });

  test("is taken back with the scan that merged it", () => {
    const mm = mergeable(space("6.18"), ["same", "same"]);
    mm.memory.ksm.scanAll(1);
    const before = mm.smaps();
    mm.attempt(() => mm.memory.ksm.scanAll(2));
    expect([mm.smaps(), mm.ksmMergingPages, mm.memory.ksm.fullScans]).toEqual([before, 0, 1]);
    expect(violations(mm.memory)).toEqual([]);
    mm.memory.ksm.scanAll(1);
    expect(shown(mm, "KSM")).toBe(8);
  });
});

describe("pages of zeros", () => {
  test.each([
    ["6.1", "zero"],
    ["6.12", "cold"],
  ])("become the page of zeros where that is set; UNMERGEABLE in %s: %s", (release, state) => {
    const mm = mergeable(space(release), ["\0", "\0", "\0"]);
    mm.memory.ksm.useZeroPages = true;
    mm.memory.ksm.scanAll(2);
    expect([pageState(mm, B), mm.memory.frames.inUse, mm.anonymousPages]).toEqual(["zero", 0, 0]);
    must(mm.advise(B, 1, "MADV_UNMERGEABLE"));
    expect(pageState(mm, B) === "zero").toBe(state === "zero");
    must(mm.write(B + 1, "x"));
    expect(text(mm, B + 1)).toBe("x");
  });

  test("are merged as others are where it is not", () => {
    const mm = mergeable(space("6.18"), ["\0", "\0"]);
    mm.memory.ksm.scanAll(2);
    expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([8, 1]);
  });
});

test("a huge page is split for one page that is merged", () => {
  const mm = space("6.18", { thpEnabled: "always" });
  must(mm.map({ at: 512, pages: 1024, prot: "rw", flags: 0x32 }));
  must(mm.write(512, "same"));
  must(mm.write(1024, "same"));
  must(mm.advise(512, 1, "MADV_MERGEABLE"));
  must(mm.advise(1024, 1, "MADV_MERGEABLE"));
  mm.memory.ksm.scanAll(2);
  expect([shown(mm, "KSM"), mm.memory.frames.inUse]).toEqual([8, 1]);
  expect(violations(mm.memory)).toEqual([]);
});

test("zeros of a huge page that is split for them need no merging any more", () => {
  for (const useZeroPages of [false, true]) {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at: 1024, pages: 1024, prot: "rw", flags: 0x32 }));
    must(mm.advise(1024, 1024, "MADV_MERGEABLE"));
    for (const page of [1024, 1536]) must(mm.write(page, "x"));
    mm.memory.ksm.useZeroPages = useZeroPages;
    mm.memory.ksm.scanAll(4);
    expect(violations(mm.memory)).toEqual([]);
    expect([1024, 1536].map((page) => must(mm.read(page, 1))[0])).toEqual([0x78, 0x78]);
    expect(must(mm.read(1030, 1))[0]).toBe(0);
    expect([mm.hugeTables, mm.memory.folios.count]).toEqual([0, 0]);
  }
});

test("what was merged and may only be read comes apart into pages that may only be read", () => {
  const mm = space("6.18");
  must(mm.map({ at: 1024, pages: 2, prot: "rw", flags: 0x32 }));
  must(mm.map({ at: 2048, pages: 2, prot: "rw", flags: 0x32 }));
  must(mm.advise(1024, 2, "MADV_MERGEABLE"));
  for (const page of [1024, 1025, 2048]) must(mm.write(page, "same"));
  mm.memory.ksm.scanAll(3);
  expect(mm.memory.frames.inUse).toBe(2);
  must(mm.protect(1024, 2, "r"));
  mm.memory.ksm.unmergeAll();
  expect([mm.memory.frames.inUse, violations(mm.memory)]).toEqual([3, []]);
  expect([mm.touch(1024).ok, must(mm.read(1025, 1))[0]]).toEqual([false, 0x73]);
});
