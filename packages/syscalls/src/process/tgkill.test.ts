import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine, type TestTaskOptions } from "../testing/machine.ts";

function machine(ids: TestTaskOptions = {}): {
  readonly caller: Task;
  readonly thread: Task;
  readonly other: Task;
} {
  const world = new TestMachine();
  const [caller, other] = [world.spawn(), world.spawn(ids)];
  const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
  const tid = must(call(caller, "clone", flags, 0, 0, 0, 0));
  return { caller, thread: world.task(tid), other };
}

describe("tgkill", () => {
  test.each([
    [
      "a thread of the process",
      (c: Task, t: Task): readonly number[] => [c.pid.number, t.pid.number, 0],
      0,
    ],
    ["itself", (c: Task): readonly number[] => [c.pid.number, c.pid.number, 0], 0],
    [
      "a thread by another's process",
      (_: Task, t: Task, o: Task) => [o.pid.number, t.pid.number, 0],
      "ESRCH tgkill/no-thread",
    ],
    [
      "a thread by its own number as the process",
      (_: Task, t: Task) => [t.pid.number, t.pid.number, 0],
      "ESRCH tgkill/no-thread",
    ],
    ["nobody", (c: Task) => [c.pid.number, 30_000, 0], "ESRCH tgkill/no-thread"],
    [
      "nobody, with a signal that is none",
      (c: Task) => [c.pid.number, 30_000, 65],
      "ESRCH tgkill/no-thread",
    ],
    [
      "a signal that is none",
      (c: Task, t: Task) => [c.pid.number, t.pid.number, 65],
      "EINVAL kill/bad-signal",
    ],
    ["process 0", (_: Task, t: Task) => [0, t.pid.number, 0], "EINVAL tgkill/not-positive"],
    ["thread 0", (c: Task) => [c.pid.number, 0, 0], "EINVAL tgkill/not-positive"],
    [
      "process -1, with a signal that is none",
      (_: Task, t: Task) => [-1, t.pid.number, 65],
      "EINVAL tgkill/not-positive",
    ],
  ] as const)("names %s", (_what, args, expected) => {
    const { caller, thread, other } = machine();
    expect(said(call(caller, "tgkill", ...args(caller, thread, other)))).toBe(expected);
  });

  test("ends the whole process of the thread", () => {
    const { caller, thread, other } = machine();
    const { group } = caller.thread;
    must(call(other, "tgkill", caller.pid.number, thread.pid.number, SIG.SIGKILL));
    expect([group.state === "alive", other.thread.group.state]).toEqual([false, "alive"]);
  });

  test("asks who may signal behind whether there is anybody, and whether there is the signal", () => {
    const { caller, other } = machine({ uid: 1000 });
    const { number } = caller.pid;
    expect(said(call(other, "tgkill", number, number, 0))).toBe("EPERM kill/not-permitted");
    expect(said(call(other, "tgkill", number, number, -1))).toBe("EINVAL kill/bad-signal");
  });
});

test.each([
  ["a thread", (_: Task, t: Task) => t.pid.number, 0],
  ["a process", (_: Task, __: Task, o: Task) => o.pid.number, 0],
  ["nobody", () => 30_000, "ESRCH tgkill/no-thread"],
  ["-1", () => -1, "EINVAL tgkill/not-positive"],
] as const)("tkill names %s", (_what, tid, expected) => {
  const { caller, thread, other } = machine();
  expect(said(call(caller, "tkill", tid(caller, thread, other), 0))).toBe(expected);
});
