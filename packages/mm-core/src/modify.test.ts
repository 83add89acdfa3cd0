import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import type { Backing } from "./backing.ts";
import { VM_MAYBE_GUARD, VM_SEALED, VM_SOFTDIRTY } from "./flags.ts";
import { areasOf, file, opened, space } from "./testing/world.ts";

const B = 4096;
const SHARED = 0x21;
const FIXED = 0x32;

/** An address space with areas at stretches of pages from B on. */
function laid(release: string, ...stretches: (readonly [number, number, string])[]): AddressSpace {
  const mm = space(release);
  for (const [start, end, prot] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot, flags: FIXED }));
  return mm;
}

describe("cutting and joining by mprotect", () => {
  test("the middle is cut out, and joins again when its rights come back", () => {
    const mm = laid("6.12", [0, 8, "rw"]);
    must(mm.protect(B + 2, 4, "r"));
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-6 r, 6-8 rw");
    must(mm.protect(B + 2, 4, "rw"));
    expect(areasOf(mm, B)).toBe("0-8 rw");
  });

  test("a neighbour of the wanted kind grows over the part that changes", () => {
    const mm = laid("6.12", [0, 4, "rw"], [4, 8, "r"]);
    must(mm.protect(B + 2, 2, "r"));
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-8 r");
    must(mm.protect(B + 2, 3, "rw"));
    expect(areasOf(mm, B)).toBe("0-5 rw, 5-8 r");
  });

  test("areas that were touched before the cut join again; touched after it they are strangers", () => {
    const early = laid("6.12", [0, 6, "rw"]);
    must(early.touch(B));
    must(early.touch(B + 5));
    must(early.protect(B + 2, 2, "r"));
    must(early.protect(B + 2, 2, "rw"));
    expect(areasOf(early, B)).toBe("0-6 rw");

    const late = laid("6.12", [0, 6, "rw"]);
    must(late.protect(B + 2, 2, "r"));
    must(late.touch(B));
    must(late.touch(B + 5));
    must(late.protect(B + 2, 2, "rw"));
    expect(areasOf(late, B)).toBe("0-4 rw, 4-6 rw");
  });

  test.each([
    ["6.1", "0-2 rwx, 2-4 rwx"],
    ["6.12", "0-2 rwx, 2-4 rwx"],
    ["6.18", "0-4 rwx"],
  ])("on %s a touched area beside an untouched one of its new kind becomes %s", (release, is) => {
    const mm = laid(release, [0, 2, "rw"], [2, 4, "rwx"]);
    must(mm.touch(B));
    must(mm.protect(B, 2, "rwx"));
    expect(areasOf(mm, B)).toBe(is);
  });

  test.each(["5.10", "6.1", "6.12", "6.18"])("on %s an untouched area joins a touched one", (r) => {
    const mm = laid(r, [0, 2, "rw"], [2, 4, "rwx"]);
    must(mm.touch(B + 2));
    must(mm.protect(B, 2, "rwx"));
    expect(areasOf(mm, B)).toBe("0-4 rwx");
  });

  test.each([
    ["6.1", false, "0-2 r, 2-4 r"],
    ["6.12", false, "0-4 r"],
    ["6.12", true, "0-2 r, 2-4 r"],
  ])(
    "on %s read-only memory that was writable (touched: %s) and fresh one are %s",
    (r, touch, is) => {
      const mm = laid(r, [0, 2, "rw"], [2, 4, "r"]);
      if (touch) must(mm.touch(B));
      must(mm.protect(B, 2, "r"));
      expect(areasOf(mm, B)).toBe(is);
    },
  );

  test.each([
    ["6.1", "0-2 rw, 2-3 rw, 3-6 rw"],
    ["6.12", "0-2 rw, 2-3 rw, 3-6 rw"],
    ["6.18", "0-6 rw"],
  ])("on %s locking and unlocking the middle page leaves %s", (release, is) => {
    const mm = laid(release, [0, 6, "rw"]);
    must(mm.lock(B + 2, 1));
    must(mm.unlock(B + 2, 1));
    expect(areasOf(mm, B)).toBe(is);
  });
});

