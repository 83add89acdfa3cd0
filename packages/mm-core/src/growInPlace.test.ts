import { MREMAP, must } from "@kadvise/uapi";
import type { Settings } from "@kadvise/releases";
import { describe, expect, test } from "vitest";
import { OMNIPOTENT, type Actor } from "./actor.ts";
import type { AddressSpace } from "./addressSpace.ts";
import { caller } from "./testing/caller.ts";
import { violations } from "./testing/invariants.ts";
import { areasOf, file, opened, PAGE, space } from "./testing/world.ts";

const B = 0x1000;
const FIXED = 0x32;

function laid(pages: number, release = "6.12", settings: Partial<Settings> = {}): AddressSpace {
  const mm = space(release, settings);
  must(mm.map({ at: B, pages, prot: "rw", flags: FIXED }));
  return mm;
}

/** mremap without the right to move: "ok", or the reason. */
function grown(
  mm: AddressSpace,
  {
    at = B,
    from,
    to,
    actor = OMNIPOTENT,
    flags = 0,
  }: {
    readonly at?: number;
    readonly from: number;
    readonly to: number;
    readonly actor?: Actor;
    readonly flags?: number;
  },
): string {
  const answer = mm.remap({ page: at, oldPages: from, newPages: to, flags, target: 0 }, actor);
  expect(violations(mm.memory)).toEqual([]);
  if (!answer.ok) return answer.reason.id;
  return answer.value === at ? "ok" : "moved";
}

describe("an area grows where it is", () => {
  test.each([
    [4, "ok", "0-4 rw, 4-6 r"],
    [5, "mremap/no-room-behind", "0-2 rw, 4-6 r"],
  ])("up to what lies behind it: to %i pages", (to, answer, areas) => {
    const mm = laid(2);
    must(mm.map({ at: B + 4, pages: 2, prot: "r", flags: FIXED }));
    expect([grown(mm, { from: 2, to }), areasOf(mm, B)]).toEqual([answer, areas]);
  });

  test("also if the area behind it is the very first of all", () => {
    const mm = space();
    must(mm.map({ at: B + 4, pages: 2, prot: "r", flags: FIXED }));
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    expect(mm.areas.at(B + 4)).toBe(0);
    expect(grown(mm, { from: 2, to: 5 })).toBe("mremap/no-room-behind");
  });

  test("close to a stack: nothing need be free", () => {
    const mm = laid(2);
    must(mm.map({ at: B + 4, pages: 1, prot: "rw", flags: 0x132 }));
    expect(grown(mm, { from: 2, to: 4 })).toBe("ok");
  });

  test("up to the end of the address space, and not beyond", () => {
    const mm = space();
    const { limit } = mm.layout;
    must(mm.map({ at: limit - 4, pages: 2, prot: "rw", flags: FIXED }));
    expect(grown(mm, { at: limit - 4, from: 2, to: 4 })).toBe("ok");
    expect(grown(mm, { at: limit - 4, from: 4, to: 5 })).toBe("mremap/no-room-behind");
  });

  test("by its last page alone, if the range ends with the area", () => {
    const mm = laid(4);
    expect(grown(mm, { from: 3, to: 6 })).toBe("mremap/no-room-behind");
    expect([grown(mm, { at: B + 2, from: 2, to: 3 }), areasOf(mm, B)]).toEqual(["ok", "0-5 rw"]);
  });
});

describe("below the lowest address that may be mapped", () => {
  const lowest = 65536 / PAGE;
  const low = (at: number): AddressSpace => {
    const mm = space();
    must(mm.map({ at, pages: 1, prot: "rw", flags: FIXED }));
    return mm;
  };

  test.each([
    [lowest - 1, caller(), "mremap/no-room-behind"],
    [lowest - 1, caller({ capabilities: ["CAP_SYS_RAWIO"] }), "ok"],
    [lowest - 1, caller({ capabilities: ["CAP_IPC_LOCK"] }), "mremap/no-room-behind"],
    [lowest, caller(), "ok"],
    [lowest + 1, caller(), "ok"],
  ])("an area at page %i grows for who may map there", (at, actor, answer) => {
    expect(grown(low(at), { at, from: 1, to: 2, actor })).toBe(answer);
  });
});

