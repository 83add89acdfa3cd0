import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const OPEN = '1 openat(AT_FDCWD, "./a", O_RDWR) = 3';
const MAKE = '1 memfd_create("a", 0) = 3';
const size = (bytes: number): string => `1 ftruncate(3, ${bytes}) = 0`;
const MAP = "1 mmap(NULL, 16384, PROT_READ|PROT_WRITE, MAP_SHARED, 3, 0) = 0x7f0000000000";
const populate = (result: string): string =>
  `1 madvise(0x7f0000000000, 16384, MADV_POPULATE_READ) = ${result}`;
const FAULT = "-1 EFAULT (Bad address)";
const said = (...lines: readonly string[]): string =>
  verdicts(log(...lines), { kernel: "6.18.44" })
    .at(-1)!
    .replace(/^\d+ /, "");

// 6.18.44.
describe("a file that becomes shorter", () => {
  const populated = [MAKE, size(16384), MAP, populate("0")];

  test("takes its pages away from whoever maps it", () => {
    expect(said(...populated, size(4096), populate(FAULT))).toBe("madvise exact");
    expect(said(...populated, size(4096), populate("0"))).toBe("madvise deviation");
    expect(said(...populated, size(32768), populate("0"))).toBe("madvise exact");
  });

  test("by its path may be any that has one", () => {
    const opened = [OPEN, size(16384), MAP, populate("0")];
    const named = '1 truncate("./a", 4096) = 0';
    for (const result of [FAULT, "0"])
      expect(said(...opened, named, populate(result))).toBe("madvise undetermined");
    expect(
      said(
        ...opened,
        named.replace("= 0", "= -1 ENOENT (No such file or directory)"),
        populate(FAULT),
      ),
    ).toBe("madvise deviation");
    expect(said(...populated, named, populate(FAULT))).toBe("madvise deviation");
  });
});

test("what a device makes of a mapping is open", () => {
  const device = OPEN.replace("./a", "/dev/zero");
  const free = "1 madvise(0x7f0000000000, 16384, MADV_FREE) = 0";
  const map = MAP.replace("MAP_SHARED", "MAP_PRIVATE");
  expect(said(device, map, free)).toBe("madvise undetermined");
  expect(said(OPEN, map, free)).toBe("madvise deviation");
});

test("a number beyond the usual limit may be beyond the limit", () => {
  const duplicate = (to: number, result: string): string =>
    said(OPEN, `1 dup2(3, ${to}) = ${result}`);
  const CLOSED = "-1 EBADF (Bad file descriptor)";
  expect([duplicate(100_000, CLOSED), duplicate(100_000, "100000")]).toEqual([
    "dup2 undetermined",
    "dup2 undetermined",
  ]);
  expect([duplicate(1023, CLOSED), duplicate(1023, "1023")]).toEqual([
    "dup2 deviation",
    "dup2 exact",
  ]);
});
