import { MAP, MREMAP, must, type Result } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor, type MemoryLimit } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_ACCOUNT, VM_DONTEXPAND, VM_HUGETLB, VM_LOCKED, VM_SEALED } from "./flags.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, file, space } from "./testing/world.ts";

const B = 4096;
const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: KEEP } = MREMAP;
const ANON = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

/** An address space with areas at stretches of pages from B on. */
function laid(release: string, ...stretches: (readonly [number, number, string])[]): AddressSpace {
  const mm = space(release);
  for (const [start, end, prot] of stretches)
    must(mm.map({ at: B + start, pages: end - start, prot, flags: ANON }));
  return mm;
}

interface Move {
  readonly at: number;
  readonly old: number;
  readonly now?: number;
  readonly flags?: number;
  readonly to?: number;
  readonly actor?: Actor;
}

function remap(mm: AddressSpace, { at, old, now = old, flags = 0, to, actor }: Move): string {
  const target = to === undefined ? 0 : B + to;
  const request = { page: B + at, oldPages: old, newPages: now, flags, target };
  const result: Result<number> = mm.remap(request, actor ?? OMNIPOTENT);
  expect(violations(mm.memory)).toEqual([]);
  if (result.ok) return String(result.value - B);
  return `${result.code} ${result.reason.id}`;
}

function limited(name: MemoryLimit, pages: number): Actor {
  const limit = (asked: MemoryLimit): number =>
    asked === name ? pages * 4096 : Number.POSITIVE_INFINITY;
  return { ...OMNIPOTENT, capable: () => false, limit };
}

describe("without a new address", () => {
  test("the same length is the same address, whatever lies behind the first page", () => {
    expect(remap(laid("6.12", [0, 2, "rw"]), { at: 0, old: 100 })).toBe("0");
  });

  test("a shorter length unmaps what is behind, also across holes and other areas", () => {
    const mm = laid("6.12", [0, 4, "rw"], [6, 8, "r"]);
    expect(remap(mm, { at: 0, old: 8, now: 2 })).toBe("0");
    expect(areasOf(mm, B)).toBe("0-2 rw");
    expect(remap(mm, { at: 0, old: 2 ** 36, now: 1 })).toBe("EINVAL mremap/tail-beyond-limit");
  });

  test("a longer one grows over free pages, and joins what it meets of its kind since 6.1", () => {
    const mm = laid("6.12", [0, 2, "rw"], [4, 6, "rw"]);
    expect(remap(mm, { at: 0, old: 2, now: 4 })).toBe("0");
    expect(areasOf(mm, B)).toBe("0-6 rw");
    const old = laid("5.10", [0, 2, "rw"], [4, 6, "rw"]);
    expect(remap(old, { at: 0, old: 2, now: 4 })).toBe("0");
    expect(areasOf(old, B)).toBe("0-4 rw, 4-6 rw");
  });

  test("where there is no room it moves, if it may", () => {
    const mm = laid("6.12", [0, 2, "rw"], [3, 4, "r"]);
    must(mm.write(B + 1, "kept"));
    expect(remap(mm, { at: 0, old: 2, now: 4 })).toBe("ENOMEM mremap/no-room-behind");
    const to = Number(remap(mm, { at: 0, old: 2, now: 4, flags: MAY }));
    expect(areasOf(mm, B)).toBe(`3-4 r, ${to}-${to + 4} rw`);
    expect(must(mm.read(B + to + 1, 4))).toEqual(Uint8Array.from(Buffer.from("kept")));
    expect(mm.anonymousPages).toBe(1);
  });

  test("locked memory brings in what it gains, as far as RLIMIT_MEMLOCK goes", () => {
    const mm = laid("6.12", [0, 2, "rw"]);
    must(mm.lock(B, 2));
    const actor = limited("RLIMIT_MEMLOCK", 4);
    expect(remap(mm, { at: 0, old: 2, now: 5, actor })).toBe("EAGAIN mremap/lock-limit");
    expect(remap(mm, { at: 0, old: 2, now: 4, actor })).toBe("0");
    expect([mm.lockedPages, mm.anonymousPages]).toEqual([4, 4]);
  });

  test("RLIMIT_AS and RLIMIT_DATA count what is gained", () => {
    const mm = laid("6.12", [0, 2, "rw"]);
    const grow = { at: 0, old: 2, now: 4 };
    expect(remap(mm, { ...grow, actor: limited("RLIMIT_AS", 3) })).toBe(
      "ENOMEM mmap/address-space-limit",
    );
    expect(remap(mm, { ...grow, actor: limited("RLIMIT_DATA", 3) })).toBe("ENOMEM mmap/data-limit");
    expect(remap(mm, { ...grow, actor: limited("RLIMIT_DATA", 4) })).toBe("0");
  });

  test("an old length of zero maps shared pages a second time", () => {
    const mm = space("6.12");
    const backing = file(8);
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x11, backing }));
    const to = Number(remap(mm, { at: 1, old: 0, now: 2, flags: MAY }));
    must(mm.write(B + 1, "both"));
    expect(must(mm.read(B + to, 4))).toEqual(must(mm.read(B + 1, 4)));
    must(mm.map({ at: B + 6, pages: 1, prot: "rw", flags: ANON }));
    expect(remap(mm, { at: 6, old: 0, now: 2, flags: MAY })).toBe(
      "EINVAL mremap/private-duplicate",
    );
  });
});

