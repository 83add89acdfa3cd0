import { describe, expect, test } from "vitest";
import { exited, killed, Machine } from "./testing/machine.ts";

describe("how a task ended stays with its number", () => {
  test("from the moment on that the process was waited for", () => {
    const machine = new Machine();
    const { group, pid } = machine.child();
    machine.table.exitGroup(group, exited(3));
    expect(pid.ended).toBeUndefined();
    machine.wait();
    expect(pid.ended).toEqual(exited(3));
  });

  test("of a thread that leads none at once, whatever becomes of the process", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.exitThread(thread, exited(5));
    machine.table.exitGroup(leader.group, killed(9));
    expect(thread.pid.ended).toEqual(exited(5));
  });

  test("of a process whose leader ended first it is the process' own end", () => {
    const machine = new Machine();
    const leader = machine.child();
    machine.thread(leader.group);
    machine.table.exitThread(leader, exited(5));
    machine.table.exitGroup(leader.group, exited(3));
    machine.wait();
    expect([leader.exitStatus, leader.pid.ended]).toEqual([exited(5), exited(3)]);
  });

  test.each([
    ["lived", undefined, exited(0)],
    ["had ended", exited(5), exited(5)],
  ])("of a thread that executed it is the leader's, which %s", (_, leaderEnd, end) => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    if (leaderEnd !== undefined) machine.table.exitThread(leader, leaderEnd);
    machine.table.becomeLeader(thread);
    expect(thread.pid.ended).toEqual(end);
    expect(leader.pid.ended).toBeUndefined();
  });

  test("is taken back with what took the process away", () => {
    const machine = new Machine();
    const { group, pid } = machine.child();
    const { journal } = machine.table.ports;
    machine.table.exitGroup(group, exited(1));
    const mark = journal.begin();
    machine.wait();
    journal.undo(mark);
    expect([pid.ended, group.state]).toEqual([undefined, "zombie"]);
  });
});
