import { must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { file, space } from "../testing/world.ts";
import { isHugeEligible } from "./hugeEligible.ts";
import { statusLine, statusMemory } from "./status.ts";

const B = 0x1000;
const FIXED = 0x32;

describe("the memory lines of /proc/PID/status", () => {
  test("tell pages by kind", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 8, prot: "rw", flags: FIXED }));
    must(mm.map({ at: B + 16, pages: 4, prot: "r", flags: 0x12, backing: file(4) }));
    must(mm.map({ at: B + 32, pages: 4, prot: "rw", flags: 0x31 }));
    for (const page of [0, 1, 2]) must(mm.write(B + page, "1"));
    must(mm.touch(B + 16, "read"));
    must(mm.write(B + 32, "1"));
    must(mm.advise(B, 1, "MADV_PAGEOUT"));
    must(mm.lock(B + 1, 2));
    const { filePages } = mm;
    expect(statusMemory(mm)).toEqual({
      ...{ VmSize: 64, VmLck: 8, VmPin: 0, VmRSS: 4 * (2 + filePages + 1), RssAnon: 8 },
      ...{ RssFile: 4 * filePages, RssShmem: 4, VmData: 32, VmStk: 0, VmExe: 0, VmLib: 0 },
      ...{ VmSwap: 4, HugetlbPages: 0 },
    });
  });

  test.each([
    ["rx", 0x12, 0, 0, 16],
    ["x", 0x12, 0, 0, 16],
    ["rwx", 0x12, 0, 0, 0],
    ["r", 0x12, 0, 0, 0],
    ["rw", 0x132, 16, 0, 0],
    ["rx", 0x132, 16, 0, 0],
  ])(
    "count %s memory with flags %i: stack %i, own code %i, libraries %i",
    (prot, flags, ...kilobytes) => {
      const mm = space();
      const backing = (flags & 0x20) === 0 ? file(4) : null;
      must(mm.map({ at: B, pages: 4, prot, flags, backing }));
      const { VmStk, VmExe, VmLib } = statusMemory(mm);
      expect([VmStk, VmExe, VmLib]).toEqual(kilobytes);
    },
  );

  test("tell the program's own code from libraries', in whole pages", () => {
    const mm = space();
    must(mm.map({ at: B, pages: 8, prot: "rx", flags: 0x12, backing: file(8) }));
    const exe = (from: number, to: number): unknown[] => {
      mm.startCode = B * 4096 + from;
      mm.endCode = B * 4096 + to;
      const { VmExe, VmLib } = statusMemory(mm);
      return [VmExe, VmLib];
    };
    expect([exe(0, 8192), exe(4095, 8193), exe(0, 1e6)]).toEqual([
      [8, 24],
      [12, 20],
      [32, 0],
    ]);
  });

  test("are written with eight digits' room", () => {
    expect(statusLine("VmSize", 12)).toBe("VmSize:\t      12 kB\n");
    const mm = space();
    must(mm.map({ at: B, pages: 1, prot: "rw", flags: FIXED }));
    const lines = mm.status().split("\n");
    expect([lines[0], lines.length]).toEqual(["VmSize:\t       4 kB", 14]);
  });
});

describe("/proc/PID/maps names", () => {
  test.each([
    [B, "[stack]"],
    [B + 3, "[stack]"],
    [B + 4, ""],
    [B - 1, ""],
    [-1, ""],
  ])("the stack where it began at page %i: %s", (startStack, name) => {
    const mm = space();
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: 0x132 }));
    mm.startStack = startStack;
    expect(mm.maps().trimEnd().split(/\s+/)[5] ?? "").toBe(name);
  });

  test.each([
    ["6.6", 0, 4, "[heap]"],
    ["6.7", 0, 4, "[heap]"],
    ["6.6", 4, 4, "[heap]"],
    ["6.7", 4, 4, ""],
    ["6.6", -2, 0, "[heap]"],
    ["6.7", -2, 0, ""],
    ["6.7", -2, 1, "[heap]"],
    ["6.6", 5, 9, ""],
    ["6.6", -3, -1, ""],
  ])("the heap, on %s, from page %i to %i of four: %s", (release, from, to, name) => {
    const mm = space(release);
    must(mm.map({ at: B, pages: 4, prot: "rw", flags: FIXED }));
    mm.startBreak = (B + from) * 4096;
    mm.break = (B + to) * 4096;
    expect(mm.maps().trimEnd().split(/\s+/)[5] ?? "").toBe(name);
  });
});

test("where huge pages are off for the process but for advised memory, that alone is eligible", () => {
  const eligible = (hugeDisabled: 0 | 1 | 3, advised: boolean): boolean => {
    const mm = space("6.18", { thpEnabled: "always" });
    must(mm.map({ at: 512, pages: 512, prot: "rw", flags: FIXED }));
    if (advised) must(mm.advise(512, 512, "MADV_HUGEPAGE"));
    mm.hugeDisabled = hugeDisabled;
    return isHugeEligible(mm, mm.areas.at(512));
  };
  const of = (mode: 0 | 1 | 3): boolean[] => [eligible(mode, false), eligible(mode, true)];
  expect([of(0), of(1), of(3)]).toEqual([
    [true, true],
    [false, false],
    [false, true],
  ]);
});
