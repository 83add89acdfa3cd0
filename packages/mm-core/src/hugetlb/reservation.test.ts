import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AddressSpace } from "../addressSpace.ts";
import type { MemoryLimit } from "../actor.ts";
import { OMNIPOTENT } from "../actor.ts";
import { VM_ACCOUNT, VM_LOCKED } from "../flags.ts";
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
  touch,
} from "../testing/hugeWorld.ts";
import { punch } from "../punch.ts";
import { violations } from "../testing/invariants.ts";
import { PAGE } from "../testing/world.ts";

const NONE_LEFT = "ENOMEM mmap/no-huge-pages";

describe("mmap reserves huge pages", () => {
  test.each([
    ["private", PRIVATE, "rw"],
    ["shared", SHARED, "rw"],
    ["untouchable", PRIVATE, "none"],
  ])("for %s memory: as many as there are, and no more", (_name, flags, prot) => {
    const mm = pooled(2);
    expect(mapHuge(mm, 0, 3, { flags, prot })).toBe(NONE_LEFT);
    expect(mapHuge(mm, 0, 1, { flags, prot })).toBe("ok");
    expect(pool(mm.memory)).toBe("2 2 1 0");
    expect(mapHuge(mm, 4, 2, { flags, prot })).toBe(NONE_LEFT);
    expect(mapHuge(mm, 4, 1, { flags, prot })).toBe("ok");
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 2 2 0", []]);
  });

  test("a length is rounded up to whole ones", () => {
    const mm = pooled(1);
    must(mm.map({ at: BASE, pages: 1, prot: "rw", flags: PRIVATE }));
    expect([mm.totalPages, pool(mm.memory)]).toEqual([HUGE, "1 1 1 0"]);
    expect(codeOf(mm.unmap(BASE, 1))).toBe("EINVAL munmap/special");
    expect(codeOf(mm.unmap(BASE, HUGE))).toBe("ok");
    expect(pool(mm.memory)).toBe("1 1 0 0");
  });

  test("unless MAP_NORESERVE says so, also where nothing else may be overcommitted", () => {
    const mm = pooled(0, "6.18", { overcommit: 2, commitLimitPages: 0 });
    expect(mapHuge(mm, 0, 4096, { flags: PRIVATE | NORESERVE })).toBe("ok");
    expect(mm.memory.committedPages).toBe(mm.memory.settings.values.committedPages);
    expect(mm.areas.flags[mm.areas.at(BASE)] & VM_ACCOUNT).toBe(0);
    expect(pool(mm.memory)).toBe("0 0 0 0");
  });

  test.each(["6.1", "6.18"])(
    "an empty pool of %s refuses when what was there is gone",
    (release) => {
      const mm = pooled(0, release);
      must(mm.map({ at: BASE, pages: 3 * HUGE, prot: "rw", flags: 0x32 }));
      expect(mapHuge(mm, 1, 1)).toBe(NONE_LEFT);
      expect([mm.areas.count, mm.totalPages]).toEqual([2, 2 * HUGE]);
    },
  );
});

