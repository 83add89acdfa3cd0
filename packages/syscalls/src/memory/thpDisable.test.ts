import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said } from "../testing/machine.ts";
import { taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const { PR_SET_THP_DISABLE: SET, PR_GET_THP_DISABLE: GET } = PR;
const AT = 0x4000_0000;
const HUGE = 0x20_0000;

function start(release: string): Task {
  const task = taskWithPages(2, { release, settings: { thp: true, thpEnabled: "always" } });
  expect(said(call(task, "mmap", AT, 2 * HUGE, 3, 0x32, -1, 0))).toBe(AT);
  return task;
}

const prctl = (task: Task, ...registers: readonly number[]): number | string =>
  said(call(task, "prctl", ...registers));

const isEligible = (task: Task): boolean =>
  /^THPeligible: +1$/m.test(task.space.smaps().slice(task.space.smaps().indexOf("40000000-")));

describe.each(["5.10", "6.17", "6.18"])("PR_SET_THP_DISABLE on %s", (release) => {
  test("keeps huge pages out, of advised memory too, until it is taken back", () => {
    const task = start(release);
    expect(isEligible(task)).toBe(true);
    expect(prctl(task, SET, 1)).toBe(0);
    expect(prctl(task, GET)).toBe(1);
    expect(said(call(task, "madvise", AT, HUGE, 14))).toBe(0);
    expect(isEligible(task)).toBe(false);
    expect(prctl(task, SET, 0)).toBe(0);
    expect([prctl(task, GET), isEligible(task)]).toEqual([0, true]);
  });

  test.each([
    ["what it does not use", [SET, 1, 0, 1]],
    ["what PR_GET_THP_DISABLE does not use", [GET, 1]],
    ["the last of it", [GET, 0, 0, 0, 1]],
  ])("wants zeros for %s", (_, registers) => {
    expect(prctl(start(release), ...registers)).toBe("EINVAL prctl/thp-disable-arguments");
  });
});

describe("PR_THP_DISABLE_EXCEPT_ADVISED", () => {
  test("leaves memory that was advised, since 6.18", () => {
    const task = start("6.18");
    expect(prctl(task, SET, 1, 2)).toBe(0);
    expect([prctl(task, GET), isEligible(task)]).toEqual([3, false]);
    expect(said(call(task, "madvise", AT, 2 * HUGE, 14))).toBe(0);
    expect(isEligible(task)).toBe(true);
  });

  test("is an argument too many before", () => {
    expect(prctl(start("6.17"), SET, 1, 2)).toBe("EINVAL prctl/thp-disable-arguments");
  });

  test.each([
    [0, 2],
    [1, 1],
    [1, 4],
  ])("disable %i with flags %i is refused", (disable, flags) => {
    expect(prctl(start("6.18"), SET, disable, flags)).toBe("EINVAL prctl/thp-disable-flags");
  });
});

test("MADV_COLLAPSE is refused where huge pages are disabled, and is advice of its own", () => {
  const task = start("6.18");
  expect(said(call(task, "madvise", AT, 1, 23))).toBe(0);
  prctl(task, SET, 1, 2);
  expect(said(call(task, "madvise", AT, HUGE, 25))).toBe(0);
  prctl(task, SET, 1);
  expect(said(call(task, "madvise", AT, HUGE, 25))).toBe("EINVAL madvise/collapse-unsuitable");
});
