import { MAP, must } from "@kadvise/uapi";
import { expect, test } from "vitest";
import { codeOf, HUGE, hugeAt, NORESERVE, pooled, PRIVATE } from "../testing/hugeWorld.ts";
import { smapsText } from "../views/smaps.ts";
import { hugeShiftOf, hugeShifts } from "./hugeSize.ts";

test("a huge page is what one entry of a higher level shows, of 4, 16 and 64 KiB pages", () => {
  expect([12, 14, 16].map((shift) => hugeShifts(shift))).toEqual([
    [21, 30],
    [25, 36],
    [29, 42],
  ]);
});

test.each([
  [0, 21],
  [21, 21],
  [30, 30],
  [19, undefined],
  [12, undefined],
  [63, undefined],
])("the size %i stands for %s", (named, shift) => {
  expect(hugeShiftOf(MAP.MAP_HUGETLB | (named * 2 ** 26), 12)).toBe(shift);
});

test.each([
  [21, HUGE, "2048 kB"],
  [30, HUGE ** 2, "1048576 kB"],
])("mmap of 2^%i bytes takes %i pages, and smaps says so", (named, pages, size) => {
  const mm = pooled(0);
  const flags = PRIVATE | NORESERVE | (named * 2 ** 26);
  must(mm.map({ at: HUGE ** 2, pages: 1, prot: "rw", flags }));
  expect(mm.totalPages).toBe(pages);
  for (const name of ["KernelPageSize", "MMUPageSize"])
    expect(smapsText(mm)).toMatch(new RegExp(`^${name}: +${size}$`, "m"));
});

test("mmap refuses a size that the machine does not have, and a gigantic page that is reserved", () => {
  const map = (named: number): string => {
    const flags = PRIVATE | (named * 2 ** 26);
    return codeOf(pooled(4).map({ at: HUGE ** 2, pages: 1, prot: "rw", flags }));
  };
  expect([map(19), map(30), map(21)]).toEqual([
    "EINVAL mmap/huge-size",
    "ENOMEM mmap/no-huge-pages",
    "ok",
  ]);
});

test("MAP_SHARED_VALIDATE takes the size for no flag of its own; droppable memory is never huge", () => {
  const mm = pooled(1);
  const type = (flags: number): string =>
    codeOf(mm.map({ at: hugeAt(0), pages: 1, prot: "rw", flags: flags | 0x5400_0000 | 0x4_0020 }));
  expect(type(MAP.MAP_SHARED_VALIDATE)).toBe("ok");
  expect(type(MAP.MAP_DROPPABLE)).toBe("EINVAL mmap/bad-type");
  expect(type(MAP.MAP_PRIVATE | MAP.MAP_GROWSDOWN)).toBe("EINVAL mmap/file-grows-down");
});
