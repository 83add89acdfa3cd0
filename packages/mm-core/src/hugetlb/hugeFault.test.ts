import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "../addressSpace.ts";
import { F_EXCLUSIVE } from "../frames.ts";
import { P_DIRTY, P_WRITE } from "../pageTable.ts";
import {
  BASE,
  codeOf,
  HUGE,
  hugeAt,
  hugeFile,
  mapHuge,
  NORESERVE,
  pool,
  pooled,
  PRIVATE,
  SHARED,
  store,
  text,
  touch,
} from "../testing/hugeWorld.ts";
import { violations } from "../testing/invariants.ts";

const NONE = "EFAULT access/no-huge-page";
const LOST = "EFAULT access/huge-page-lost";
const OWN = 0x1000;

describe("the first touch", () => {
  test("brings in a whole huge page, of zeros", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    expect([touch(mm, 0, "read"), mm.hugetlbPages]).toEqual(["ok", HUGE]);
    expect(must(mm.residency(BASE, HUGE)).every((byte) => byte === 1)).toBe(true);
    expect(must(mm.read(hugeAt(0) + 511, 4096))).toEqual(new Uint8Array(4096));
    expect([mm.anonymousPages, mm.filePages, mm.sharedPages]).toEqual([0, 0, 0]);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["1 0 0 0", []]);
  });

  test("of what nobody reserved takes what others leave", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2, { flags: PRIVATE | NORESERVE });
    mapHuge(mm, 4, 1);
    expect([touch(mm, 0), touch(mm, 1), touch(mm, 4)]).toEqual(["ok", NONE, "ok"]);
    expect(pool(mm.memory)).toBe("2 0 0 0");
    must(mm.unmap(hugeAt(4), HUGE));
    expect([touch(mm, 1), violations(mm.memory)]).toEqual(["ok", []]);
  });

  test("of a gigantic page finds none", () => {
    const mm = pooled(9);
    const flags = PRIVATE | NORESERVE | (30 << 26);
    must(mm.map({ at: 2 ** 18, pages: 1, prot: "rw", flags }));
    expect(mm.totalPages).toBe(2 ** 18);
    expect(codeOf(mm.touch(2 ** 18 + 700))).toBe(NONE);
    expect(codeOf(mm.unmap(2 ** 18, HUGE))).toBe("EINVAL munmap/special");
  });

  test("where the area may not be written is a fault, and takes nothing", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1, { prot: "r" });
    expect([touch(mm, 0), pool(mm.memory)]).toEqual(["EFAULT access/protection", "1 1 1 0"]);
  });

  test("may come from outside: process_vm_readv and MADV_POPULATE_WRITE", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    must(mm.pin(hugeAt(0) + 5, "read"));
    must(mm.advise(hugeAt(1), 1, "MADV_POPULATE_WRITE"));
    expect(mm.hugetlbPages).toBe(2 * HUGE);
    const poor = pooled(0);
    mapHuge(poor, 0, 1, { flags: PRIVATE | NORESERVE });
    expect(poor.advise(BASE, 1, "MADV_POPULATE_READ")).toMatchObject({
      code: "EFAULT",
      because: { reason: { id: "access/no-huge-page" } },
    });
  });
});

describe("shared huge pages", () => {
  test("are one for all who map them", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1, { flags: SHARED });
    const child = mm.fork();
    store(child, 0, "s");
    expect([text(mm, 0), store(mm, 0, "t"), text(child, 0)]).toEqual(["s", "ok", "t"]);
    expect([mm.hugetlbPages, child.hugetlbPages]).toEqual([HUGE, HUGE]);
    child.tearDown();
    expect([text(mm, 0), violations(mm.memory)]).toEqual(["t", []]);
  });

  test.each([
    ["5.10", HUGE],
    ["6.1", 0],
  ])("a fork of %s leaves the child %i entries of them", (release, entries) => {
    const mm = pooled(1, release);
    mapHuge(mm, 0, 1, { flags: SHARED });
    touch(mm, 0);
    const child = mm.fork();
    expect(child.hugetlbPages).toBe(entries);
    expect(must(child.residency(BASE, 1))[0]).toBe(entries / HUGE);
    expect([touch(child, 0), child.hugetlbPages, violations(mm.memory)]).toEqual(["ok", HUGE, []]);
  });

  test("are writable again when the area is", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1, { flags: SHARED });
    store(mm, 0, "a");
    must(mm.protect(BASE, HUGE, "r"));
    expect(store(mm, 0, "b")).toBe("EFAULT access/protection");
    must(mm.protect(BASE, HUGE, "rw"));
    expect([store(mm, 0, "b"), text(mm, 0), pool(mm.memory)]).toEqual(["ok", "b", "1 0 0 0"]);
  });
});