describe("what is reserved", () => {
  test("goes with the area, page by page", () => {
    const mm = pooled(3);
    mapHuge(mm, 0, 3);
    must(mm.unmap(hugeAt(1), HUGE));
    expect(pool(mm.memory)).toBe("3 3 2 0");
    expect(mapHuge(mm, 4, 1)).toBe("ok");
    must(mm.unmap(BASE, 8 * HUGE));
    expect(pool(mm.memory)).toBe("3 3 0 0");
  });

  test("goes but for what was taken already, of each part", () => {
    for (const [taken, at, count, left] of [
      [1, 1, 2, "4 4 2 0"],
      [2, 1, 1, "4 3 2 0"],
      [3, 2, 2, "4 4 2 0"],
      [0, 1, 3, "4 3 0 0"],
    ] as const) {
      const mm = pooled(4);
      mapHuge(mm, 0, 4);
      touch(mm, taken);
      must(mm.unmap(hugeAt(at), count * HUGE));
      expect([taken, pool(mm.memory), violations(mm.memory)]).toEqual([taken, left, []]);
      must(mm.unmap(BASE, 4 * HUGE));
      expect(pool(mm.memory)).toBe("4 4 0 0");
    }
  });

  test("stays across mprotect, which cuts at whole huge pages alone", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    expect(codeOf(mm.protect(BASE, 1, "r"))).toBe("EINVAL mprotect/special");
    must(mm.protect(BASE, HUGE, "none"));
    expect([mm.areas.count, pool(mm.memory)]).toEqual([2, "2 2 2 0"]);
    must(mm.protect(BASE, HUGE, "rw"));
    // Their flags say that they never join.
    expect([mm.areas.count, touch(mm, 0), touch(mm, 1)]).toEqual([2, "ok", "ok"]);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 0 0 0", []]);
  });

  test("ends with the process", () => {
    const mm = pooled(3);
    mapHuge(mm, 0, 2);
    mapHuge(mm, 4, 1, { flags: SHARED });
    touch(mm, 0);
    touch(mm, 4);
    mm.tearDown();
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 3 0 0", []]);
  });

  test("is the parent's: a child has nothing reserved, and gives nothing back", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    const child = mm.fork();
    expect(pool(mm.memory)).toBe("2 2 2 0");
    expect(touch(child, 0)).toBe("EFAULT access/no-huge-page");
    child.tearDown();
    expect([pool(mm.memory), touch(mm, 0), touch(mm, 1)]).toEqual(["2 2 2 0", "ok", "ok"]);
  });

  test("of shared memory is everybody's, and ends with the last who shows it", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2, { flags: SHARED });
    const child = mm.fork();
    mm.tearDown();
    expect([pool(mm.memory), touch(child, 1)]).toEqual(["2 2 2 0", "ok"]);
    expect(pool(mm.memory)).toBe("2 1 1 0");
    child.tearDown();
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 2 0 0", []]);
  });

  test("is taken back with the mapping that is taken back", () => {
    const mm = pooled(2);
    const before = pool(mm.memory);
    mm.attempt(() => {
      mapHuge(mm, 0, 2);
      touch(mm, 0);
      mm.fork().tearDown();
      must(mm.unmap(BASE, HUGE));
    });
    expect([pool(mm.memory), mm.areas.count, violations(mm.memory)]).toEqual([before, 0, []]);
  });
});

describe("mremap", () => {
  const move = (mm: AddressSpace, from: number, count: number, to: number): string =>
    codeOf(
      mm.remap({
        ...{ page: hugeAt(from), oldPages: count * HUGE, newPages: count * HUGE },
        ...{ flags: 3, target: hugeAt(to) },
      }),
    );

  test("takes along what is reserved and what is there", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    must(mm.write(hugeAt(0), "a"));
    expect([move(mm, 0, 2, 4), pool(mm.memory)]).toEqual(["ok", "2 1 1 0"]);
    expect([touch(mm, 5), String.fromCharCode(...must(mm.read(hugeAt(4), 1)))]).toEqual([
      "ok",
      "a",
    ]);
    must(mm.unmap(hugeAt(4), 2 * HUGE));
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["2 2 0 0", []]);
  });

  // Asked on 6.1.176, 6.12.107 and 7.3.4: half of it moved, HugePages_Rsvd stays at 1 for ever.
  test("of a part leaves the rest without its reservation, which nobody gives back", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2);
    expect([move(mm, 0, 1, 4), touch(mm, 4)]).toEqual(["ok", "ok"]);
    expect(touch(mm, 1)).toBe("EFAULT access/no-huge-page");
    must(mm.unmap(BASE, 8 * HUGE));
    expect(pool(mm.memory)).toBe("2 2 1 0");
    expect([mapHuge(mm, 0, 2), mapHuge(mm, 0, 1)]).toEqual([NONE_LEFT, "ok"]);
  });

  test("leaves nothing behind: MREMAP_DONTUNMAP is refused", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    const pages = { oldPages: HUGE, newPages: HUGE };
    const moved = mm.remap({ page: BASE, ...pages, flags: 5, target: hugeAt(4) });
    expect(codeOf(moved)).toBe("EINVAL mremap/dontunmap-special");
  });
});

