import { describe, expect, test } from "vitest";
import { PidNamespace } from "./pidNamespace.ts";
import { exited, killed, Machine } from "./testing/machine.ts";

/**
 * A namespace with its first process, one in it with a first process of its own, and below that a
 * member whose parent is the shell, outside of both.
 */
function nested() {
  const machine = new Machine();
  const { table, shell } = machine;
  const namespace = new PidNamespace<string>(table.namespace);
  const deep = new PidNamespace(namespace);
  const init = table.spawn(() => "init", { parent: shell.group, namespace }).group;
  const deepInit = table.spawn(() => "deep init", { parent: init, namespace: deep }).group;
  const member = table.spawn(() => "member", { parent: shell.group, namespace: deep }).group;
  return { machine, table, namespace, deep, init, deepInit, member };
}

// Linux: kernel/pid_namespace.c zap_pid_ns_processes
describe("a namespace within one that ends", () => {
  test("ends too, but its first process is not gone while somebody in it is a zombie", () => {
    const { machine, table, init, deepInit, member } = nested();
    table.exitGroup(init, exited(4));
    expect([init, deepInit, member].map(({ state }) => state)).toEqual([
      "alive",
      "alive",
      "zombie",
    ]);
    expect(machine.wait({ group: member })).toBe(member);
    expect([deepInit.state, deepInit.exitStatus]).toEqual(["reaped", killed(9)]);
    expect([init.state, init.exitStatus]).toEqual(["zombie", exited(4)]);
    expect(machine.wait()).toBe(init);
    expect([init, deepInit, member].map(({ state }) => state)).toEqual([
      "reaped",
      "reaped",
      "reaped",
    ]);
    expect([init.awaitsNamespace, deepInit.awaitsNamespace]).toEqual([false, false]);
  });

  test("takes nobody along who has ended already, or ends", () => {
    const { table, init, deepInit, member } = nested();
    expect(table.diesWith(init)).toEqual([deepInit, member]);
    table.exitGroup(deepInit, exited(0));
    expect(table.diesWith(init)).toEqual([]);
  });
});

test("the first process of a namespace is a zombie with all its threads, where nobody else is in it", () => {
  const { machine, table, init, deepInit, member } = nested();
  for (const group of [member, deepInit]) table.exitGroup(group, exited(0));
  machine.wait({ group: member });
  machine.thread(init);
  table.exitGroup(init, killed(9));
  expect([init.state, init.exitStatus]).toEqual(["zombie", killed(9)]);
});

test("nobody dies with a process that is not its namespace's first", () => {
  const { machine, table, member } = nested();
  expect([table.diesWith(member), table.diesWith(machine.shell.group)]).toEqual([[], []]);
});

// Linux: kernel/exit.c find_new_reaper, pid_ns->child_reaper
test("who was put into a namespace from outside leaves his children to its first process", () => {
  const { machine, table, namespace, init } = nested();
  const { shell } = machine;
  const entered = table.spawn(() => "entered", { parent: shell.group, namespace }).group;
  const child = table.spawn(() => "child", { parent: entered, namespace }).group;
  table.exitGroup(entered, exited(0));
  expect(child.parent).toBe(init);
  expect(init.children).toContain(child);
});