describe("a new mapping between two others", () => {
  test.each([
    ["5.10", "0-4 rw, 4-6 rw"],
    ["6.1", "0-2 rw, 2-6 rw"],
    ["6.12", "0-4 rw, 4-6 rw"],
    ["6.18", "0-4 rw, 4-6 rw"],
    ["7.2", "0-4 rw, 4-6 rw"],
  ])("on %s joins one of two strangers: %s", (release, is) => {
    const mm = laid(release, [0, 2, "rw"], [4, 6, "rw"]);
    must(mm.touch(B));
    must(mm.touch(B + 5));
    must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    expect(areasOf(mm, B)).toBe(is);
  });

  test("bridges them where they were only read", () => {
    const mm = laid("6.1", [0, 2, "rw"], [4, 6, "rw"]);
    must(mm.touch(B, "read"));
    must(mm.touch(B + 5, "read"));
    must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    expect(areasOf(mm, B)).toBe("0-6 rw");
  });

  test("keeps away from what a child inherited with pages in it; the parent's joins", () => {
    const mm = laid("6.12", [0, 2, "rw"]);
    must(mm.touch(B));
    const child = mm.fork();
    for (const each of [mm, child])
      must(each.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    expect(areasOf(mm, B)).toBe("0-4 rw");
    expect(areasOf(child, B)).toBe("0-2 rw, 2-4 rw");
  });

  test("that was another kind before keeps away from it, too", () => {
    const mm = laid("6.18", [0, 2, "rw"]);
    must(mm.touch(B));
    const child = mm.fork();
    must(child.map({ at: B + 2, pages: 2, prot: "r", flags: FIXED }));
    must(child.protect(B + 2, 2, "rw"));
    expect(areasOf(child, B)).toBe("0-2 rw, 2-4 rw");
  });

  test("joins a child's untouched area", () => {
    const mm = laid("6.12", [0, 2, "rw"]);
    const child = mm.fork();
    must(child.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }));
    expect(areasOf(child, B)).toBe("0-4 rw");
  });

  test("two pieces of shared anonymous memory are two objects, and never join", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: SHARED | 0x10 }));
    must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: SHARED | 0x10 }));
    expect(mm.areas.count).toBe(2);
  });

  test("pieces of one opening join where their offsets go on, and only there", () => {
    const mm = space();
    const one = file(16);
    const again = opened(one.object);
    const put = (at: number, offsetPages: number, backing = one): number =>
      must(mm.map({ at: B + at, pages: 2, prot: "r", flags: 0x12, backing, offsetPages }));
    put(0, 0);
    put(2, 2);
    put(4, 6);
    put(6, 8, again);
    expect(areasOf(mm, B)).toBe("0-4 r, 4-6 r, 6-8 r");
  });
});

describe("the limit of areas", () => {
  test("a second cut that fails leaves the first behind", () => {
    const mm = laid("6.12", [0, 6, "rw"]);
    mm.memory.settings.state("maxMapCount", 2);
    const refused = mm.protect(B + 2, 2, "r");
    expect(refused).toMatchObject({ code: "ENOMEM", reason: { id: "mprotect/too-many-areas" } });
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-6 rw");
  });

  test.each([
    ["5.10", "ENOMEM"],
    ["6.12", "EAGAIN"],
  ])("on %s advice that needs one area more is refused with %s", (release, code) => {
    const mm = laid(release, [0, 6, "rw"]);
    mm.memory.settings.state("maxMapCount", 1);
    expect(mm.advise(B + 2, 2, "MADV_DONTFORK")).toMatchObject({ code });
    expect(areasOf(mm, B)).toBe("0-6 rw");
    must(mm.advise(B + 2, 2, "MADV_NORMAL"));
    must(mm.advise(B, 6, "MADV_DONTFORK"));
  });

  test("a hole inside an area is refused at the limit, one at its edge is not", () => {
    const mm = laid("6.12", [0, 6, "rw"]);
    mm.memory.settings.state("maxMapCount", 1);
    expect(mm.unmap(B + 2, 2)).toMatchObject({ reason: { id: "munmap/too-many-areas" } });
    must(mm.unmap(B + 4, 2));
    expect(areasOf(mm, B)).toBe("0-4 rw");
  });

  test("a mapping is refused only behind the limit: one area more than it says may exist", () => {
    const mm = laid("6.12", [0, 1, "rw"], [2, 3, "rw"]);
    mm.memory.settings.state("maxMapCount", 2);
    must(mm.map({ at: B + 4, pages: 1, prot: "rw" }));
    expect(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED })).toMatchObject({
      reason: { id: "mmap/too-many-areas", compared: { areas: 3, maxMapCount: 2 } },
    });
  });
});