describe("a private mapping of a file", () => {
  test("shows the file's page until it is written, and then one that is reserved for it", () => {
    const mm = pooled(2);
    const file = hugeFile(1);
    file.map(mm, 0, 1);
    store(mm, 0, "f");
    file.map(mm, 2, 1, { flags: MAP.MAP_PRIVATE });
    expect([text(mm, 2), pool(mm.memory)]).toEqual(["f", "2 1 1 0"]);
    expect([store(mm, 2, "p"), text(mm, 0), text(mm, 2)]).toEqual(["ok", "f", "p"]);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 0 0 0", []]);
  });

  test("that is written first takes nothing from the file", () => {
    const mm = pooled(2);
    const file = hugeFile(1);
    file.map(mm, 0, 1, { flags: MAP.MAP_PRIVATE });
    store(mm, 0, "p");
    file.map(mm, 2, 1);
    expect([text(mm, 2), text(mm, 0)]).toEqual(["\0", "p"]);
  });
});

describe("copy-on-write", () => {
  test("copies for a child what the pool has to spare, and not what is reserved", () => {
    const mm = pooled(3);
    mapHuge(mm, 0, 2);
    store(mm, 0, "a");
    const child = mm.fork();
    expect([store(child, 0, "b"), text(mm, 0), text(child, 0)]).toEqual(["ok", "a", "b"]);
    expect([touch(child, 1), pool(mm.memory)]).toEqual([NONE, "3 1 1 0"]);
    expect([touch(mm, 1), violations(mm.memory)]).toEqual(["ok", []]);
  });

  test("lets the parent take the page from all its children where there is no other", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    store(mm, 0, "a");
    store(mm, 1, "b");
    const children = [mm.fork(), mm.fork()];
    expect(store(children[0], 0, "c")).toBe(NONE);
    expect([store(mm, 0, "d"), text(mm, 0)]).toEqual(["ok", "d"]);
    expect(children.map((child) => [text(child, 0), text(child, 1)])).toEqual([
      [LOST, "b"],
      [LOST, "b"],
    ]);
    expect([children[0].hugetlbPages, violations(mm.memory)]).toEqual([HUGE, []]);
    // A grandchild has pages of its own, as far as there are any.
    expect(text(children[0].fork(), 0)).toBe(NONE);
  });

  test("has the parent copy where there is a page to spare", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 1);
    store(mm, 0, "a");
    const child = mm.fork();
    expect([store(mm, 0, "b"), text(child, 0), text(mm, 0)]).toEqual(["ok", "a", "b"]);
    expect(pool(mm.memory)).toBe("2 0 0 0");
    child.tearDown();
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 1 0 0", []]);
  });

  test("takes over what nobody else has any more", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    store(mm, 0, "a");
    const child = mm.fork();
    must(mm.unmap(BASE, HUGE));
    expect([store(child, 0, "b"), text(child, 0)]).toEqual(["ok", "b"]);
    child.tearDown();
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["1 1 0 0", []]);
  });

  test("of who reserved nothing leaves its children alone", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1, { flags: PRIVATE | NORESERVE });
    store(mm, 0, "a");
    const child = mm.fork();
    expect([store(mm, 0, "b"), text(child, 0), text(mm, 0)]).toEqual([NONE, "a", "a"]);
  });

  test("makes every page of it one's own, which may be written from then on", () => {
    const mm = pooled(3);
    mapHuge(mm, 0, 1);
    const first = hugeAt(0);
    const pages = [first, first + 77, first + HUGE - 1];
    const marks = (space: AddressSpace): number[] =>
      pages.map((page) => {
        const isOwn = (space.memory.frames.flags[space.pages.valueOf(page)] & F_EXCLUSIVE) !== 0;
        return (isOwn ? OWN : 0) + (space.pages.bitsOf(page) & (P_WRITE | P_DIRTY));
      });
    const own = OWN + (P_WRITE | P_DIRTY);
    touch(mm, 0);
    expect(marks(mm)).toEqual([own, own, own]);
    const child = mm.fork();
    expect(
      marks(mm)
        .concat(marks(child))
        .some((mark) => (mark & P_WRITE) !== 0),
    ).toBe(false);
    touch(child, 0);
    expect(marks(child)).toEqual([own, own, own]);
    // What is alone again is taken over; read from outside it stays as it is.
    must(mm.pin(first, "read"));
    expect(marks(mm).every((mark) => mark >= OWN && (mark & P_WRITE) === 0)).toBe(true);
    touch(mm, 0);
    expect([marks(mm), violations(mm.memory)]).toEqual([[own, own, own], []]);
  });

  test("gives a reader from outside a copy of its own from 5.19 on", () => {
    const pages = (release: string): string => {
      const mm = pooled(3, release);
      mapHuge(mm, 0, 1);
      store(mm, 0, "a");
      const child = mm.fork();
      must(child.pin(BASE, "read"));
      expect([text(child, 0), violations(mm.memory)]).toEqual(["a", []]);
      return pool(mm.memory);
    };
    expect([pages("5.10"), pages("6.18")]).toEqual(["3 2 0 0", "3 1 0 0"]);
  });

  test("may be tried and taken back", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    store(mm, 0, "a");
    const child = mm.fork();
    mm.attempt(() => {
      store(mm, 0, "b");
      expect(text(child, 0)).toBe(LOST);
    });
    expect([text(child, 0), text(mm, 0), violations(mm.memory)]).toEqual(["a", "a", []]);
  });
});