describe("with a new address", () => {
  test("what lay there is gone, and the pages go with the area", () => {
    const mm = laid("6.12", [0, 4, "rw"], [8, 16, "r"]);
    must(mm.write(B + 1, "x"));
    expect(remap(mm, { at: 0, old: 4, flags: MAY | FIXED, to: 10 })).toBe("10");
    expect(areasOf(mm, B)).toBe("8-10 r, 10-14 rw, 14-16 r");
    expect(must(mm.read(B + 11, 1))).toEqual(Uint8Array.from([0x78]));
  });

  test("untouched pages join their new neighbours, touched ones keep their old offset", () => {
    const fresh = laid("6.12", [0, 2, "rw"], [10, 12, "rw"]);
    remap(fresh, { at: 0, old: 2, flags: MAY | FIXED, to: 12 });
    expect(areasOf(fresh, B)).toBe("10-14 rw");
    const touched = laid("6.12", [0, 2, "rw"], [10, 12, "rw"]);
    must(touched.touch(B));
    remap(touched, { at: 0, old: 2, flags: MAY | FIXED, to: 12 });
    expect(areasOf(touched, B)).toBe("10-12 rw, 12-14 rw");
  });

  test("both halves of a touched area join again where they meet in order", () => {
    const mm = laid("6.12", [0, 4, "rw"]);
    must(mm.touch(B));
    remap(mm, { at: 2, old: 2, flags: MAY | FIXED, to: 20 });
    remap(mm, { at: 0, old: 2, flags: MAY | FIXED, to: 18 });
    expect(areasOf(mm, B)).toBe("18-22 rw");
  });

  test("since 6.17 all areas of the range come along, with their distances", () => {
    const shape = [
      [0, 2, "rw"],
      [2, 4, "r"],
      [6, 8, "rw"],
    ] as const;
    const mm = laid("6.17", ...shape);
    expect(remap(mm, { at: 0, old: 10, flags: MAY | FIXED, to: 20 })).toBe("20");
    expect(areasOf(mm, B)).toBe("20-22 rw, 22-24 r, 26-28 rw");
    const old = laid("6.12", ...shape);
    expect(remap(old, { at: 0, old: 10, flags: MAY | FIXED, to: 20 })).toBe(
      "EFAULT mremap/crosses-areas",
    );
  });

  test.each([
    ["5.10", "none"],
    ["6.12", "none"],
    ["6.18", "20-24 r"],
  ])(
    "before a range that is too long is refused, %s leaves at the destination: %s",
    (release, left) => {
      const mm = laid(release, [0, 2, "rw"], [20, 24, "r"]);
      expect(remap(mm, { at: 0, old: 3, now: 4, flags: MAY | FIXED, to: 20 })).toBe(
        "EFAULT mremap/crosses-areas",
      );
      expect(areasOf(mm, B)).toBe(["0-2 rw", left].filter((text) => text !== "none").join(", "));
    },
  );

  test.each([
    ["5.10", ""],
    ["6.1", "20-24 r"],
  ])("where nothing is mapped at the source, %s leaves at the destination: %s", (release, left) => {
    const mm = laid(release, [20, 24, "r"]);
    expect(remap(mm, { at: 0, old: 4, flags: MAY | FIXED, to: 20 })).toBe("EFAULT mremap/no-area");
    expect(areasOf(mm, B)).toBe(left);
  });
});

