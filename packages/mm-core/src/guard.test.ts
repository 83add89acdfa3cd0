import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
import { VM_MAYBE_GUARD, VM_MAYWRITE } from "./flags.ts";
import { pageState } from "./pageState.ts";
import { file, space } from "./testing/world.ts";

const B = 510;
const FIXED = 0x32;

function resident(mm: AddressSpace, pages = 4): string {
  return must(mm.residency(B, pages)).join("");
}

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

  test("areas cut apart share a reverse map although one may hold guards, and join again", () => {
    const mm = space("6.19");
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    must(mm.protect(B, 1, "w"));
    must(mm.advise(B, 2, "MADV_GUARD_INSTALL"));
    must(mm.protect(B, 4, "rw"));
    const area = mm.areas.at(B);
    expect([mm.areas.start[area], mm.areas.end[area]]).toEqual([B, B + 4]);
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

test.each([
  ["6.13", true, false],
  ["6.14", true, false],
  ["6.15", true, true],
])("on %s a guard in memory that may be written, or never may: %s, %s", (release, may, never) => {
  const guarded = (maywrite: boolean): boolean => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 2, prot: "r", flags: FIXED }));
    const area = mm.areas.at(B);
    if (!maywrite) mm.areas.setFlags(area, (mm.areas.flags[area] & ~VM_MAYWRITE) >>> 0);
    return mm.advise(B, 2, "MADV_GUARD_INSTALL").ok;
  };
  expect([guarded(true), guarded(false)]).toEqual([may, never]);
});

describe("what installing a guard leaves", () => {
  const kinds = {
    anonymous: (mm: AddressSpace) => mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }),
    file: (mm: AddressSpace) =>
      mm.map({ at: B, pages: 2, prot: "rw", flags: 0x12, backing: file(2) }),
    shared: (mm: AddressSpace) => mm.map({ at: B, pages: 2, prot: "rw", flags: 0x31 }),
  };
  const left = (release: string, kind: keyof typeof kinds): string => {
    const mm = space(release);
    must(kinds[kind](mm));
    must(mm.advise(B, 1, "MADV_GUARD_INSTALL"));
    const area = mm.areas.at(B);
    const hasFlag = (mm.areas.flags[area] & VM_MAYBE_GUARD) !== 0;
    return `${mm.areas.anon[area] !== 0 ? "map" : "no map"}, ${hasFlag ? "flag" : "no flag"}`;
  };

  // Linux: 6.19 (and 6.18.35) keeps a flag, and needs a reverse map for anonymous memory alone.
  test.each([
    ["6.18.15", "anonymous", "map, no flag"],
    ["6.18.15", "file", "map, no flag"],
    ["6.18.15", "shared", "map, no flag"],
    ["6.19", "anonymous", "map, flag"],
    ["6.19", "file", "no map, flag"],
    ["6.19", "shared", "no map, flag"],
  ] as const)("on %s in %s memory: %s", (release, kind, is) => {
    expect(left(release, kind)).toBe(is);
  });

  test("is every page of the range, and no other; removing them again leaves the rest", () => {
    const mm = space("6.19");
    must(mm.map({ at: B, pages: 6, prot: "rw", flags: FIXED }));
    for (let page = 0; page < 6; page++) must(mm.write(B + page, "1"));
    must(mm.advise(B + 1, 4, "MADV_GUARD_INSTALL"));
    const states = (): string => [0, 1, 2, 3, 4, 5].map((i) => pageState(mm, B + i)).join(" ");
    expect(states()).toBe("used guarded guarded guarded guarded used");
    expect([mm.anonymousPages, mm.memory.frames.inUse]).toEqual([2, 2]);
    must(mm.advise(B + 2, 2, "MADV_GUARD_REMOVE"));
    expect(states()).toBe("used guarded untouched untouched guarded used");
    must(mm.advise(B, 6, "MADV_GUARD_REMOVE"));
    expect(states()).toBe("used untouched untouched untouched untouched used");
    expect(mm.anonymousPages).toBe(2);
  });

  test("is refused for locked memory, whose guards can be removed", () => {
    const mm = space("6.19");
    must(mm.map({ at: B, pages: 2, prot: "rw", flags: FIXED }));
    must(mm.advise(B, 1, "MADV_GUARD_INSTALL"));
    mm.lock(B, 2);
    expect(mm.advise(B + 1, 1, "MADV_GUARD_INSTALL")).toMatchObject({
      reason: { id: "madvise/guard-unsuitable", compared: { address: "0x1ff000" } },
    });
    must(mm.advise(B, 2, "MADV_GUARD_REMOVE"));
    expect(pageState(mm, B)).toBe("untouched");
  });
});