describe("MADV_DONTNEED", () => {
  const dropped = (release: string, more: { overcommit?: number } = {}): readonly string[] => {
    const mm = pooled(2, release, { overcommitHugePages: more.overcommit ?? 0 });
    mapHuge(mm, 0, 1);
    mapHuge(mm, 4, 2, { flags: PRIVATE | NORESERVE });
    touch(mm, 0);
    touch(mm, 4);
    must(mm.advise(BASE, HUGE, "MADV_DONTNEED"));
    const answers = [touch(mm, 5), touch(mm, 0)];
    expect(violations(mm.memory)).toEqual([]);
    return answers;
  };

  test("gives the page back: for whom it was reserved from 6.12 on, for anybody before", () => {
    expect(dropped("6.1")).toEqual(["ok", NONE]);
    expect(dropped("6.12")).toEqual([NONE, "ok"]);
  });

  test("reserves nothing again while the pool has pages for the time", () => {
    const mm = pooled(0, "6.18", { overcommitHugePages: 1 });
    mapHuge(mm, 0, 1);
    touch(mm, 0);
    must(mm.advise(BASE, HUGE, "MADV_DONTNEED"));
    expect([pool(mm.memory), touch(mm, 0)]).toEqual(["0 0 0 0", "ok"]);
    must(mm.unmap(BASE, HUGE));
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["0 0 0 0", []]);
  });

  test("of what a child shows too comes true when the child is gone", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    touch(mm, 0);
    const child = mm.fork();
    must(mm.advise(BASE, HUGE, "MADV_DONTNEED"));
    expect(pool(mm.memory)).toBe("1 0 0 0");
    child.tearDown();
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["1 1 1 0", []]);
  });
});

test("another address space of the machine shares the pool", () => {
  const mm = pooled(1);
  const other = new AddressSpace({ memory: mm.memory });
  mapHuge(mm, 0, 1);
  expect(mapHuge(other, 0, 1)).toBe("ENOMEM mmap/no-huge-pages");
  mm.tearDown();
  expect(mapHuge(other, 0, 1)).toBe("ok");
});

test("a parent takes a page away from who shows that page, and from no other mapping of its child", () => {
  const mm = pooled(3);
  mapHuge(mm, 0, 3);
  for (const at of [0, 1, 2]) store(mm, at, `${at}`);
  const child = mm.fork();
  // The child has the file in three parts, of which one is gone.
  must(child.protect(hugeAt(1), HUGE, "r"));
  must(child.unmap(hugeAt(2), HUGE));
  const { tlbFlushes } = mm.memory.work;
  expect([store(mm, 1, "x"), store(mm, 2, "y")]).toEqual(["ok", "ok"]);
  expect(mm.memory.work.tlbFlushes).toBe(tlbFlushes + 1);
  expect([text(child, 0), text(child, 1), text(mm, 1), text(mm, 2)]).toEqual(["0", LOST, "x", "y"]);
  expect([child.hugetlbPages, violations(mm.memory)]).toEqual([HUGE, []]);
});
