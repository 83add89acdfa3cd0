import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const OPEN = '1 openat(AT_FDCWD, "./a", O_RDWR) = 3';
const stat = (bytes: number): string =>
  `1 fstat(3, {st_mode=S_IFREG|0644, st_size=${bytes}, ...}) = 0`;
const map = (flags: string): string =>
  `1 mmap(NULL, 32768, PROT_READ|PROT_WRITE, ${flags}, 3, 0) = 0x7f0000000000`;
const said = (...lines: readonly string[]): string =>
  verdicts(log(OPEN, ...lines), { kernel: "6.18.44" })
    .at(-1)!
    .replace(/^\d+ /, "");
const populate = (what: string, result: string): string =>
  `1 madvise(0x7f0000000000, 32768, MADV_POPULATE_${what}) = ${result}`;
const FAULT = "-1 EFAULT (Bad address)";
const LOCK_FAILS = "1 mlock(0x7f0000000000, 32768) = -1 ENOMEM (Cannot allocate memory)";

// 6.18.44: a file of three pages and a bit, mapped with eight.
describe("a file of which nobody told the size may end before what is mapped of it", () => {
  test.each(["MAP_SHARED", "MAP_PRIVATE"])("%s", (flags) => {
    for (const what of ["READ", "WRITE"]) {
      expect(said(map(flags), populate(what, FAULT))).toBe("madvise undetermined");
      expect(said(map(flags), populate(what, "0"))).toBe("madvise undetermined");
    }
    expect(said(map(flags), LOCK_FAILS)).toBe("mlock undetermined");
  });

  test("the size that fstat told is known", () => {
    expect(said(stat(12388), map("MAP_SHARED"), populate("READ", FAULT))).toBe("madvise exact");
    expect(said(stat(12388), map("MAP_SHARED"), LOCK_FAILS)).toBe("mlock exact");
    expect(said(stat(32768), map("MAP_SHARED"), populate("READ", "0"))).toBe("madvise exact");
    expect(said(stat(32768), map("MAP_SHARED"), LOCK_FAILS)).toBe("mlock deviation");
  });
});

describe("memory from before the log began", () => {
  const first = (result: string, ...more: readonly string[]): string =>
    verdicts(["1 getpid() = 1", ...more, populate("READ", result), ""].join("\n"))
      .at(-1)!
      .replace(/^\d+ /, "");

  test.each([FAULT, "-1 EINVAL (Invalid argument)"])("may not be brought in: %s", (error) => {
    expect(first(error)).toBe("madvise undetermined");
  });
});
