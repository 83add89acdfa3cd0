import { describe, expect, test } from "vitest";
import { pidfdFdinfo } from "./fdinfo.ts";
import { PidNamespace } from "./pidNamespace.ts";
import { Pidfd } from "./pidfd.ts";
import type { Thread } from "./thread.ts";
import type { ThreadGroup } from "./threadGroup.ts";
import { exited, killed, Machine } from "./testing/machine.ts";

/** A machine with a namespace below the initial one, and who is in it: its first process, another. */
function nested() {
  const machine = new Machine({ firstNumber: 500 });
  const namespace = new PidNamespace<string>(machine.table.namespace);
  const inside = (
    parent: ThreadGroup<string> = machine.shell.group,
    within: PidNamespace<string> = namespace,
  ): Thread<string> => machine.table.spawn(() => "inside", { parent, namespace: within });
  const init = inside();
  return { machine, table: machine.table, namespace, inside, init };
}

describe("numbers", () => {
  test("go from 1 on in a new namespace, and on as ever around it", () => {
    const { namespace, inside, init } = nested();
    const other = inside();
    expect([init, other].map(({ pid }) => [pid.number, pid.numberIn(namespace)])).toEqual([
      [501, 1],
      [502, 2],
    ]);
    expect(namespace.init).toBe(init.group);
  });

  test("are none in a namespace that does not see the process", () => {
    const { machine, table, namespace, init } = nested();
    const sibling = new PidNamespace<string>(table.namespace);
    expect(machine.shell.pid.numberIn(namespace)).toBe(0);
    expect(init.pid.numberIn(sibling)).toBe(0);
    expect(table.find(1, namespace)).toBe(init.pid);
    expect(table.find(1, sibling)).toBeUndefined();
    expect(table.find(501, namespace)).toBeUndefined();
  });

  test("stand in every namespace around", () => {
    const { namespace, inside, init } = nested();
    inside();
    const deep = new PidNamespace(namespace);
    const { pid } = inside(init.group, deep);
    expect([deep.level, pid.number, pid.numberIn(namespace), pid.numberIn(deep)]).toEqual([
      2, 503, 3, 1,
    ]);
    expect([deep.isWithin(namespace), deep.isWithin(deep), namespace.isWithin(deep)]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test("that are asked for are those, innermost first, and move nothing on", () => {
    const { machine, table, namespace, inside } = nested();
    const options = { parent: machine.shell.group, namespace, numbers: [9, 900] };
    const { pid } = table.spawn(() => "asked", options);
    expect([pid.number, pid.numberIn(namespace)]).toEqual([900, 9]);
    expect([inside().pid.number, inside().pid.inner]).toEqual([502, [3]]);
  });

  test("of threads are in their process' namespace", () => {
    const { machine, namespace, init } = nested();
    const thread = machine.thread(init.group);
    expect([thread.pid.numberIn(namespace), namespace.init]).toEqual([2, init.group]);
  });

  test("are free everywhere once the process was waited for", () => {
    const { machine, table, namespace, inside } = nested();
    const { group, pid } = inside();
    table.exitGroup(group, exited(0));
    machine.wait({ number: pid.number });
    expect([table.find(pid.number), table.find(2, namespace)]).toEqual([undefined, undefined]);
  });

  test("are those of the namespace in which somebody waits", () => {
    const { machine, table, namespace, inside } = nested();
    const { group } = inside();
    table.exitGroup(group, exited(0));
    expect(machine.wait({ number: 502, namespace })).toBe("ECHILD");
    expect(machine.wait({ number: 2, namespace })).toBe(group);
  });
});

describe("the first process of a namespace", () => {
  test("takes everybody along, those further within too", () => {
    const { machine, table, namespace, inside, init } = nested();
    const deep = new PidNamespace(namespace);
    const others = [inside(init.group), inside(init.group, deep)];
    others.push(inside(others[1].group, deep));
    expect(table.diesWith(init.group)).toEqual(others.map(({ group }) => group));
    table.exitGroup(init.group, exited(4));
    expect(others.map(({ group }) => [group.state, group.exitStatus])).toEqual(
      others.map(() => ["reaped", killed(9)]),
    );
    expect([init.group.state, namespace.closed, deep.closed]).toEqual(["zombie", true, true]);
    expect(machine.wait()).toBe(init.group);
    expect(init.group.exitStatus).toEqual(exited(4));
  });

  test("is not gone before somebody outside has waited for the others", () => {
    const { machine, table, inside, init } = nested();
    const other = inside();
    table.exitGroup(init.group, killed(9));
    expect([init.group.state, other.group.state]).toEqual(["alive", "zombie"]);
    expect(machine.wait({ group: init.group })).toBe("none ready");
    expect(machine.wait({ group: other.group })).toBe(other.group);
    expect(machine.wait({ group: init.group })).toBe(init.group);
  });

  test("ends but once, with what it ended with first", () => {
    const { table, inside, init } = nested();
    inside();
    table.exitGroup(init.group, exited(4));
    table.exitGroup(init.group, killed(9));
    expect([init.group.state, init.group.exitStatus]).toEqual(["alive", exited(4)]);
  });

  test("leaves a namespace in which nobody is made any more", () => {
    const { table, namespace, init } = nested();
    expect(table.mayAllocate(namespace)).toBeUndefined();
    table.exitGroup(init.group, exited(0));
    expect(table.mayAllocate(namespace)).toMatchObject({
      code: "ENOMEM",
      reason: { id: "pid/namespace-closed" },
    });
    expect(table.mayAllocate()).toBeUndefined();
  });

  test("ends nobody where it is a thread that ends and others live", () => {
    const { machine, table, namespace, inside, init } = nested();
    const other = inside();
    machine.thread(init.group);
    table.exitThread(init, exited(0));
    expect([other.alive, namespace.closed]).toEqual([true, false]);
  });

  test("gets the orphans of its namespace", () => {
    const { table, inside, init } = nested();
    const parent = inside(init.group);
    const orphan = inside(parent.group);
    table.exitGroup(parent.group, exited(0));
    expect(orphan.group.parent).toBe(init.group);
    expect(init.group.children).toContain(orphan.group);
  });

  test("does not get those that somebody nearer asked for, but those of a subreaper outside", () => {
    const { machine, table, inside, init } = nested();
    machine.shell.group.isSubreaper = true;
    const near = inside(init.group);
    const parent = inside(near.group);
    const [first, second] = [inside(parent.group), inside(near.group)];
    near.group.isSubreaper = true;
    table.exitGroup(parent.group, exited(0));
    expect(first.group.parent).toBe(near.group);
    table.exitGroup(near.group, exited(0));
    expect([first, second].map(({ group }) => group.parent)).toEqual([init.group, init.group]);
  });
});

test("all of it is taken back", () => {
  const { table, namespace, inside, init } = nested();
  const other = inside();
  const { journal } = table.ports;
  const mark = journal.begin();
  inside();
  table.exitGroup(init.group, killed(9));
  table.reap(other.group);
  journal.undo(mark);
  expect([init.group.state, other.group.state, namespace.closed]).toEqual([
    "alive",
    "alive",
    false,
  ]);
  expect([...namespace.pids.keys()]).toEqual([1, 2]);
  expect(inside().pid.inner).toEqual([3]);
});

test("fdinfo tells the number where procfs was mounted, and those further within", () => {
  const { table, namespace, inside, init } = nested();
  const { pid } = inside(init.group, new PidNamespace(namespace));
  const text = (reader?: PidNamespace<string>): string =>
    pidfdFdinfo({ file: new Pidfd(pid), closeOnExec: true }, reader)
      .split("\n")
      .slice(2)
      .join(" ");
  expect(text()).toBe("Pid:\t502 NSpid:\t502\t2\t1 ");
  expect(text(namespace)).toBe("Pid:\t2 NSpid:\t2\t1 ");
  expect(text(new PidNamespace(table.namespace))).toBe("Pid:\t0 NSpid:\t0 ");
});

test("numbers are asked for level by level, the innermost first", () => {
  const { machine, table, namespace, inside, init } = nested();
  const deep = new PidNamespace(namespace);
  inside(init.group, deep);
  const options = { parent: machine.shell.group, namespace: deep, numbers: [9, 80, 900] };
  const { pid } = table.spawn(() => "asked", options);
  expect([pid.number, pid.inner]).toEqual([900, [80, 9]]);
  expect([table.find(80, namespace), table.find(9, deep)]).toEqual([pid, pid]);
});
