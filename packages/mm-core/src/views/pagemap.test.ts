import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { AddressSpace } from "../addressSpace.ts";
import { file, space } from "../testing/world.ts";
import { PAGEMAP_HIGH } from "./pagemap.ts";

const B = 0x1000;
const HIGH = Object.entries(PAGEMAP_HIGH);

/** What the entries of some pages say: `present exclusive, swapped, …`. */
function said(mm: AddressSpace, pages: number, from = B): string {
  const view = new DataView(mm.pagemap(from, pages).buffer);
  return Array.from({ length: pages }, (_, i) => {
    const high = view.getUint32(i * 8 + 4, true);
    expect(view.getUint32(i * 8, true)).toBe(0);
    return HIGH.filter(([, bit]) => (high & bit) !== 0)
      .map(([name]) => name)
      .join(" ");
  }).join(", ");
}

function laid(release = "6.18", softDirty = false): AddressSpace {
  const mm = space(release, { softDirty });
  must(mm.map({ at: B, pages: 6, prot: "rw", flags: 0x32 }));
  must(mm.write(B, "1"));
  must(mm.touch(B + 1, "read"));
  must(mm.write(B + 2, "1"));
  must(mm.advise(B + 2, 1, "MADV_PAGEOUT"));
  return mm;
}

describe("an entry of pagemap", () => {
  test("says whether a page is there, is nobody else's, or lies in swap", () => {
    const mm = laid();
    expect(said(mm, 5)).toBe("present exclusive, present, swapped, , ");
    const child = mm.fork();
    expect([said(mm, 3), said(child, 3)]).toEqual([
      "present, present, swapped",
      "present, present, swapped",
    ]);
    must(child.write(B, "2"));
    expect(said(mm, 1)).toBe("present exclusive");
  });

  test("says nothing where nothing is mapped", () => {
    const mm = laid();
    must(mm.unmap(B, 1));
    expect(said(mm, 2, B - 1)).toBe(", ");
  });

  test("tells pages of files and of shared memory from one's own", () => {
    const mm = laid();
    const backing = file(4);
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x12, backing }));
    must(mm.touch(B, "read"));
    must(mm.write(B + 1, "1"));
    must(mm.map({ at: B + 16, pages: 1, prot: "rw", flags: 0x31 }));
    must(mm.touch(B + 16));
    expect([said(mm, 3), said(mm, 1, B + 16)]).toEqual([
      "present file exclusive, present exclusive, ",
      "present file exclusive",
    ]);
    const other = mm.fork();
    must(other.touch(B, "read"));
    expect(said(mm, 1)).toBe("present file");
  });

  test.each([
    ["6.14", "swapped"],
    ["6.15", "swapped guard"],
  ])("on %s a guard is %s", (release, is) => {
    const mm = laid(release);
    must(mm.advise(B + 4, 1, "MADV_GUARD_INSTALL"));
    expect(said(mm, 1, B + 4)).toBe(is);
  });

  test("of a kernel that keeps soft-dirty marks, has them for all of a new area", () => {
    expect(said(laid("6.18", true), 4)).toBe(
      "present exclusive softDirty, present softDirty, swapped softDirty, softDirty",
    );
  });
});
