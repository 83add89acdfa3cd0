import { MAP, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { P_ZERO } from "./pageTable.ts";
import { punch } from "./punch.ts";
import { areasOf, file, space } from "./testing/world.ts";

const AT = 0x2_0000;
const PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

/** What smaps says of the area at a page, in kilobytes. */
function shown(mm: AddressSpace, field: string): number {
  const entry = mm.smaps().slice(mm.smaps().indexOf("20000000-"));
  return Number(new RegExp(`^${field}: +(\\d+)`, "m").exec(entry)?.[1]);
}

function parentAndChild(release: string, settings = {}): [AddressSpace, AddressSpace] {
  const parent = space(release, settings);
  must(parent.map({ at: AT, pages: 2, prot: "rw", flags: PRIVATE }));
  must(parent.write(AT, "abcd"));
  return [parent, parent.fork()];
}

describe("a page that is pinned to be read and may be shared with a child", () => {
  test.each(["6.1", "6.12", "7.3"])("is copied first on %s", (release) => {
    const [parent, child] = parentAndChild(release);
    must(parent.pin(AT, "read"));
    expect(shown(parent, "Shared_Dirty")).toBe(0);
    expect(shown(parent, "Private_Clean") + shown(parent, "Private_Dirty")).toBe(4);
    expect(must(parent.read(AT, 4))).toEqual(must(child.read(AT, 4)));
    must(parent.write(AT, "ABCD"));
    expect(String.fromCharCode(...must(child.read(AT, 4)))).toBe("abcd");
  });

  test("is not marked as used where the child keeps it", () => {
    const [parent, child] = parentAndChild("6.12");
    must(parent.pin(AT, "read"));
    expect([parent, child].map((mm) => shown(mm, "Referenced"))).toEqual([4, 0]);
  });

  test("stays shared on 5.10", () => {
    const [parent] = parentAndChild("5.10");
    must(parent.pin(AT, "read"));
    expect(shown(parent, "Shared_Dirty")).toBe(4);
  });

  test("is taken over where the child has written it meanwhile", () => {
    const [parent, child] = parentAndChild("6.12");
    must(child.write(AT, "x"));
    const before = parent.memory.frames.inUse;
    must(parent.pin(AT, "read"));
    expect(parent.memory.frames.inUse).toBe(before);
    expect(shown(parent, "Private_Dirty")).toBe(4);
  });

  test.each([
    ["the child wrote its own before", true],
    ["the child, born later, gave it up in swap", false],
  ])("gives up its place in swap, and is dirty: %s", (_, isBorn) => {
    // Asked on 6.12 and 7.3: what lies in swap does not say that nobody is left who shared it.
    const parent = space("6.12");
    must(parent.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
    must(parent.write(AT, "abcd"));
    if (isBorn) must(parent.fork().write(AT, "x"));
    must(parent.advise(AT, 1, "MADV_PAGEOUT"));
    if (!isBorn) must(parent.fork().advise(AT, 1, "MADV_DONTNEED"));
    must(parent.read(AT, 4));
    expect(shown(parent, "Private_Clean")).toBe(4);
    must(parent.pin(AT, "read"));
    expect(shown(parent, "Private_Dirty")).toBe(4);
  });

  test("stays in swap and clean where it never was another's", () => {
    const alone = space("6.12");
    must(alone.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
    must(alone.write(AT, "abcd"));
    must(alone.advise(AT, 1, "MADV_PAGEOUT"));
    must(alone.read(AT, 4));
    must(alone.pin(AT, "read"));
    expect(shown(alone, "Private_Clean")).toBe(4);
  });

  test("shows what it showed, and nothing more is written", () => {
    const [parent, child] = parentAndChild("6.12");
    must(child.advise(AT, 1, "MADV_COLD"));
    must(parent.pin(AT, "read"));
    expect(String.fromCharCode(...must(parent.read(AT, 4)))).toBe("abcd");
  });
});

test("a page of zeros is pinned as it is", () => {
  const [parent] = parentAndChild("6.12");
  must(parent.touch(AT + 1, "read"));
  must(parent.pin(AT + 1, "read"));
  expect(shown(parent, "Rss")).toBe(4);
  // Nothing is noted of a page that all the machine shares.
  const { frames } = parent.memory;
  expect([frames.flags[0], parent.pages.bitsOf(AT + 1) & P_ZERO]).toEqual([0, P_ZERO]);
});

describe("what the kernel reaches counts as used", () => {
  const child = (release: string, settings: object, make: (mm: AddressSpace) => void): number => {
    const parent = space(release, settings);
    must(parent.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
    make(parent);
    return shown(parent.fork(), "Referenced");
  };

  test.each([
    ["a page that was touched", false, (mm: AddressSpace): void => must(mm.touch(AT)), 0],
    ["a page that was pinned", false, (mm: AddressSpace): void => must(mm.pin(AT)), 4],
    ["a page that was locked", false, (mm: AddressSpace): void => must(mm.lock(AT, 1)), 4],
    ["a page that was locked anew", true, (mm: AddressSpace): void => must(mm.lock(AT, 1)), 4],
    [
      "a page that was touched, then locked",
      false,
      (mm: AddressSpace) => {
        must(mm.touch(AT));
        must(mm.lock(AT, 1));
      },
      4,
    ],
    [
      "a page that was touched, then locked, by multi-gen LRU",
      true,
      (mm: AddressSpace) => {
        must(mm.touch(AT));
        must(mm.lock(AT, 1));
      },
      0,
    ],
    [
      "a page that was pinned twice: the lists know it as active",
      false,
      (mm: AddressSpace) => {
        must(mm.pin(AT));
        must(mm.pin(AT));
      },
      0,
    ],
    [
      "a page that was pinned twice, by multi-gen LRU",
      true,
      (mm: AddressSpace) => {
        must(mm.pin(AT));
        must(mm.pin(AT));
      },
      4,
    ],
  ] as const)("%s (multi-gen LRU: %s)", (_, multiGenLru, make, kilobytes) => {
    expect(child("6.12", { multiGenLru }, make)).toBe(kilobytes);
  });

  test("and from 7.2 on multi-gen LRU marks a page when it is new", () => {
    const touch = (mm: AddressSpace): void => must(mm.touch(AT));
    expect(child("7.1", { multiGenLru: true }, touch)).toBe(0);
    expect(child("7.2", { multiGenLru: true }, touch)).toBe(4);
    expect(child("7.2", { multiGenLru: false }, touch)).toBe(0);
  });

  // Linux 7.2.12 and 7.3.4 (facts/new-pages-that-nobody-notes).
  test.each([
    ["MADV_RANDOM before", (mm: AddressSpace) => mm.advise(AT, 1, "MADV_RANDOM"), 0],
    ["MADV_SEQUENTIAL before", (mm: AddressSpace) => mm.advise(AT, 1, "MADV_SEQUENTIAL"), 0],
    ["a lock on fault before", (mm: AddressSpace) => mm.lock(AT, 1, true), 0],
    ["MADV_DONTDUMP before", (mm: AddressSpace) => mm.advise(AT, 1, "MADV_DONTDUMP"), 4],
  ] as const)("but none of an area with %s", (_, before, kilobytes) => {
    const make = (mm: AddressSpace): void => {
      must(before(mm));
      must(mm.touch(AT));
    };
    expect(child("7.3", { multiGenLru: true }, make)).toBe(kilobytes);
  });

  // Linux 7.1.13 and 7.3.4.
  test.each([
    ["7.1", "nothing", (): void => undefined, 0],
    ["7.3", "nothing", (): void => undefined, 4],
    ["7.3", "MADV_RANDOM", (mm: AddressSpace): void => must(mm.advise(AT, 1, "MADV_RANDOM")), 0],
    ["7.3", "a lock on fault", (mm: AddressSpace): void => must(mm.lock(AT, 1, true)), 4],
  ] as const)(
    "on %s a page of a file's, new in an area after %s",
    (release, _, before, kilobytes) => {
      const parent = space(release, { multiGenLru: true });
      const backing = file(2, { kind: "shmem" });
      const flags = MAP.MAP_PRIVATE | MAP.MAP_FIXED;
      must(parent.map({ at: AT, pages: 1, prot: "rw", flags, backing }));
      // A page of its own, given up again, lets a fork copy the area's entries.
      must(parent.touch(AT));
      must(parent.advise(AT, 1, "MADV_DONTNEED"));
      punch(parent.memory, backing.object, 0, 1);
      before(parent);
      must(parent.touch(AT, "read"));
      expect(shown(parent.fork(), "Referenced")).toBe(kilobytes);
    },
  );

  test("nor is the mark lost where the advice comes behind it", () => {
    const make = (mm: AddressSpace): void => {
      must(mm.touch(AT));
      must(mm.advise(AT, 1, "MADV_RANDOM"));
    };
    expect(child("7.3", { multiGenLru: true }, make)).toBe(4);
  });
});

test("what another process has locked stays referenced where it is used again", () => {
  const used = (locked: boolean): number => {
    const parent = space("6.18");
    must(parent.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
    must(parent.lock(AT, 1));
    const child = parent.fork();
    if (!locked) must(parent.unlock(AT, 1));
    must(child.advise(AT, 1, "MADV_POPULATE_READ"));
    return shown(child, "Referenced");
  };
  expect([used(true), used(false)]).toEqual([4, 0]);
});

describe("a lock that waits for faults, before 5.18", () => {
  const locked = (release: string, fork: boolean): number => {
    const parent = space(release);
    must(parent.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
    must(parent.touch(AT));
    const child = fork ? parent.fork() : undefined;
    must(parent.lock(AT, 1, true));
    return shown(child ?? parent.fork(), "Referenced");
  };

  test("is a use of what may be written", () => {
    expect([locked("5.10", false), locked("6.1", false)]).toEqual([4, 0]);
  });

  test("is none of what a write would have to copy", () => {
    expect(locked("5.10", true)).toBe(0);
  });
});

test("locked memory that becomes writable again is used once more, and knows it", () => {
  const parent = space("6.12");
  must(parent.map({ at: AT, pages: 1, prot: "rw", flags: PRIVATE }));
  must(parent.lock(AT, 1));
  must(parent.protect(AT, 1, "none"));
  parent.fork().tearDown();
  must(parent.protect(AT, 1, "rw"));
  expect(shown(parent.fork(), "Referenced")).toBe(4);
});

test.each([
  ["r", "read", true],
  ["r", "write", false],
  ["w", "read", false],
  ["rw", "write", true],
  ["none", "read", false],
] as const)("memory with %s may be pinned to %s: %s", (prot, access, may) => {
  const mm = space("6.12");
  must(mm.map({ at: AT, pages: 1, prot, flags: PRIVATE }));
  expect(mm.pin(AT, access).ok).toBe(may);
});

test("nothing is pinned where no area is, and no stack grows for it", () => {
  const mm = space("6.12");
  must(mm.map({ at: AT + 4, pages: 1, prot: "rw", flags: PRIVATE | MAP.MAP_GROWSDOWN }));
  expect(mm.pin(AT + 3)).toMatchObject({ ok: false, reason: { id: "access/no-area" } });
});

describe("what is pinned below an area that grows downwards", () => {
  const GROWSDOWN = PRIVATE | MAP.MAP_GROWSDOWN;
  const stackOn = (release: string): AddressSpace => {
    const mm = space(release);
    must(mm.map({ at: AT + 16, pages: 1, prot: "rw", flags: GROWSDOWN }));
    return mm;
  };

  test.each(["5.10", "6.1.36", "6.4.0"])("makes it grow on %s", (release) => {
    const mm = stackOn(release);
    must(mm.pin(AT + 14));
    expect(areasOf(mm, AT)).toBe("14-17 rw");
    expect(mm.anonymousPages).toBe(1);
  });

  test.each(["6.1.37", "6.4.1", "6.5", "7.3"])("is refused on %s", (release) => {
    const mm = stackOn(release);
    expect(mm.pin(AT + 14)).toMatchObject({ ok: false, reason: { id: "access/no-area" } });
    expect(areasOf(mm, AT)).toBe("16-17 rw");
  });

  test("grows as far as the one who reaches in may have a stack", () => {
    const mm = stackOn("5.10");
    const actor = { ...OMNIPOTENT, limit: () => 3 * 4096 };
    expect(mm.pin(AT + 13, "write", actor).ok).toBe(false);
    expect(mm.pin(AT + 14, "write", actor).ok).toBe(true);
  });

  test("is no part of a plain area above it", () => {
    const mm = space("5.10");
    must(mm.map({ at: AT + 16, pages: 1, prot: "rw", flags: PRIVATE }));
    expect(mm.pin(AT + 14).ok).toBe(false);
  });
});

test("what lies behind the end of a file cannot be pinned", () => {
  const mm = space("6.12");
  must(mm.map({ at: AT, pages: 4, prot: "rw", flags: 0x11, backing: file(2) }));
  must(mm.pin(AT + 1));
  expect(mm.pin(AT + 2)).toMatchObject({ reason: { id: "access/beyond-end" } });
});

test("what is pinned is copied from and to whatever its entry allows by then", () => {
  const mm = space("6.12");
  must(mm.map({ at: AT, pages: 2, prot: "rw", flags: PRIVATE }));
  for (const page of [AT, AT + 1]) must(mm.pin(page));
  must(mm.protect(AT, 2, "none"));
  expect([mm.write(AT, "no").ok, mm.read(AT, 2).ok]).toEqual([false, false]);
  must(mm.write(AT, "over the edge", 4090, "pinned"));
  expect(String.fromCharCode(...must(mm.read(AT, 13, 4090, "pinned")))).toBe("over the edge");
  expect(must(mm.read(AT + 1, 8, 0, "pinned"))[0]).toBe(0x68);
});
