import { CLONE, must } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";

const { CLONE_NEWUSER, CLONE_NEWUTS, CLONE_NEWNET } = CLONE;

/** Joins a namespace of a process. */
function join(task: Task, pid: number, flags: number): string {
  const fd = must(call(task, "pidfd_open", pid, 0));
  return String(said(call(task, "setns", fd, flags)));
}

describe("who left for a user namespace of its own", () => {
  test("owns none of the namespaces that it had", () => {
    const task = new TestMachine({ release: "6.18" }).spawn();
    must(call(task, "unshare", CLONE_NEWUSER));
    expect(join(task, task.pid.number, CLONE_NEWUTS)).toBe("EPERM setns/not-admin");
  });

  test("owns those that it made since, and what a child inherits of them", () => {
    const task = new TestMachine({ release: "6.18" }).spawn();
    must(call(task, "unshare", CLONE_NEWUSER));
    must(call(task, "unshare", CLONE_NEWUTS));
    const child = must(call(task, "fork"));
    expect(join(task, task.pid.number, CLONE_NEWUTS)).toBe("0");
    expect(join(task, child, CLONE_NEWUTS)).toBe("0");
    expect(join(task, child, CLONE_NEWUTS | CLONE_NEWNET)).toBe("EPERM setns/not-admin");
  });

  test("takes with a namespace who owns it", () => {
    const machine = new TestMachine({ release: "6.18" });
    const [outside, inside] = [machine.spawn(), machine.spawn()];
    must(call(inside, "unshare", CLONE_NEWUSER | CLONE_NEWUTS));
    expect(join(outside, inside.pid.number, CLONE_NEWUTS)).toBe("0");
    expect(join(inside, outside.pid.number, CLONE_NEWUTS)).toBe("EPERM setns/denied");
    expect(outside.namespaceOwners.get(CLONE_NEWUTS)).toBe(
      inside.subject.credentials.userNamespace,
    );
  });
});
