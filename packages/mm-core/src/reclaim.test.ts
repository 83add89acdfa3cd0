import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { F_ACTIVE } from "./frames.ts";
import { pageState } from "./pageState.ts";
import { file, opened, PAGE, space } from "./testing/world.ts";

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

const stranger = {
  capable: () => false,
  ownsOrMayWrite: () => false,
  limit: () => Number.POSITIVE_INFINITY,
  fatalSignalPending: () => false,
};

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

describe("pages of files", () => {
  const content = (index: number): Uint8Array => new Uint8Array(PAGE).fill(65 + index);

  test("a read maps the neighbours that are cached, within 64 KiB", () => {
    const mm = space();
    const backing = file(32, { load: content });
    must(mm.map({ at: 4096, pages: 32, prot: "r", flags: 0x12, backing }));
    must(mm.advise(4096, 32, "MADV_WILLNEED"));
    expect(mm.filePages).toBe(0);
    must(mm.touch(4097, "read"));
    expect(mm.filePages).toBe(16);
  });

  test("a clean page leaves the cache when it is paged out, a dirty one only the mapping", () => {
    const mm = space();
    const backing = file(4, { load: content });
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x11, backing }));
    must(mm.touch(B, "read"));
    must(mm.touch(B + 1, "write"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect([mm.filePages, resident(mm)]).toEqual([0, "0100"]);
    expect(mm.memory.tally.read()).toMatchObject({ acted: 1, skipped: { "dirty-file": 1 } });
    must(mm.sync(B, 4, false, false, true));
    must(mm.touch(B + 1, "read"));
    must(mm.advise(B, 4, "MADV_PAGEOUT"));
    expect(resident(mm)).toBe("0000");
  });

  test("what msync wrote is on the disk, and is what comes back", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x11, backing }));
    must(mm.write(B, "hi"));
    must(mm.sync(B, 2, false, false, true));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect(resident(mm, 2)).toBe("00");
    expect(String.fromCharCode(...must(mm.read(B, 3)))).toBe("hiA");
  });

  test("a private write copies, DONTNEED brings the file's bytes back", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing }));
    must(mm.write(B, "mine"));
    expect([mm.anonymousPages, mm.filePages]).toEqual([1, 0]);
    must(mm.advise(B, 2, "MADV_DONTNEED"));
    expect(String.fromCharCode(...must(mm.read(B, 4)))).toBe("AAAA");
  });

  test("behind its end a file answers with SIGBUS, and populating with EFAULT", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x11, backing: file(2) }));
    expect(mm.touch(B + 2)).toMatchObject({ reason: { id: "access/beyond-end" } });
    expect(mm.advise(B, 4, "MADV_POPULATE_READ")).toMatchObject({
      code: "EFAULT",
      reason: { id: "madvise/populate-fault", compared: { address: "0x200000" } },
      because: { reason: { id: "access/beyond-end" } },
    });
    expect(mm.filePages).toBe(2);
  });

  test("MADV_REMOVE takes the page from everybody but who copied it", () => {
    const mm = space();
    const backing = file(2, { load: content });
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x11, backing }));
    must(mm.map({ at: B + 10, pages: 2, prot: "rw", flags: 0x12, backing }));
    must(mm.touch(B + 11, "read"));
    must(mm.write(B + 10, "mine"));
    must(mm.advise(B, 2, "MADV_REMOVE"));
    expect(must(mm.read(B, 2))).toEqual(Uint8Array.of(0, 0));
    expect(must(mm.read(B + 11, 2))).toEqual(Uint8Array.of(0, 0));
    expect(String.fromCharCode(...must(mm.read(B + 10, 4)))).toBe("mine");
  });

  test.each([
    ["6.1", 1],
    ["6.12", 0],
  ])(
    "on %s a stranger's PAGEOUT of a private mapping leaves %i private copies",
    (release, left) => {
      const mm = space(release);
      const backing = opened(file(2, { load: content }).object, { writable: false });
      must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing }));
      must(mm.touch(B));
      must(mm.touch(B + 1, "read"));
      must(mm.advise(B, 2, "MADV_PAGEOUT", stranger));
      expect([mm.anonymousPages, mm.filePages]).toEqual([left, 1]);
    },
  );

  test("mincore tells a stranger nothing: every page of the file is resident", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing: file(2) }));
    expect(must(mm.residency(B, 2, stranger)).join("")).toBe("11");
    expect(resident(mm, 2)).toBe("00");
  });

  test("shared memory that was written goes to swap and comes back for all who map it", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x31 }));
    must(mm.write(B, "both"));
    must(mm.advise(B, 2, "MADV_PAGEOUT"));
    expect([mm.sharedPages, mm.swapEntries]).toEqual([0, 0]);
    expect(mm.memory.swap.slots.size).toBe(1);
    const child = mm.fork();
    expect(String.fromCharCode(...must(child.read(B, 4)))).toBe("both");
    expect(mm.memory.swap.slots.size).toBe(0);
  });
});

describe("guards", () => {
  test("any access is refused; DONTNEED, FREE, COLD and PAGEOUT leave them standing", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.write(B + 1, "gone"));
    must(mm.advise(B + 1, 1, "MADV_GUARD_INSTALL"));
    for (const advice of [
      "MADV_DONTNEED",
      "MADV_FREE",
      "MADV_COLD",
      "MADV_PAGEOUT",
      "MADV_WILLNEED",
    ] as const) {
      must(mm.advise(B, 4, advice));
      expect(pageState(mm, B + 1)).toBe("guarded");
    }
    expect(mm.read(B + 1, 1)).toMatchObject({ code: "EFAULT", reason: { id: "access/guard" } });
    must(mm.advise(B, 4, "MADV_GUARD_REMOVE"));
    expect(must(mm.read(B + 1, 4))).toEqual(new Uint8Array(4));
  });

  test("populating stops at a guard with what is before it populated", () => {
    const mm = space("6.18");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.advise(B + 2, 1, "MADV_GUARD_INSTALL"));
    expect(mm.advise(B, 4, "MADV_POPULATE_WRITE")).toMatchObject({ code: "EFAULT" });
    expect(resident(mm)).toBe("1100");
  });

  test.each([
    ["6.14", false],
    ["6.15", true],
  ])("on %s files can hold them: %s", (release, can) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing: file(2) }));
    expect(mm.advise(B, 2, "MADV_GUARD_INSTALL").ok).toBe(can);
  });
});

test.each([
  ["6.6", "1001"],
  ["6.12", "1000"],
])("on %s populating over a hole leaves %s resident, and says ENOMEM", (release, is) => {
  const mm = space(release);
  must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
  must(mm.map({ at: B + 3, pages: 1, prot: "rw", flags: FIXED }));
  expect(mm.advise(B, 4, "MADV_POPULATE_WRITE")).toMatchObject({ code: "ENOMEM" });
  const seen = [0, 3].map((i) => must(mm.residency(B + i, 1))[0]);
  expect(`${seen[0]}00${seen[1]}`).toBe(is);
});