describe("MREMAP_DONTUNMAP", () => {
  test("leaves an empty area behind, and the new address is a hint", () => {
    const mm = laid("6.12", [0, 2, "rw"], [20, 22, "r"]);
    must(mm.write(B, "x"));
    const to = Number(remap(mm, { at: 0, old: 2, flags: MAY | KEEP, to: 20 }));
    expect(to).not.toBe(20);
    expect(must(mm.read(B + to, 1))).toEqual(Uint8Array.from([0x78]));
    expect(must(mm.read(B, 1))).toEqual(Uint8Array.from([0]));
    expect(remap(mm, { at: 0, old: 2, flags: MAY | KEEP, to: 30 })).toBe("30");
  });

  test.each([
    ["6.12.107", 4, "0-4 open, 20-22 locked"],
    ["6.12.117", 4, "0-1 locked, 1-3 open, 3-4 locked, 20-22 locked"],
    ["6.18", 6, "0-4 open, 20-22 locked"],
    ["7.2", 4, "0-1 locked, 1-3 open, 3-4 locked, 20-22 locked"],
  ])("of a locked area's part: %s counts %i pages as locked: %s", (release, count, locks) => {
    const mm = laid(release, [0, 4, "rw"]);
    must(mm.lock(B, 4));
    remap(mm, { at: 1, old: 2, flags: MAY | KEEP, to: 20 });
    expect(mm.lockedPages).toBe(count);
    const { areas } = mm;
    const seen = [...areas].map((area) => {
      const is = (areas.flags[area] & VM_LOCKED) !== 0 ? "locked" : "open";
      return `${areas.start[area] - B}-${areas.end[area] - B} ${is}`;
    });
    expect(seen.join(", ")).toBe(locks);
  });

  test("6.16 alone takes the commit charge away; 5.10 gives the next area one", () => {
    const charges = (release: string): boolean[] => {
      const mm = laid(release, [0, 3, "rw"], [5, 6, "r"]);
      remap(mm, { at: 1, old: 1, flags: MAY | KEEP, to: 20 });
      return [...mm.areas].map((area) => (mm.areas.flags[area] & VM_ACCOUNT) !== 0);
    };
    expect(charges("5.10")).toEqual([true, true, true]);
    expect(charges("6.12")).toEqual([true, false, true]);
    expect(charges("6.16")).toEqual([false, false, true]);
    expect(charges("6.17")).toEqual([true, false, true]);
  });

  test("of a file needs 5.13", () => {
    const mapped = (release: string): AddressSpace => {
      const mm = space(release);
      must(mm.map({ at: B, pages: 2, prot: "rw", flags: 0x11, backing: file(8) }));
      return mm;
    };
    const move = { at: 0, old: 2, flags: MAY | KEEP, to: 20 };
    expect(remap(mapped("5.10"), move)).toBe("EINVAL mremap/dontunmap-not-anonymous");
    expect(remap(mapped("6.1"), move)).toBe("20");
  });
});

