import { expect, test } from "vitest";
import { Pid } from "./pid.ts";
import { exited, Machine } from "./testing/machine.ts";

// Linux: kernel/fork.c copy_process, copy_signal
test("a new process is alive and whole: nothing has happened to it yet", () => {
  const { group } = new Machine().child();
  const { leadsSession, hasExecuted, stopped, dying, isSubreaper, awaitsNamespace } = group;
  expect([leadsSession, hasExecuted, stopped, dying]).toEqual([false, false, false, false]);
  expect([isSubreaper, awaitsNamespace, group.state]).toEqual([false, false, "alive"]);
});

test("a new thread runs, and has not called exit", () => {
  const { shell } = new Machine();
  expect([shell.alive, shell.exiting, shell.exitStatus]).toEqual([true, false, undefined]);
});

test("a child is in its parent's session and process group, whatever these are", () => {
  const machine = new Machine();
  const first = machine.child();
  expect([first.group.session, first.group.processGroup]).toEqual([
    machine.shell.pid,
    machine.shell.pid,
  ]);
  first.group.session = first.pid;
  first.group.processGroup = first.pid;
  const { group } = machine.table.spawn(() => "grandchild", { parent: first.group });
  expect([group.session, group.processGroup]).toEqual([first.pid, first.pid]);
});

test("a process without a parent is alone in its session and process group", () => {
  const { pid, group } = new Machine().shell;
  expect([group.session, group.processGroup]).toEqual([pid, pid]);
});

test("a process of the initial namespace has a number in that one alone", () => {
  const { table, shell } = new Machine();
  expect(shell.pid.inner).toEqual([]);
  const pid = new Pid<string>(5, table.namespace);
  expect([pid.inner, pid.numberIn(table.namespace)]).toEqual([[], 5]);
});

// A record may show a number again without having shown how its first holder ended.
test("a number that is given anew stays the later one's, whatever becomes of the earlier", () => {
  const { table } = new Machine();
  const [earlier, later] = [1, 2].map(() => table.spawn(() => "p", { number: 50 }));
  table.exitGroup(earlier.group, exited(0));
  expect([earlier.group.state, table.find(50)]).toEqual(["reaped", later.pid]);
});

test("who has ended does not end again, nor does anybody come back", () => {
  const machine = new Machine({ exitStatus: "leader" });
  const leader = machine.child();
  const thread = machine.thread(leader.group);
  machine.table.exitThread(leader, exited(3));
  machine.table.exitThread(leader, exited(5));
  expect(leader.group.exitStatus).toEqual(exited(3));
  machine.table.exitThread(thread, exited(0));
  expect(machine.wait()).toBe(leader.group);
  machine.table.exitThread(leader, exited(7));
  expect([leader.group.state, leader.pid.ended]).toEqual(["reaped", exited(3)]);
});
