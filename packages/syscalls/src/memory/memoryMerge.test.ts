import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said } from "../testing/machine.ts";
import { taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const { PR_SET_MEMORY_MERGE: SET, PR_GET_MEMORY_MERGE: GET } = PR;
const AT = 0x4000_0000;
const PAGE = 4096;

function start(release: string, ksm = true): Task {
  return taskWithPages(2, { release, settings: { ksm } });
}

const prctl = (task: Task, ...registers: readonly number[]): number | string =>
  said(call(task, "prctl", ...registers));

/** Maps pages of private memory, or of shared memory. */
function map(task: Task, at: number, type: "private" | "shared" = "private"): void {
  const flags = type === "private" ? 0x32 : 0x31;
  expect(said(call(task, "mmap", at, PAGE, 3, flags, -1, 0))).toBe(at);
}

/** The areas from {@link AT} on: in pages, with `m` where KSM may merge them. */
function areas(task: Task): string {
  const { space } = task;
  return [...space.areas]
    .filter((area) => space.areas.start[area] >= AT / PAGE && space.areas.start[area] < 0x5_0000)
    .map((area) => {
      const pages = space.areas.end[area] - space.areas.start[area];
      return `${pages}${(space.areas.flags[area] & 0x8000_0000) !== 0 ? "m" : ""}`;
    })
    .join(" ");
}

describe.each(["6.12", "6.17"])("PR_SET_MEMORY_MERGE on %s", (release) => {
  test("marks what there is and what comes, but nothing that is shared", () => {
    const task = start(release);
    map(task, AT);
    map(task, AT + 2 * PAGE, "shared");
    expect([prctl(task, SET, 5), prctl(task, GET)]).toEqual([0, 1]);
    map(task, AT + 4 * PAGE);
    map(task, AT + 6 * PAGE, "shared");
    expect(areas(task)).toBe("1m 1 1m 1");
    expect([prctl(task, SET, 0), prctl(task, GET)]).toEqual([0, 0]);
    expect(areas(task)).toBe("1 1 1 1");
  });

  test("is inherited by children", () => {
    const task = start(release);
    prctl(task, SET, 1);
    expect(task.space.fork().mergeAny).toBe(true);
  });

  test.each([
    ["set", [SET, 1, 0, 0, 1]],
    ["asked for", [GET, 1]],
  ])("wants zeros for the rest where it is %s", (_, registers) => {
    expect(prctl(start(release), ...registers)).toBe("EINVAL prctl/memory-merge-arguments");
  });
});

test.each([
  ["6.16", "1m 1m"],
  ["6.17", "2m"],
])("on %s new memory beside marked memory makes areas of %s", (release, expected) => {
  const task = start(release);
  map(task, AT);
  prctl(task, SET, 1);
  map(task, AT + PAGE);
  expect(areas(task)).toBe(expected);
});

test.each([
  ["6.1", true],
  ["6.12", false],
])("Linux %s knows no such option (KSM: %s)", (release, ksm) => {
  expect(prctl(start(release, ksm), SET, 1)).toBe("EINVAL prctl/unknown-option");
});
