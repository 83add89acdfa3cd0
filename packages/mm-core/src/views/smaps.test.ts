import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { space } from "../testing/world.ts";
import { smapsEntry, smapsText, type SmapsLines } from "./smaps.ts";

test.each([
  [1, "Size:                  4 kB"],
  [2 ** 24, "Size:           67108864 kB"],
  [25_000_000, "Size:           100000000 kB"],
  [2 ** 28, "Size:           1073741824 kB"],
])("%i pages: %s, of which longer numbers take more room", (pages, line) => {
  const mm = space();
  must(mm.map({ at: 0x1000, pages, prot: "r", flags: 0x4032 }));
  expect(smapsText(mm).split("\n")[1]).toBe(line);
});

describe("where nobody knows which pages are there, an area's entry", () => {
  const names = (lines?: SmapsLines): readonly string[] => {
    const mm = space("6.18");
    must(mm.map({ at: 0x1000, pages: 1, prot: "rw", flags: 0x32 }));
    const [, ...rest] = smapsEntry(mm, mm.areas.at(0x1000), lines).trimEnd().split("\n");
    return rest.map((one) => one.slice(0, one.indexOf(":")));
  };

  test("is what the mapping itself says", () => {
    expect(names("mapping")).toEqual([
      ...["Size", "KernelPageSize", "MMUPageSize", "THPeligible", "ProtectionKey", "VmFlags"],
    ]);
  });

  test("leaves out what waits in batches, and what multi-gen LRU marks otherwise", () => {
    const all = names();
    expect(names("all")).toEqual(all);
    expect(all).toContain("Rss");
    expect(names("referenced")).toEqual(all.filter((name) => name !== "LazyFree"));
    expect(names("settled")).toEqual(
      all.filter((name) => name !== "LazyFree" && name !== "Referenced"),
    );
  });
});

test("a machine without protection keys has no line for them", () => {
  const shown = [true, false].map((protectionKeys) => {
    const mm = space("6.18", { protectionKeys });
    must(mm.map({ at: 0x1000, pages: 1, prot: "rw", flags: 0x32 }));
    return smapsText(mm).includes("ProtectionKey:         0\n");
  });
  expect(shown).toEqual([true, false]);
});
