import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";
import { execProgram } from "./execve.ts";

const NEWTIME = 0x80;
const { CLONE_VM, CLONE_VFORK, CLONE_SIGHAND, CLONE_THREAD, CLONE_FILES } = CLONE;
const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
const CONFLICT = "EINVAL clone/flags-conflict";

/** A machine, and a task on it whose children are made in another time namespace. */
function leaving(release: string): { readonly machine: TestMachine; readonly task: Task } {
  const machine = new TestMachine({ release });
  const task = machine.spawn();
  must(call(task, "unshare", NEWTIME));
  return { machine, task };
}
const clone = (task: Task, flags: number): number | string =>
  said(call(task, "clone", flags, 0, 0, 0, 0));

describe("who left for another time namespace", () => {
  test.each([
    ["5.10", "shares its memory with no child", CLONE_VM | SIG.SIGCHLD, CONFLICT],
    ["6.1", "does not vfork", CLONE_VM | CLONE_VFORK | SIG.SIGCHLD, CONFLICT],
    ["6.1", "makes no thread", THREAD, CONFLICT],
    ["6.1", "shares other things", CLONE_FILES | SIG.SIGCHLD, expect.any(Number)],
    ["6.2", "shares its memory", CLONE_VM | SIG.SIGCHLD, expect.any(Number)],
    ["6.2", "makes threads", THREAD, expect.any(Number)],
  ])("on %s %s", (release, _, flags, answer) => {
    expect(clone(leaving(release).task, flags)).toEqual(answer);
  });

  test("is told so before what CLONE_PIDFD may not be with", () => {
    const { task } = leaving("6.1");
    const refused = call(task, "clone", CLONE_VM | CLONE.CLONE_PIDFD | CLONE.CLONE_DETACHED, 0, 0);
    expect(refused.ok ? "" : refused.reason.text).not.toBe("");
    expect(refused.ok ? "" : Object.values(refused.reason.compared)).toContain(
      "CLONE_VM where children are made in another time namespace",
    );
  });

  test("has children that have arrived", () => {
    const { machine, task } = leaving("6.1");
    const child = machine.task(Number(clone(task, SIG.SIGCHLD)));
    expect(clone(child, CLONE_VM | SIG.SIGCHLD)).toEqual(expect.any(Number));
  });

  test("has threads that have not, as children who share memory have not", () => {
    const { machine, task } = leaving("6.2");
    const own = machine.task(Number(clone(task, CLONE_VM | SIG.SIGCHLD)));
    expect(own.childrenLeaveTime).toBe(true);
    expect(machine.task(Number(clone(task, SIG.SIGCHLD))).childrenLeaveTime).toBe(false);
  });

  test.each([
    ["6.1", "does not enter it", true],
    ["6.2", "enters it", false],
  ])("on %s by execve %s", (release, _, leaves) => {
    const { task } = leaving(release);
    must(execProgram(task, { owner: 0, group: 0 }));
    expect(task.childrenLeaveTime).toBe(leaves);
  });

  test("joins one for itself too", () => {
    const { machine, task } = leaving("6.1");
    const pidfd = must(call(task, "pidfd_open", machine.spawn().pid.number, 0));
    must(call(task, "setns", pidfd, NEWTIME));
    expect(clone(task, THREAD)).toEqual(expect.any(Number));
  });
});

test("who may not have a namespace has left none", () => {
  const task = new TestMachine({ release: "6.1" }).spawn({ uid: 1000 });
  expect(said(call(task, "unshare", NEWTIME))).toBe("EPERM unshare/not-permitted");
  expect(clone(task, THREAD)).toEqual(expect.any(Number));
});
