import { expect, test } from "vitest";
import { numbersOf, parseLimits, parseStatus, UNLIMITED } from "./procStatus.ts";

// As Linux 6.18 prints them.
const STATUS =
  "Name:\ta:b\nUid:\t0\t1000\t0\t7\nGroups:\t4 24 \nCapEff:\t000001fffeffffff\nNoNewPrivs:\t1\n";
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max stack size            8388608              unlimited            bytes
Max locked memory         8388608              8388608              bytes
Max open files            1024                 20000                files
`;

test("a name with a colon does not spoil the status", () => {
  const status = parseStatus(STATUS);
  expect(status.get("Name")).toBe("a:b");
  expect(status.get("CapEff")).toBe("000001fffeffffff");
  expect(numbersOf(status.get("Uid"))).toEqual([0, 1000, 0, 7]);
  expect(numbersOf(status.get("Groups"))).toEqual([4, 24]);
  expect(numbersOf(undefined)).toEqual([]);
});

test("limits have a soft and a hard value; the ones that are not told are not there", () => {
  expect(parseLimits(LIMITS)).toEqual({
    RLIMIT_STACK: { soft: 8388608, hard: UNLIMITED },
    RLIMIT_MEMLOCK: { soft: 8388608, hard: 8388608 },
    RLIMIT_NOFILE: { soft: 1024, hard: 20000 },
  });
});
