import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "./addressSpace.ts";
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
