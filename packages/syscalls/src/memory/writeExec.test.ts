import { PR } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { call, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import type { Task } from "../task.ts";

const { PR_SET_MDWE: SET, PR_GET_MDWE: GET } = PR;

function start(release = "6.12"): Task {
  return taskWithPages(2, { release });
}

function prctl(task: Task, ...registers: readonly number[]): number | string {
  return said(call(task, "prctl", ...registers));
}

describe("PR_SET_MDWE", () => {
  test("keeps what may be written from becoming executable", () => {
    const task = start();
    expect(prctl(task, SET, 1)).toBe(0);
    expect(prctl(task, GET)).toBe(1);
    expect(said(call(task, "mprotect", HEAP, PAGE, 5))).toBe("EACCES mprotect/write-exec");
    expect(said(call(task, "mmap", 0, PAGE, 7, 0x22, -1, 0))).toBe("EACCES mmap/write-exec");
  });

  test.each([
    ["an argument that is not used", [SET, 1, 0, 1], "EINVAL prctl/mdwe-arguments"],
    ["an argument to PR_GET_MDWE", [GET, 1], "EINVAL prctl/mdwe-arguments"],
    ["an unknown bit", [SET, 4], "EINVAL prctl/mdwe-bits"],
    ["PR_MDWE_NO_INHERIT alone", [SET, 2], "EINVAL prctl/mdwe-bits"],
  ])("refuses %s", (_, registers, answer) => {
    expect(prctl(start(), ...registers)).toBe(answer);
  });

  test("cannot be taken back or changed, and asked again is fine", () => {
    const task = start();
    expect([prctl(task, SET, 0), prctl(task, SET, 3), prctl(task, SET, 3)]).toEqual([0, 0, 0]);
    expect(prctl(task, SET, 1)).toBe("EPERM prctl/mdwe-stays");
    expect(prctl(task, SET, 0)).toBe("EPERM prctl/mdwe-stays");
  });

  test("a child inherits it, unless told otherwise", () => {
    const [plain, alone] = [start(), start()];
    prctl(plain, SET, 1);
    prctl(alone, SET, 3);
    expect([plain.space.fork().denyWriteExec, alone.space.fork().denyWriteExec]).toEqual([
      ...[true, false],
    ]);
  });

  test("a new program inherits it as a child does", () => {
    const after = (bits: number): boolean => {
      const task = start();
      prctl(task, SET, bits);
      call(task, "execve", 0, 0, 0);
      return task.space.denyWriteExec;
    };
    expect([after(0), after(1), after(3)]).toEqual([false, true, false]);
  });

  test("needs 6.3, PR_MDWE_NO_INHERIT 6.6", () => {
    expect(prctl(start("6.1"), SET, 1)).toBe("EINVAL prctl/unknown-option");
    expect(prctl(start("6.5"), SET, 3)).toBe("EINVAL prctl/mdwe-bits");
    expect(prctl(start("6.6"), SET, 3)).toBe(0);
  });
});
