import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { PageObject } from "../backing.ts";
import { punchHole } from "../punchHole.ts";
import { endObject } from "../sharedMemory.ts";
import {
  BASE,
  codeOf,
  HUGE,
  hugeAt,
  hugeFile,
  mapHuge,
  pool,
  pooled,
  SHARED,
  store,
  text,
  touch,
} from "../testing/hugeWorld.ts";
import { violations } from "../testing/invariants.ts";
import { PAGE } from "../testing/world.ts";
import { truncatePages } from "../truncate.ts";
import { allocateHugePages } from "./hugeFile.ts";
import { reserveHugePages } from "./reservation.ts";

const HUGE_BYTES = HUGE * PAGE;

describe("MADV_REMOVE", () => {
  test("takes huge pages from everybody, and gives what was reserved for them away", () => {
    const mm = pooled(2);
    mapHuge(mm, 0, 2, { flags: SHARED });
    store(mm, 0, "a");
    const child = mm.fork();
    expect(text(child, 0)).toBe("a");
    must(mm.advise(BASE, 2 * HUGE, "MADV_REMOVE"));
    expect([mm.hugetlbPages, child.hugetlbPages]).toEqual([0, 0]);
    // The second was not there: it is still reserved.
    expect(pool(mm.memory)).toBe("2 2 1 0");
    expect(mapHuge(mm, 4, 1)).toBe("ok");
    expect([touch(mm, 0), touch(mm, 1)]).toEqual(["EFAULT access/no-huge-page", "ok"]);
    must(mm.unmap(hugeAt(4), HUGE));
    expect([text(mm, 0), violations(mm.memory)]).toEqual(["\0", []]);
  });

  test("of a private mapping is refused", () => {
    const mm = pooled(1);
    mapHuge(mm, 0, 1);
    expect(codeOf(mm.advise(BASE, HUGE, "MADV_REMOVE"))).toBe("EACCES madvise/remove-not-writable");
  });

  test("takes private copies of the file too", () => {
    const mm = pooled(2);
    const file = hugeFile(1);
    file.map(mm, 0, 1);
    file.map(mm, 2, 1, { flags: MAP.MAP_PRIVATE });
    store(mm, 0, "f");
    store(mm, 2, "p");
    must(mm.advise(BASE, HUGE, "MADV_REMOVE"));
    expect([text(mm, 0), text(mm, 2), violations(mm.memory)]).toEqual(["\0", "\0", []]);
  });
});

describe("a hole of bytes", () => {
  const bytes = (mm: ReturnType<typeof pooled>): string =>
    [0, 1, 2].map((index) => text(mm, index)).join("");
  /** Three huge pages with a letter 300 small pages behind the start of each. */
  const lettered = (release: string): [ReturnType<typeof pooled>, PageObject] => {
    const mm = pooled(3, release);
    const file = hugeFile(3);
    file.map(mm, 0, 3);
    for (const [i, letter] of ["a", "b", "c"].entries()) store(mm, i, letter);
    return [mm, file.object];
  };
  const letter = 300 * PAGE;

  test.each([
    ["6.18", 0, 1, "abc"],
    ["6.18", letter, letter + 1, "\0bc"],
    ["5.10", letter, letter + 1, "abc"],
    ["6.18", letter, HUGE_BYTES + letter, "\0bc"],
    ["6.18", letter, HUGE_BYTES + letter + 1, "\0\0c"],
    ["5.10", letter, HUGE_BYTES + letter + 1, "abc"],
    ["6.18", letter, 2 * HUGE_BYTES + letter, "\0\0c"],
    ["5.10", letter, 2 * HUGE_BYTES + letter, "a\0c"],
    ["5.10", 0, 3 * HUGE_BYTES, "\0\0\0"],
  ])("on %s from %i to %i leaves %j", (release, from, to, left) => {
    const [mm, object] = lettered(release);
    punchHole(mm.memory, object, from, to);
    expect([bytes(mm), violations(mm.memory)]).toEqual([left, []]);
  });
});

describe("a file that becomes shorter", () => {
  test("gives back what lay behind its end, and what was reserved there", () => {
    const mm = pooled(3);
    const file = hugeFile(3);
    file.map(mm, 0, 3);
    store(mm, 0, "a");
    store(mm, 1, "b");
    file.object.sizeBytes = HUGE_BYTES;
    truncatePages(mm.memory, file.object, HUGE_BYTES);
    expect([pool(mm.memory), text(mm, 0)]).toEqual(["3 2 0 0", "a"]);
    expect([touch(mm, 1), touch(mm, 2)]).toEqual([
      "EFAULT access/beyond-end",
      "EFAULT access/beyond-end",
    ]);
    expect(violations(mm.memory)).toEqual([]);
  });

  test("ends altogether with all that it had", () => {
    const mm = pooled(2);
    const file = hugeFile(2);
    file.map(mm, 0, 2);
    touch(mm, 1);
    endObject(mm.memory, file.object);
    expect([pool(mm.memory), mm.hugetlbPages, violations(mm.memory)]).toEqual(["2 2 0 0", 0, []]);
  });
});

describe("room in a file", () => {
  test("is made of what is reserved for it, and of what the pool can spare", () => {
    const mm = pooled(3);
    const file = hugeFile(1);
    file.map(mm, 0, 1);
    mapHuge(mm, 4, 1);
    expect(allocateHugePages(mm.memory, file.object, 0, 2)).toBe(true);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 1 1 0", []]);
    expect(allocateHugePages(mm.memory, file.object, 0, 4)).toBe(false);
    must(mm.unmap(hugeAt(4), HUGE));
    // What was made before there was no more stays.
    expect(allocateHugePages(mm.memory, file.object, 2, 4)).toBe(false);
    expect([pool(mm.memory), violations(mm.memory)]).toEqual(["3 0 0 0", []]);
  });

  test("may be reserved as a whole, and then mapping reserves nothing", () => {
    const mm = pooled(2);
    const file = hugeFile(2);
    Object.assign(file.object, { reservesWhole: true });
    expect(reserveHugePages(mm.memory, file.object, 3 * HUGE)).toBe(false);
    expect(reserveHugePages(mm.memory, file.object, 2 * HUGE)).toBe(true);
    expect([file.map(mm, 0, 2), pool(mm.memory)]).toEqual(["ok", "2 2 2 0"]);
    touch(mm, 0);
    expect(pool(mm.memory)).toBe("2 1 1 0");
  });
});

describe("files that nobody has", () => {
  const opened = (isOpen: boolean): string => {
    const mm = pooled(1);
    const file = hugeFile(1);
    const asked: PageObject[] = [];
    mm.memory.keeper = { holds: (object) => (asked.push(object), isOpen) };
    file.map(mm, 0, 1);
    touch(mm, 0);
    expect(mapHuge(mm, 4, 1)).toBe("ENOMEM mmap/no-huge-pages");
    must(mm.unmap(BASE, HUGE));
    const answer = mapHuge(mm, 4, 1);
    expect([new Set(asked), violations(mm.memory)]).toEqual([new Set([file.object]), []]);
    return answer;
  };

  test("give their pages back before anybody asks for some", () => {
    expect(opened(false)).toBe("ok");
    expect(opened(true)).toBe("ENOMEM mmap/no-huge-pages");
  });
});
