import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const last = (...lines: readonly string[]): string =>
  verdicts(log(...lines))
    .at(-1)!
    .replace(/^\d+ /, "");

const MAP =
  "1 mmap(0x20000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x20000000";
const INVALID = "-1 EINVAL (Invalid argument)";
const move = (lengths: string, rest = ""): string =>
  `1 mremap(0x20000000, ${lengths}, MREMAP_MAYMOVE|MREMAP_DONTUNMAP${rest})`;

// glibc hands on a fifth argument with MREMAP_DONTUNMAP; strace 6.1 does not show it.
test("an address that strace leaves out may be why a move with DONTUNMAP is refused", () => {
  expect(last(MAP, `${move("4096, 4096")} = ${INVALID}`)).toBe("mremap undetermined");
  expect(last(MAP, `${move("4096, 8192")} = ${INVALID}`)).toBe("mremap exact");
  expect(last(MAP, `${move("4096, 4096")} = -1 ENOENT (No such file or directory)`)).toBe(
    "mremap deviation",
  );
  expect(last(MAP, `${move("4096, 4096")} = 0x7f0000000000`)).toBe("mremap constrained");
});

test("an address that is shown is looked at", () => {
  const fixed = "|MREMAP_FIXED, 0x30000000";
  const room = "1 munmap(0x30000000, 4096) = 0";
  expect(last(MAP, room, `${move("4096, 4096", fixed)} = ${INVALID}`)).toBe("mremap deviation");
  expect(last(MAP, `${move("4096, 4096", ", 0x30000000")} = ${INVALID}`)).toBe("mremap deviation");
});

// Seen on 6.18: a write below a stack makes it grow, and no line of a log shows that.
test("what lies below a mapping that grows down may have become part of it", () => {
  const stack =
    "1 mmap(0x20000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_GROWSDOWN, -1, 0) = 0x20000000";
  const room = "1 munmap(0x1f000000, 0x2000000) = 0";
  expect(last(room, stack, "1 madvise(0x1ffff000, 8192, MADV_DONTNEED) = 0")).toBe(
    "madvise undetermined",
  );
  expect(last(room, stack, "1 madvise(0x20001000, 4096, MADV_DONTNEED) = 0")).toBe(
    "madvise deviation",
  );
});

test("a call that only the 32-bit gate has came in by it", () => {
  const low = (name: string, place: string): string =>
    last(
      '1 execve("./a", ["./a"], 0x7ffd00000000 /* 1 var */) = 0',
      `1 ${name}(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${place}`,
    );
  expect(low("mmap2", "0xf7f0c000")).toBe("mmap2 constrained");
  expect(low("mmap2", "0x7f0000000000")).toBe("mmap2 deviation");
  expect(low("mmap", "0x7f0000000000")).toBe("mmap constrained");
});
