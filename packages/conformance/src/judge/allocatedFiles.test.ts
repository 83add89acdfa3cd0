import { expect, test } from "vitest";
import { log, verdicts } from "./testing/judgeText.ts";

const MAP =
  "1 mmap(0x20000000, 16384, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED, 3, 0) = 0x20000000";
const BEYOND = "-1 EFAULT (Bad address)";
/** Whether the third page lies within the file: POPULATE_READ tells. */
const third = (result: string): string =>
  `1 madvise(0x20002000, 4096, MADV_POPULATE_READ) = ${result}`;

const last = (...lines: readonly string[]): string => {
  const memfd = '1 memfd_create("m", MFD_CLOEXEC) = 3';
  return verdicts(log(memfd, ...lines)).at(-1) ?? "";
};

test.each([
  ["room makes a file longer", "0, 0, 12288", "0", "exact"],
  ["as long as that", "0, 0, 12288", BEYOND, "deviation"],
  ["room for less leaves it short", "0, 0, 8192", BEYOND, "exact"],
  ["room for less, and it is not longer", "0, 0, 8192", "0", "deviation"],
  ["room that keeps the size does not", "FALLOC_FL_KEEP_SIZE, 0, 12288", BEYOND, "exact"],
  ["a hole leaves the size", "FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 12288", BEYOND, "exact"],
])("%s", (_, args, result, verdict) => {
  const said = last(`1 fallocate(3, ${args}) = 0`, MAP, third(result));
  expect(said).toMatch(new RegExp(`madvise ${verdict}$`));
});

test("a call that failed changes nothing", () => {
  const refused = "1 fallocate(3, 0, 0, 12288) = -1 ENOSPC (No space left on device)";
  expect(last(refused, MAP, third(BEYOND))).toMatch(/exact$/);
});

test("what moves the contents leaves open how long the file is", () => {
  const room = "1 fallocate(3, 0, 0, 8192) = 0";
  const moved = "1 fallocate(3, FALLOC_FL_INSERT_RANGE, 0, 4096) = 0";
  expect(last(room, MAP, third("0"))).toMatch(/deviation$/);
  expect(last(room, moved, MAP, third("0"))).not.toMatch(/deviation$/);
});