test("a special mapping is not cut from 5.11 on, and hugetlb memory only at huge pages", () => {
  const vdso = file(2, { kind: "special" });
  const cut = (release: string): boolean => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "rx", flags: 0x12, backing: vdso }));
    return mm.advise(B, 1, "MADV_RANDOM").ok;
  };
  expect([cut("5.10"), cut("6.12")]).toEqual([true, false]);
  const mm = space("6.12", { hugePages: 2 });
  must(mm.map({ at: B, pages: 1024, prot: "rw", flags: 0x4_0032 }));
  expect(mm.advise(B, 1, "MADV_DONTFORK")).toMatchObject({
    reason: { id: "madvise/special-split" },
  });
  must(mm.advise(B, 512, "MADV_DONTFORK"));
  expect(mm.areas.count).toBe(2);
});

describe("what a failed call leaves behind", () => {
  test.each([
    ["6.1", "0-8 rw"],
    ["6.12", "0-2 rw, 2-4 rw, 4-8 rw"],
  ])("on %s a MAP_FIXED over RLIMIT_AS leaves %s, with its bytes", (release, is) => {
    const mm = laid(release, [0, 8, "rw"]);
    must(mm.write(B + 3, "kept"));
    const poor = { ...limits(), limit: () => 8 * 4096 };
    const more = mm.map({ at: B + 2, pages: 2, prot: "rw", flags: FIXED }, poor);
    expect(more.ok).toBe(true);
    const mm2 = laid(release, [0, 8, "rw"]);
    must(mm2.write(B + 3, "kept"));
    const refused = mm2.map(
      { at: B + 2, pages: 2, prot: "rw", flags: FIXED },
      { ...poor, limit: () => 4096 },
    );
    expect(refused).toMatchObject({ code: "ENOMEM", reason: { id: "mmap/address-space-limit" } });
    expect(areasOf(mm2, B)).toBe(is);
    expect(must(mm2.read(B + 3, 4))).toEqual(new TextEncoder().encode("kept"));
  });

  test("an unmapping that meets a seal leaves its first cut", () => {
    const mm = laid("6.12", [0, 4, "rw"], [4, 6, "r"]);
    const sealed = mm.areas.at(B + 4);
    mm.areas.setFlags(sealed, mm.areas.flags[sealed] | VM_SEALED);
    expect(mm.unmap(B + 2, 4)).toMatchObject({ code: "EPERM", reason: { id: "munmap/sealed" } });
    expect(areasOf(mm, B)).toBe("0-2 rw, 2-4 rw, 4-6 r");
  });

  test("mprotect changes the areas before the one that objects, and none behind", () => {
    const mm = laid("6.12", [0, 2, "rw"], [4, 6, "rw"]);
    expect(mm.protect(B, 6, "r")).toMatchObject({
      code: "ENOMEM",
      reason: { id: "mprotect/hole" },
    });
    expect(areasOf(mm, B)).toBe("0-2 r, 4-6 rw");
  });

  test("advice works on both sides of a hole and says ENOMEM all the same", () => {
    const mm = laid("6.12", [0, 2, "rw"], [4, 6, "rw"]);
    must(mm.touch(B + 5));
    expect(mm.advise(B, 6, "MADV_DONTNEED")).toMatchObject({
      code: "ENOMEM",
      reason: { id: "madvise/hole", compared: { address: "0x1002000" } },
    });
    expect(mm.anonymousPages).toBe(0);
  });

  test("an area that refuses ends the walk, and its answer replaces that of a hole before it", () => {
    const mm = laid("6.12", [0, 2, "rw"], [4, 6, "rw"], [6, 8, "rw"]);
    must(mm.touch(B + 1));
    must(mm.touch(B + 7));
    must(mm.lock(B + 4, 2));
    expect(mm.advise(B, 8, "MADV_DONTNEED")).toMatchObject({
      code: "EINVAL",
      reason: { id: "madvise/locked" },
    });
    expect([mm.residency(B, 2), mm.residency(B + 6, 2)]).toMatchObject([
      { value: Uint8Array.of(0, 0) },
      { value: Uint8Array.of(0, 1) },
    ]);
  });
});