describe("the books", () => {
  test("count what is new", () => {
    const mm = laid(2);
    must(mm.lock(B, 2));
    expect(grown(mm, { from: 2, to: 5 })).toBe("ok");
    expect([mm.totalPages, mm.dataPages, mm.lockedPages, mm.promisedPages]).toEqual([5, 5, 5, 5]);
    // Locked memory is there at once.
    expect(mm.anonymousPages).toBe(5);
  });

  test("of memory that is not locked show nothing brought in", () => {
    const mm = laid(2);
    expect([grown(mm, { from: 2, to: 5 }), mm.anonymousPages]).toEqual(["ok", 0]);
  });

  test("stay as they were where the machine promises no more", () => {
    const mm = laid(2, "6.12", { overcommit: 2, commitLimitPages: 70_000 });
    expect(grown(mm, { from: 2, to: 90_000 })).toBe("mmap/commit-limit");
    expect([mm.totalPages, mm.promisedPages, areasOf(mm, B)]).toEqual([2, 2, "0-2 rw"]);
  });

  test("of private memory that nobody may write need no promise", () => {
    const mm = space("6.12", { overcommit: 2, commitLimitPages: 70_000 });
    must(mm.map({ at: B, pages: 2, prot: "r", flags: FIXED }));
    expect([grown(mm, { from: 2, to: 90_000 }), mm.promisedPages]).toEqual(["ok", 0]);
  });
});

describe("what an area grows up to", () => {
  test.each([
    ["5.10", "0-4 rw, 4-6 rw"],
    ["6.1", "0-6 rw"],
  ])("joins it if it is of its kind since 6.1: on %s", (release, areas) => {
    const mm = laid(2, release);
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
    expect([grown(mm, { from: 2, to: 4 }), areasOf(mm, B)]).toEqual(["ok", areas]);
  });

  // Asked: 6.12.107 and 6.18.44.
  test.each([
    ["6.12", "0-4 rw, 4-6 rw"],
    ["6.18", "0-6 rw"],
  ])(
    "was never touched, and is joined by what a child inherited as by its parent's: on %s",
    (release, areas) => {
      const parent = laid(2, release);
      must(parent.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
      must(parent.touch(B));
      for (const mm of [parent.fork(), parent])
        expect([grown(mm, { from: 2, to: 4 }), areasOf(mm, B)]).toEqual(["ok", areas]);
    },
  );

  test("stays apart if it has another name, and the one that grew keeps its own", () => {
    const mm = laid(2);
    must(mm.name(B, 2, "mine"));
    must(mm.map({ at: B + 4, pages: 2, prot: "rw", flags: FIXED }));
    expect([grown(mm, { from: 2, to: 4 }), areasOf(mm, B)]).toEqual(["ok", "0-4 rw, 4-6 rw"]);
    expect([...mm.areas].map((area) => mm.areas.nameOf(area))).toEqual(["mine", undefined]);
    must(mm.name(B + 4, 2, "mine"));
    must(mm.name(B + 4, 2));
    must(mm.unmap(B + 4, 2));
    must(mm.map({ at: B + 6, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.name(B + 6, 2, "mine"));
    expect([grown(mm, { from: 4, to: 6 }), areasOf(mm, B)]).toEqual(["ok", "0-8 rw"]);
  });

  test.each([
    [{}, "0-4 r"],
    [{ closes: true }, "0-3 r, 3-4 r"],
  ])("of a file shows its next pages, and joins them unless it closes (%o)", (more, areas) => {
    const backing = opened(file(8).object, more);
    const mm = space();
    const flags = 0x11;
    must(mm.map({ at: B, pages: 2, prot: "r", flags, backing, offsetPages: 1 }));
    must(mm.map({ at: B + 3, pages: 1, prot: "r", flags, backing, offsetPages: 4 }));
    expect([grown(mm, { from: 2, to: 3 }), areasOf(mm, B)]).toEqual(["ok", areas]);
    expect(mm.areas.offset[mm.areas.at(B)]).toBe(1);
  });

  test("with the right to move it moves where it cannot grow", () => {
    const mm = laid(2);
    must(mm.map({ at: B + 2, pages: 2, prot: "r", flags: FIXED }));
    expect(grown(mm, { from: 2, to: 4, flags: MREMAP.MREMAP_MAYMOVE })).toBe("moved");
  });
});