describe("refusals", () => {
  const rows: readonly (readonly [string, string, Move, string])[] = [
    ["6.12", "a hole", { at: 50, old: 1, now: 2 }, "EFAULT mremap/no-area"],
    ["6.18", "a hole", { at: 50, old: 1, now: 2 }, "EFAULT mremap/no-area"],
    ["5.10", "a hole, the length kept", { at: 50, old: 1 }, "50"],
    ["6.18", "too long", { at: 0, old: 1, now: 2 ** 36 }, "EINVAL mremap/too-long"],
    ["6.12", "too long", { at: 0, old: 2, now: 2 ** 36 }, "ENOMEM mremap/no-room-behind"],
    [
      "6.12",
      "to beyond the limit",
      { at: 0, old: 2, flags: MAY | FIXED, to: 2 ** 36 },
      "EINVAL mremap/target-beyond-limit",
    ],
    ["6.12", "onto itself", { at: 0, old: 2, flags: MAY | FIXED, to: 1 }, "EINVAL mremap/overlap"],
    ["6.18", "onto itself", { at: 0, old: 2, flags: MAY | FIXED, to: 1 }, "EINVAL mremap/overlap"],
  ];
  test.each(rows)("%s: %s", (release, _, move, answer) => {
    expect(remap(laid(release, [0, 2, "rw"]), move)).toBe(answer);
  });

  test("6.18 sees an unaligned new address before a hole, 6.12 the hole", () => {
    const request = {
      page: B,
      oldPages: 1,
      newPages: 1,
      flags: MAY | FIXED,
      target: 9,
      targetOffset: 1,
    };
    const said = (release: string): string => {
      const result = space(release).remap(request);
      return result.ok ? "moved" : result.reason.id;
    };
    expect(said("6.12")).toBe("mremap/no-area");
    expect(said("6.16")).toBe("mremap/target-unaligned");
    expect(said("6.18")).toBe("mremap/target-unaligned");
  });

  test("a sealed area stays where it is", () => {
    const mm = laid("6.12", [0, 2, "rw"]);
    const area = mm.areas.at(B);
    mm.areas.setFlags(area, mm.areas.flags[area] | VM_SEALED);
    for (const flags of [0, MAY, MAY | KEEP])
      expect(remap(mm, { at: 0, old: 2, flags, to: 20 })).toBe("EPERM mremap/sealed");
  });

  test("a move needs room for cuts at both ends, a fixed one for more", () => {
    const mm = space("6.18", { maxMapCount: 7 });
    for (const [i, prot] of ["rw", "r", "rw"].entries())
      must(mm.map({ at: B + 2 * i, pages: 1, prot, flags: ANON }));
    expect(remap(mm, { at: 0, old: 1, flags: MAY | FIXED, to: 20 })).toBe(
      "ENOMEM mremap/too-many-areas",
    );
    must(mm.map({ at: B + 1, pages: 1, prot: "none", flags: ANON }));
    expect(remap(mm, { at: 0, old: 1, now: 2, flags: MAY })).toBe("ENOMEM mremap/too-many-areas");
  });

  test.each(["5.10", "6.12", "6.18"])(
    "%s: a move right beside where it was is none onto itself",
    (release) => {
      const moved = (at: number, old: number, now: number, to: number): string =>
        remap(laid(release, [0, 8, "rw"]), { at, old, now, flags: MAY | FIXED, to });
      expect([moved(4, 2, 2, 6), moved(4, 2, 2, 2), moved(4, 2, 1, 3)]).toEqual(["6", "2", "3"]);
      const onto = [moved(4, 2, 2, 5), moved(4, 2, 2, 3), moved(4, 2, 4, 1), moved(4, 2, 2, 4)];
      expect(new Set(onto)).toEqual(new Set(["EINVAL mremap/overlap"]));
    },
  );

  test.each(["5.10", "6.12", "6.18"])(
    "%s: how many areas there may be for a move to be tried",
    (release) => {
      const tried = (areas: number, move: Partial<Move>): string => {
        const mm = space(release, { maxMapCount: 12 });
        for (let i = 0; i < areas; i++)
          must(mm.map({ at: B + 2 * i, pages: 1, prot: "rw", flags: ANON }));
        return remap(mm, { at: 0, old: 1, flags: MAY | FIXED, to: 40, ...move });
      };
      const none = "ENOMEM mremap/too-many-areas";
      expect([tried(6, {}), tried(7, {})]).toEqual(["40", none]);
      const elsewhere = { now: 4, flags: MAY };
      expect([tried(8, elsewhere) === none, tried(9, elsewhere)]).toEqual([false, none]);
      // In place nothing is cut.
      expect([tried(9, { flags: 0 }), tried(9, { now: 2, flags: 0 })]).toEqual(["0", "0"]);
    },
  );

  test("the kernel's own mappings move whole, and never grow", () => {
    const mm = space("6.12");
    const backing = { ...file(2, { kind: "special" }), name: "[vdso]" };
    must(mm.map({ at: B, pages: 2, prot: "r", flags: 0x12, backing }));
    const area = mm.areas.at(B);
    mm.areas.setFlags(area, mm.areas.flags[area] | VM_DONTEXPAND);
    expect(remap(mm, { at: 0, old: 2, now: 3, flags: MAY })).toBe("EFAULT mremap/cannot-expand");
    expect(remap(mm, { at: 0, old: 2, flags: MAY | KEEP, to: 9 })).toBe(
      "EINVAL mremap/dontunmap-special",
    );
    expect(remap(mm, { at: 0, old: 1, flags: MAY | FIXED, to: 9 })).toBe("EINVAL mremap/special");
    expect(remap(mm, { at: 0, old: 2, flags: MAY | FIXED, to: 9 })).toBe("9");
  });

  test("huge pages move between aligned addresses, and never grow", () => {
    const mm = space("6.12");
    must(mm.map({ at: B, pages: 512, prot: "rw", flags: ANON }));
    const area = mm.areas.at(B);
    mm.areas.setFlags(area, mm.areas.flags[area] | VM_HUGETLB);
    const whole = { at: 0, old: 512, flags: MAY | FIXED };
    expect(remap(mm, { ...whole, to: 513 })).toBe("EINVAL mremap/huge-unaligned");
    expect(remap(mm, { ...whole, now: 513, to: 2048 })).toBe("EINVAL mremap/huge-growth");
    expect(remap(mm, { ...whole, to: 2048 })).toBe("2048");
  });
});