describe("a file of huge pages", () => {
  test("is as long as what may be written of it", () => {
    const mm = pooled(4);
    const file = hugeFile(0);
    expect([file.map(mm, 0, 1, { prot: "r" }), file.object.sizeBytes]).toEqual(["ok", 0]);
    expect(touch(mm, 0, "read")).toBe("EFAULT access/beyond-end");
    expect(file.map(mm, 0, 1, { from: 1 })).toBe("ok");
    expect(file.object.sizeBytes).toBe(2 * HUGE * PAGE);
    expect(file.map(mm, 2, 3, { flags: MAP.MAP_PRIVATE })).toBe(NONE_LEFT);
    expect(file.object.sizeBytes).toBe(2 * HUGE * PAGE);
  });

  test("has a page reserved once for all who share it, and for each who does not", () => {
    const mm = pooled(3);
    const file = hugeFile(1);
    file.map(mm, 0, 1);
    file.map(mm, 2, 1);
    file.map(new AddressSpace({ memory: mm.memory }), 0, 1);
    expect(pool(mm.memory)).toBe("3 3 1 0");
    file.map(mm, 4, 1, { flags: MAP.MAP_PRIVATE });
    file.map(mm, 6, 1, { flags: MAP.MAP_PRIVATE });
    expect(pool(mm.memory)).toBe("3 3 3 0");
    must(mm.unmap(BASE, 8 * HUGE));
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 3 1 0", []]);
  });

  test("gives a private mapping nothing back for a page that it only read of the file", () => {
    const mm = pooled(3);
    const file = hugeFile(1);
    file.map(mm, 0, 1);
    touch(mm, 0);
    file.map(mm, 2, 1, { flags: MAP.MAP_PRIVATE });
    expect([touch(mm, 2, "read"), pool(mm.memory)]).toEqual(["ok", "3 2 1 0"]);
    must(mm.advise(hugeAt(2), HUGE, "MADV_DONTNEED"));
    expect([pool(mm.memory), touch(mm, 2), pool(mm.memory)]).toEqual(["3 2 1 0", "ok", "3 1 0 0"]);
    must(mm.advise(hugeAt(2), HUGE, "MADV_DONTNEED"));
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 2 1 0", []]);
    must(mm.unmap(BASE, 8 * HUGE));
    punch(mm.memory, file.object, 0, HUGE);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 3 0 0", []]);
  });

  test("is mapped from whole huge pages on", () => {
    const mm = pooled(1);
    const file = hugeFile(2);
    expect(file.map(mm, 0, 1, { from: 1 / HUGE })).toBe("EINVAL mmap/huge-offset");
    expect(pool(mm.memory)).toBe("1 1 0 0");
  });
});

describe("limits", () => {
  const limited = (name: MemoryLimit, pages: number): typeof OMNIPOTENT => ({
    ...OMNIPOTENT,
    capable: () => false,
    limit: (limit) => (limit === name ? pages * PAGE : Number.POSITIVE_INFINITY),
  });
  const map = (mm: AddressSpace, limit: MemoryLimit, pages: number, flags: number): string =>
    codeOf(mm.map({ at: BASE, pages: 1, prot: "rw", flags }, limited(limit, pages)));

  test.each([
    ["RLIMIT_AS", 511, PRIVATE, "ENOMEM mmap/address-space-limit"],
    ["RLIMIT_AS", 512, PRIVATE, "ok"],
    ["RLIMIT_DATA", 511, PRIVATE, "ENOMEM mmap/data-limit"],
    ["RLIMIT_DATA", 511, SHARED, "ok"],
    ["RLIMIT_MEMLOCK", 1, PRIVATE, "ok"],
    ["RLIMIT_MEMLOCK", 511, PRIVATE | MAP.MAP_LOCKED, "EAGAIN mmap/lock-limit"],
  ] as const)("%s of %i pages: mmap(0x%x) of one huge page is %s", (limit, pages, flags, is) => {
    expect(map(pooled(1), limit, pages, flags)).toBe(is);
  });

  test.each([
    ["MAP_LOCKED", (mm: AddressSpace) => mapHuge(mm, 0, 1, { flags: PRIVATE | MAP.MAP_LOCKED })],
    ["mlock", (mm: AddressSpace) => mapHuge(mm, 0, 1) && codeOf(mm.lock(BASE, 1))],
    ["mlockall", (mm: AddressSpace) => (mm.lockAll(false, true, false), mapHuge(mm, 0, 1))],
  ])("%s brings huge pages in, and counts none as locked", (_name, act) => {
    const mm = pooled(1);
    expect(act(mm)).toBe("ok");
    const flags = mm.areas.flags[mm.areas.at(BASE)];
    expect([mm.hugetlbPages, mm.lockedPages, flags & VM_LOCKED]).toEqual([HUGE, 0, 0]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("mlock says where a page is not to be had", () => {
    const mm = pooled(0);
    mapHuge(mm, 0, 1, { flags: PRIVATE | NORESERVE });
    expect(mm.lock(BASE, 1)).toMatchObject({
      code: "ENOMEM",
      because: { reason: { id: "access/no-huge-page" } },
    });
  });
});
