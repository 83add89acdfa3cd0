import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const open = (path: string, flags: string): string => `1 openat(AT_FDCWD, "${path}", ${flags}) = 3`;
const map = (result: string): string =>
  `1 mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0) = ${result}`;
const MAPPED = map("0x7f0000000000");
const NOT_MAPPED = map("-1 ENODEV (No such device)");

/** The verdict on the last line. */
const last = (...lines: readonly string[]): string | undefined => verdicts(log(...lines)).at(-1);

test("what was opened under an ordinary path is taken for a regular file", () => {
  expect(last(open("/tmp/x", "O_RDONLY"), MAPPED)).toBe("3 mmap constrained");
});

test.each([
  // A directory can be opened to be read, and not be mapped.
  ["/tmp", "O_RDONLY", "undetermined"],
  // And so can a named pipe, also to be written.
  ["/tmp/x", "O_RDWR", "undetermined"],
  ["/tmp/x", "O_RDWR|O_CREAT, 0600", "undetermined"],
  ["/tmp/x", "O_RDONLY|O_CREAT|O_EXCL, 0600", "deviation"],
  ["/tmp", "O_RDONLY|O_DIRECTORY", "constrained"],
  ["/dev/tty", "O_RDWR", "undetermined"],
])("that %s, opened with %s, cannot be mapped is %s", (path, flags, verdict) => {
  expect(last(open(path, flags), NOT_MAPPED)?.replace("exact", "constrained")).toBe(
    `3 mmap ${verdict}`,
  );
});

test("whoever mapped a file has learned that it can be mapped", () => {
  expect(last(open("/tmp/x", "O_RDONLY"), MAPPED, NOT_MAPPED)).toBe("4 mmap deviation");
});
