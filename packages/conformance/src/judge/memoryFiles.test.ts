import { describe, expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log("1 close_range(3, 4294967295, 0) = 0", ...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const make = (flags = "MFD_ALLOW_SEALING"): string => `1 memfd_create("name", ${flags}) = 3`;
const GROW = "1 ftruncate(3, 8192) = 0";
const SEAL = "1 fcntl(3, F_ADD_SEALS, 0x20 /* F_SEAL_??? */) = 0";
const DENIED = "-1 EPERM (Operation not permitted)";
const map = (result: string, fd = 3): string =>
  `1 mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_SHARED, ${fd}, 0) = ${result}`;
const PLACE = "0x7f0681f0e000";

// 6.18: memfd_test seals the execution of files that can and cannot be executed.
describe("sealing the execution of a memory file", () => {
  test("that can be executed seals its contents too", () => {
    expect(last(make(), GROW, SEAL, map(DENIED))).toBe("mmap constrained");
    expect(last(make(), GROW, SEAL, map(PLACE))).toBe("mmap deviation");
  });

  test.each([
    ["was made so", [make("0x8 /* MFD_??? */"), GROW, SEAL]],
    ["was made so by name", [make("MFD_CLOEXEC|MFD_NOEXEC_SEAL"), GROW, SEAL]],
    ["was changed", [make(), GROW, "1 fchmod(3, 0644) = 0", SEAL]],
    ["turns out so", [make(), GROW, "1 fstat(3, {st_mode=S_IFREG|0600, st_size=8192}) = 0", SEAL]],
  ])("that cannot be executed, for it %s, does not", (_, lines) => {
    expect(last(...lines, map(PLACE))).toBe("mmap constrained");
    expect(last(...lines, map(DENIED))).toBe("mmap deviation");
  });

  test("that can be executed again", () => {
    const changed = ["1 fchmod(3, 0644) = 0", "1 fchmod(3, 0755) = 0"];
    expect(last(make(), GROW, ...changed, SEAL, map(DENIED))).toBe("mmap constrained");
  });
});

test("F_GET_SEALS tells of seals that nobody saw being added", () => {
  const told = "1 fcntl(3, F_GET_SEALS) = 0x8 (seals F_SEAL_WRITE)";
  expect(last(make(), GROW, told, map(DENIED))).toBe("mmap constrained");
  expect(last(make(), GROW, map(DENIED))).toBe("mmap deviation");
});

describe("a file that is opened anew through /proc", () => {
  const again = (flags: string, path = "/proc/self/fd/3"): string =>
    `1 openat(AT_FDCWD, "${path}", ${flags}) = 4`;

  test("is the same file, with its seals", () => {
    expect(last(make(), GROW, again("O_RDWR"), SEAL, map(DENIED, 4))).toBe("mmap constrained");
    expect(last(make(), GROW, again("O_RDWR", "/tmp/3"), SEAL, map(PLACE, 4))).not.toMatch(
      /deviation/,
    );
  });

  test("has flags of its own", () => {
    const denied = "-1 EACCES (Permission denied)";
    expect(last(make(), GROW, again("O_RDONLY"), map(denied, 4))).toBe("mmap constrained");
    expect(last(make(), GROW, again("O_RDONLY"), map(PLACE, 4))).toBe("mmap deviation");
  });
});
