import { must, POLL } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { words } from "../copyUser.ts";
import { Registers } from "../registers.ts";
import { enter } from "../table.ts";
import type { Task } from "../task.ts";
import { call, call32, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const TIME = HEAP + 64;
const MASK = HEAP + 128;
const BAD = 8;
const ALL = 0xffff_ffff;

/** A task that polls its terminal, with a time and a mask in memory. */
function start(fd = -1, ...time: readonly number[]): Task {
  const task = taskWithPages(1);
  must(task.space.write(HEAP / PAGE, words(fd, POLL.POLLIN)));
  must(task.space.write(HEAP / PAGE, words(...time), 64));
  return task;
}

/** Linux 6.18.44 answered so. */
describe("ppoll looks at its time, then at its mask, then at the descriptors", () => {
  test.each([
    ["no time to wait", [0, 0, 0, 0], [HEAP, 1, TIME, 0, 0], 0],
    ["a negative time", [ALL, ALL, 0, 0], [HEAP, 1, TIME, 0, 0], "EINVAL ppoll/bad-time"],
    ["a second of nanoseconds", [0, 0, 10 ** 9, 0], [HEAP, 1, TIME, 0, 0], "EINVAL ppoll/bad-time"],
    ["negative nanoseconds", [0, 0, ALL, ALL], [HEAP, 1, TIME, 0, 0], "EINVAL ppoll/bad-time"],
    ["a time that cannot be read", [], [HEAP, 1, BAD, 0, 0], "EFAULT syscall/fault"],
    ["a mask of 4 bytes", [], [HEAP, 1, TIME, MASK, 4], "EINVAL ppoll/mask-size"],
    ["a mask of 8 bytes", [], [HEAP, 1, TIME, MASK, 8], 0],
    ["no mask of 4 bytes", [], [HEAP, 1, TIME, 0, 4], 0],
    ["a mask that cannot be read", [], [HEAP, 1, TIME, BAD, 8], "EFAULT syscall/fault"],
    ["a mask of a wrong size, nowhere", [], [HEAP, 1, TIME, BAD, 4], "EINVAL ppoll/mask-size"],
    ["a bad time and a bad mask", [ALL, ALL], [HEAP, 1, TIME, BAD, 4], "EINVAL ppoll/bad-time"],
    ["a bad mask and no descriptors", [], [BAD, 1, TIME, MASK, 4], "EINVAL ppoll/mask-size"],
    ["no descriptors", [], [BAD, 1, TIME, MASK, 8], "EFAULT syscall/fault"],
    [
      "a size of more than 32 bits",
      [],
      [HEAP, 1, TIME, MASK, 2 ** 32 + 8],
      "EINVAL ppoll/mask-size",
    ],
  ])("%s", (_what, time, args, expected) => {
    expect(said(call(start(-1, ...time), "ppoll", ...args))).toBe(expected);
  });
});

test("ppoll tells what poll tells, and sleeps where it has no time and nothing is ready", () => {
  expect(said(call(start(0), "ppoll", HEAP, 1, TIME, 0, 0))).toBe(1);
  expect(said(call(start(0), "ppoll", HEAP, 1, 0, 0, 0))).toBe(1);
  expect(said(call(start(), "ppoll", HEAP, 1, 0, 0, 0))).toBe(
    "ERESTARTNOHAND syscall/interrupted-without-handler",
  );
});

test("a 32-bit program's times have 32 bits each", () => {
  expect(said(call32(start(-1, 0, 999_999_999), "ppoll", HEAP, 1, TIME, 0, 0))).toBe(0);
  expect(said(call32(start(-1, 0, 10 ** 9), "ppoll", HEAP, 1, TIME, 0, 0))).toBe(
    "EINVAL ppoll/bad-time",
  );
  expect(said(call32(start(-1, ALL, 0), "ppoll", HEAP, 1, TIME, 0, 0))).toBe(
    "EINVAL ppoll/bad-time",
  );
});

test("arm64 has no other poll", () => {
  expect(said(enter(start(0), "arm64", 73, new Registers(HEAP, 1, TIME)))).toBe(1);
});
