import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import {
  codeOf,
  HUGE,
  hugeAt,
  hugeFile,
  mapHuge,
  pool,
  pooled,
  store,
  text,
  touch,
} from "../testing/hugeWorld.ts";
import { violations } from "../testing/invariants.ts";

describe("MADV_DONTNEED of huge pages", () => {
  test.each([
    ["5.17", 0, HUGE, "EINVAL madvise/hugetlb", 3],
    ["5.18", 0, HUGE, "ok", 2],
    ["5.18", 0, 1, "ok", 2],
    ["5.18", 0, HUGE + 1, "ok", 1],
    ["6.1", 0, 1, "ok", 3],
    ["6.1", 0, HUGE - 1, "ok", 3],
    ["6.1", 0, HUGE, "ok", 2],
    ["6.1", 0, 2 * HUGE - 1, "ok", 2],
    ["6.1", HUGE, 2 * HUGE, "ok", 1],
    ["6.1", 1, HUGE, "EINVAL madvise/hugetlb-unaligned", 3],
    ["6.1", HUGE - 1, 1, "EINVAL madvise/hugetlb-unaligned", 3],
  ])(
    "on %s from page %i on, %i pages: %s, and %i are left",
    (release, start, pages, answer, left) => {
      const mm = pooled(3, release);
      mapHuge(mm, 0, 3);
      for (const at of [0, 1, 2]) touch(mm, at);
      const before = mm.memory.work.tlbFlushes;
      expect(codeOf(mm.advise(hugeAt(0) + start, pages, "MADV_DONTNEED"))).toBe(answer);
      expect([mm.hugetlbPages / HUGE, violations(mm.memory)]).toEqual([left, []]);
      expect(mm.memory.work.tlbFlushes - before).toBe(left < 3 ? 1 : 0);
    },
  );

  test("throws away what was written there", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    store(mm, 0, "a");
    must(mm.advise(hugeAt(0), HUGE, "MADV_DONTNEED"));
    expect([text(mm, 0), pool(mm.memory)]).toEqual(["\0", "1 0 0 0"]);
  });
});

describe("a private mapping of a file of huge pages", () => {
  test("takes what it reserved for the page that it copies", () => {
    const mm = pooled(4);
    const file = hugeFile(3);
    expect(file.map(mm, 0, 3)).toBe("ok");
    store(mm, 2, "f");
    must(mm.unmap(hugeAt(0), 3 * HUGE));
    expect(file.map(mm, 4, 3, { flags: MAP.MAP_PRIVATE | MAP.MAP_NORESERVE })).toBe("ok");
    expect([text(mm, 6), store(mm, 6, "p"), text(mm, 6)]).toEqual(["f", "ok", "p"]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("counts the page under its own number, where it reserved all", () => {
    const mm = pooled(5);
    const file = hugeFile(2);
    expect(file.map(mm, 0, 2)).toBe("ok");
    store(mm, 1, "f");
    expect(file.map(mm, 4, 2, { flags: MAP.MAP_PRIVATE })).toBe("ok");
    expect([text(mm, 5), store(mm, 5, "p"), text(mm, 5), text(mm, 1)]).toEqual([
      ...["f", "ok", "p", "f"],
    ]);
    const backing = mm.areas.backing[mm.areas.at(hugeAt(4))];
    expect([...(backing?.reservation?.taken.keys() ?? [])]).toEqual([1]);
    expect(violations(mm.memory)).toEqual([]);
  });
});

describe("a huge page that a child shows too", () => {
  /** A parent and its child, both with a page that says "a". */
  function shared(pages: number) {
    const mm = pooled(pages, "6.18");
    mapHuge(mm, 0, 1);
    store(mm, 0, "a");
    return { mm, child: mm.fork() };
  }

  test("is copied for who pins it, though it is only read, and is not dirty by that", () => {
    const { mm, child } = shared(2);
    must(child.pin(hugeAt(0) + 3, "read"));
    expect([pool(mm.memory), text(mm, 0), text(child, 0)]).toEqual(["2 0 0 0", "a", "a"]);
    expect(store(mm, 0, "b")).toBe("ok");
    expect([text(mm, 0), text(child, 0), violations(mm.memory)]).toEqual(["b", "a", []]);
  });

  test("is the child's no more where the pool has none for its parent's write", () => {
    const { mm, child } = shared(1);
    expect(store(mm, 0, "b")).toBe("ok");
    expect([text(mm, 0), text(child, 0)]).toEqual(["b", "EFAULT access/huge-page-lost"]);
    expect([child.hugetlbPages, violations(mm.memory)]).toEqual([0, []]);
  });

  test("is nobody else's where the pool has none for the child's write", () => {
    const { mm, child } = shared(1);
    expect(store(child, 0, "b")).toBe("EFAULT access/no-huge-page");
    expect([text(mm, 0), text(child, 0), violations(mm.memory)]).toEqual(["a", "a", []]);
  });

  test("is taken away from that child's mapping alone, wherever it lies", () => {
    const { mm, child } = shared(1);
    must(
      child.remap({
        ...{ page: hugeAt(0), oldPages: HUGE, newPages: HUGE, flags: 3, target: hugeAt(6) },
      }),
    );
    expect(store(mm, 0, "b")).toBe("ok");
    expect([text(child, 6), violations(mm.memory)]).toEqual(["EFAULT access/huge-page-lost", []]);
  });
});