describe("since 6.17 several areas move", () => {
  test("but not with one that chooses its place by itself; what was moved before stays moved", () => {
    const tried = (release: string, alone: boolean): string => {
      const mm = laid(release, [0, 2, "rw"], [4, 6, "r"]);
      const backing = file(4, { movesAlone: true });
      must(mm.map({ at: B + 2, pages: 2, prot: "rw", flags: 0x11, backing }));
      const range = alone ? { at: 2, old: 2 } : { at: 0, old: 6 };
      const answer = remap(mm, { ...range, flags: MAY | FIXED, to: 40 });
      return `${answer}: ${areasOf(mm, B)}`;
    };
    expect(tried("6.18", false)).toBe("EFAULT mremap/crosses-areas: 2-4 rw, 4-6 r, 40-42 rw");
    expect(tried("6.18", true)).toBe("40: 0-2 rw, 4-6 r, 40-42 rw");
  });

  test("up to one that is sealed, or cut where it must not be", () => {
    const mm = laid("6.18", [0, 2, "rw"], [2, 4, "r"]);
    const area = mm.areas.at(B + 2);
    mm.areas.setFlags(area, mm.areas.flags[area] | VM_SEALED);
    expect(remap(mm, { at: 0, old: 4, flags: MAY | FIXED, to: 40 })).toBe("EPERM mremap/sealed");
    expect(areasOf(mm, B)).toBe("2-4 r, 40-42 rw");
  });

  test("from the first page on, which must be mapped, over holes and to the range's end", () => {
    const shape = [
      [0, 2, "rw"],
      [3, 6, "r"],
    ] as const;
    const moved = (at: number, old: number): string => {
      const mm = laid("6.18", ...shape);
      return `${remap(mm, { at, old, flags: MAY | FIXED, to: 40 })}: ${areasOf(mm, B)}`;
    };
    expect(moved(1, 3)).toBe("40: 0-1 rw, 4-6 r, 40-41 rw, 42-43 r");
    expect(moved(2, 4)).toBe("EFAULT mremap/no-area: 0-2 rw, 3-6 r");
    expect(moved(1, 2)).toBe("40: 0-1 rw, 3-6 r, 40-41 rw");
  });
});

describe("what lies at the new place", () => {
  test.each(["5.10", "6.12", "6.18"])(
    "%s: is not let go where it is sealed or special",
    (release) => {
      const mm = laid(release, [0, 2, "rw"]);
      const backing = { ...file(2, { kind: "special" }), name: "[vdso]" };
      must(mm.map({ at: B + 20, pages: 2, prot: "r", flags: 0x12, backing }));
      const area = mm.areas.at(B + 20);
      mm.areas.setFlags(area, mm.areas.flags[area] | VM_DONTEXPAND);
      const answer = remap(mm, { at: 0, old: 1, flags: MAY | FIXED, to: 20 });
      const cuts = release === "5.10" ? "20" : "EINVAL munmap/special";
      expect(answer).toBe(cuts);
    },
  );
});
