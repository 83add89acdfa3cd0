import { describe, expect, test } from "vitest";
import { Pidfd, taskOf } from "./pidfd.ts";
import { exited, Machine } from "./testing/machine.ts";

const LOOKUPS = ["thread", "group"] as const;

describe.each(LOOKUPS)("a pidfd of a process, looked up by %s,", (lookup) => {
  test("leads to its leader while it lives, and while it is a zombie", () => {
    const machine = new Machine();
    const leader = machine.child();
    const { pid } = new Pidfd(leader.pid);
    expect(taskOf(pid, lookup)).toBe(leader);
    machine.table.exitGroup(leader.group, exited(0));
    expect(taskOf(pid, lookup)).toBe(leader);
  });

  test("leads to the leader also where that ended and other threads live", () => {
    const machine = new Machine();
    const leader = machine.child();
    machine.thread(leader.group);
    machine.table.exitThread(leader, exited(0));
    expect(taskOf(leader.pid, lookup)).toBe(leader);
  });

  test("leads nowhere once the process was waited for, whoever has the number then", () => {
    const machine = new Machine();
    const { pid } = machine.zombie();
    machine.wait();
    const next = machine.table.spawn(() => "next", { number: pid.number });
    expect(next.pid.number).toBe(pid.number);
    expect(taskOf(pid, lookup)).toBeUndefined();
    expect(taskOf(next.pid, lookup)).toBe(next);
  });

  test("stays with the process where another thread calls execve", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.becomeLeader(thread);
    expect(taskOf(leader.pid, lookup)).toBe(leader.group.leader);
    expect(taskOf(leader.pid, lookup)?.payload).toBe("thread");
    expect(taskOf(thread.pid, lookup)).toBeUndefined();
  });
});

describe("a pidfd of a thread that leads none", () => {
  test("leads to it by thread, and to nobody by group", () => {
    const machine = new Machine();
    const thread = machine.thread(machine.child().group);
    const { pid } = new Pidfd(thread.pid, { threadOnly: true });
    expect(LOOKUPS.map((lookup) => taskOf(pid, lookup))).toEqual([thread, undefined]);
  });

  test("leads nowhere once the thread ended, though its process lives", () => {
    const machine = new Machine();
    const { group } = machine.child();
    const thread = machine.thread(group);
    machine.table.exitThread(thread, exited(0));
    expect(LOOKUPS.map((lookup) => taskOf(thread.pid, lookup))).toEqual([undefined, undefined]);
  });
});

test("a pidfd waits and means the process, unless it was opened otherwise", () => {
  const { pid } = new Machine().child();
  const plain = new Pidfd(pid);
  expect([plain.kind, plain.threadOnly, plain.nonblock]).toEqual(["pidfd", false, false]);
  const other = new Pidfd(pid, { threadOnly: true, nonblock: true });
  expect([other.threadOnly, other.nonblock]).toEqual([true, true]);
});