function limits() {
  return {
    capable: () => true,
    ownsOrMayWrite: () => true,
    limit: () => Number.POSITIVE_INFINITY,
    fatalSignalPending: () => false,
  };
}

describe("what does not keep areas apart", () => {
  const STICKY = [VM_SOFTDIRTY, VM_MAYBE_GUARD];
  /** Three areas, of which one has a mark, whose middle one is made as the others. */
  function joined(marked: number, flag: number, gone: number): readonly [string, boolean] {
    const mm = space("6.12");
    must(mm.map({ at: B, pages: 6, prot: "r", flags: 0x32 }));
    must(mm.protect(B + 2, 2, "rw"));
    for (const area of mm.areas) mm.areas.setFlags(area, (mm.areas.flags[area] & ~flag) >>> 0);
    const area = mm.areas.at(B + marked);
    mm.areas.setFlags(area, (mm.areas.flags[area] | flag) >>> 0);
    if (gone >= 0) must(mm.unmap(B + gone, 2));
    must(mm.protect(B + 2, 2, "r"));
    expect(mm.areas.count).toBe(1);
    return [areasOf(mm, B), (mm.areas.flags[mm.areas.at(B + 2)] & flag) !== 0];
  }

  test.each([
    ["below and above", -1, "0-6 r", [0, 2, 4]],
    ["below alone", 4, "0-4 r", [0, 2]],
    ["above alone", 0, "2-6 r", [2, 4]],
  ] as const)("is kept by the area that is joined: %s", (_, gone, areas, marked) => {
    for (const flag of STICKY) {
      for (const one of marked) expect(joined(one, flag, gone)).toEqual([areas, true]);
    }
  });

  test("comes from the part alone, too, and not from nowhere", () => {
    const mm = space("6.12");
    must(mm.map({ at: B, pages: 6, prot: "r", flags: 0x32 }));
    must(mm.protect(B + 2, 4, "rw"));
    const upper = mm.areas.at(B + 2);
    mm.areas.setFlags(upper, (mm.areas.flags[upper] | VM_MAYBE_GUARD) >>> 0);
    const marks = (): boolean[] =>
      [...mm.areas].map((area) => (mm.areas.flags[area] & VM_MAYBE_GUARD) !== 0);
    expect(marks()).toEqual([false, true]);
    must(mm.protect(B + 2, 1, "r"));
    expect([areasOf(mm, B), marks()]).toEqual(["0-3 r, 3-6 rw", [true, true]]);
    must(mm.protect(B + 1, 2, "rw"));
    expect([areasOf(mm, B), marks()]).toEqual(["0-1 r, 1-6 rw", [true, true]]);
  });
});

describe("two mappings that become of one kind", () => {
  /** Two pages each, side by side; the rights of one are changed to the other's. */
  function after(changed: "low" | "high", low: Backing, high: Backing, offset: number): string {
    const mm = space("6.12");
    const mapped = (at: number, backing: Backing, offsetPages: number, prot: string): void => {
      must(mm.map({ at: B + at, pages: 2, prot, flags: 0x11, backing, offsetPages }));
    };
    mapped(0, low, 1, changed === "low" ? "r" : "rw");
    mapped(2, high, offset, changed === "low" ? "rw" : "r");
    must(mm.protect(B + (changed === "low" ? 0 : 2), 2, "rw"));
    return areasOf(mm, B);
  }
  const one = file(8);
  const apart = "0-2 rw, 2-4 rw";

  test.each(["low", "high"] as const)(
    "join if the %s one shows the next pages of the same file",
    (changed) => {
      expect(after(changed, one, one, 3)).toBe("0-4 rw");
      expect([2, 4, 1, 5].map((offset) => after(changed, one, one, offset))).toEqual([
        ...[apart, apart, apart, apart],
      ]);
    },
  );

  test.each(["low", "high"] as const)(
    "stay apart if the %s one shows another file, or another opening",
    (changed) => {
      expect([after(changed, one, file(8), 3), after(changed, one, opened(one.object), 3)]).toEqual(
        [...[apart, apart]],
      );
    },
  );
});
