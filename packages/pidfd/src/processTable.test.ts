import { quietPorts, type Question } from "@kadvise/ports";
import { SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { ProcessTable } from "./processTable.ts";
import { exited, killed, Machine } from "./testing/machine.ts";

describe("process numbers", () => {
  const spawn = (table: ProcessTable<string>): number => table.spawn(() => "p").pid.number;

  test("go up by one, also past a number that is free again", () => {
    const table = new ProcessTable<string>({ firstNumber: 500 });
    const first = table.spawn(() => "p");
    table.exitGroup(first.group, exited(0));
    expect([first.pid.number, spawn(table), spawn(table)]).toEqual([500, 501, 502]);
  });

  // Linux: kernel/pid.c alloc_pid, RESERVED_PIDS
  test("start again at 300 below the limit, and pass over those in use", () => {
    const table = new ProcessTable<string>({ firstNumber: 300, pidMax: 304 });
    const [a, b] = [table.spawn(() => "a"), table.spawn(() => "b")];
    table.spawn(() => "c");
    table.exitGroup(b.group, exited(0));
    expect(spawn(table)).toBe(303);
    expect(spawn(table)).toBe(301);
    table.exitGroup(a.group, exited(0));
    expect(spawn(table)).toBe(300);
  });

  test("may all be in use: EAGAIN, until one is free again", () => {
    const table = new ProcessTable<string>({ firstNumber: 300, pidMax: 302 });
    const [first] = [table.spawn(() => "a"), table.spawn(() => "b")];
    expect(table.mayAllocate()).toMatchObject({ code: "EAGAIN", reason: { id: "pid/none-left" } });
    expect(() => table.spawn(() => "c")).toThrow(new RangeError("every process number is in use"));
    table.exitGroup(first.group, exited(0));
    expect(table.mayAllocate()).toBeUndefined();
    expect(spawn(table)).toBe(300);
  });

  test("are shared by processes and threads", () => {
    const table = new ProcessTable<string>({ firstNumber: 10 });
    const leader = table.spawn(() => "p");
    const thread = table.addThread(leader.group, () => "t");
    expect([leader.pid.number, thread.pid.number, spawn(table)]).toEqual([10, 11, 12]);
  });

  test("are known to whoever makes the payload", () => {
    const table = new ProcessTable<string>({ firstNumber: 10 });
    const leader = table.spawn(({ number }) => `p${number}`);
    const thread = table.addThread(leader.group, ({ number }) => `t${number}`);
    expect([leader.payload, thread.payload]).toEqual(["p10", "t11"]);
  });

  test("may be any that is free, and are what clone returns", () => {
    const asked: Question<number>[] = [];
    const ports = quietPorts();
    ports.choices = {
      choose<A>(question: Question<A>): A {
        asked.push(question as unknown as Question<number>);
        return question.usual;
      },
    };
    const table = new ProcessTable<string>({ ports, firstNumber: 10 });
    spawn(table);
    spawn(table);
    const [, { id, allows, fromResult }] = asked;
    expect(id).toBe("pid/next");
    expect([0, -1, 10, 12.5, 11, 300].map(allows)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(fromResult?.(77)).toBe(77);
  });

  test("that are given are not asked for, and the next follows on", () => {
    const table = new ProcessTable<string>();
    expect(table.spawn(() => "p", { number: 4000 }).pid.number).toBe(4000);
    expect(spawn(table)).toBe(4001);
  });
});

describe("renumber", () => {
  test("lets a process be found under its own number, and no longer under the made-up one", () => {
    const table = new ProcessTable<string>();
    const { pid } = table.spawn(() => "p", { number: 9000 });
    table.renumber(9000, 41);
    expect([table.find(41), table.find(9000), pid.number]).toEqual([pid, undefined, 41]);
  });

  test("leaves everything alone where the number is in use, or nobody has the made-up one", () => {
    const table = new ProcessTable<string>();
    const a = table.spawn(() => "a", { number: 1 });
    const b = table.spawn(() => "b", { number: 2 });
    table.renumber(1, 2);
    table.renumber(77, 78);
    expect([table.find(1), table.find(2), table.find(78)]).toEqual([a.pid, b.pid, undefined]);
  });
});

describe("a process of several threads", () => {
  test("goes on without a thread that ended, whose number is free", () => {
    const machine = new Machine();
    const { group } = machine.child();
    const thread = machine.thread(group);
    machine.table.exitThread(thread, exited(1));
    expect([group.state, group.threads.length, thread.alive]).toEqual(["alive", 1, false]);
    expect(machine.table.find(thread.pid.number)).toBeUndefined();
    expect(machine.wait()).toBe("none ready");
  });

  test("keeps its leader's number and thread where the leader ended first", () => {
    const machine = new Machine();
    const leader = machine.child();
    machine.thread(leader.group);
    machine.table.exitThread(leader, exited(3));
    expect([leader.group.state, leader.alive]).toEqual(["alive", false]);
    expect(machine.table.find(leader.pid.number)?.thread).toBe(leader);
    expect(leader.group.leader).toBe(leader);
  });

  test("is a zombie with its last thread, and only its own number stays taken", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.exitThread(leader, exited(3));
    machine.table.exitThread(thread, exited(5));
    expect([leader.group.state, leader.group.threads]).toEqual(["zombie", [leader]]);
    expect(machine.table.find(thread.pid.number)).toBeUndefined();
    expect(machine.table.find(leader.pid.number)).toBe(leader.pid);
  });

  test("ends as a whole by exit_group, and once", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.exitGroup(leader.group, killed(SIG.SIGKILL));
    machine.table.exitGroup(leader.group, exited(1));
    machine.table.exitThread(leader, exited(2));
    expect([leader.alive, thread.alive]).toEqual([false, false]);
    expect(leader.group.exitStatus).toEqual(killed(SIG.SIGKILL));
  });
});

// Linux: fs/exec.c de_thread
describe("execve by a thread that does not lead", () => {
  test("ends the others, and gives it the process number", () => {
    const machine = new Machine();
    const leader = machine.child();
    const [thread, third] = [machine.thread(leader.group), machine.thread(leader.group)];
    machine.table.becomeLeader(thread);
    const { group } = leader;
    expect([leader.alive, third.alive, group.state]).toEqual([false, false, "alive"]);
    expect(group.threads).toEqual([group.leader]);
    expect([group.leader?.pid, group.leader?.alive, group.leader?.payload]).toEqual([
      leader.pid,
      true,
      "thread",
    ]);
    expect([thread, third].map(({ pid }) => machine.table.find(pid.number))).toEqual([
      undefined,
      undefined,
    ]);
    // Whoever holds it as the thread that it was holds nobody.
    expect(thread.alive).toBe(false);
  });

  test("by the leader ends the others, and changes nothing about itself", () => {
    const machine = new Machine();
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.becomeLeader(leader);
    expect([leader.group.leader, leader.alive]).toEqual([leader, true]);
    expect(leader.group.threads).toEqual([leader]);
    expect([thread.alive, machine.table.find(thread.pid.number)]).toEqual([false, undefined]);
  });

  test("makes the status of a leader that ended before it count no more", () => {
    const machine = new Machine({ exitStatus: "leader" });
    const leader = machine.child();
    const thread = machine.thread(leader.group);
    machine.table.exitThread(leader, exited(3));
    machine.table.becomeLeader(thread);
    machine.table.exitThread(leader.group.leader!, exited(0));
    expect(leader.group.exitStatus).toEqual(exited(0));
  });
});

describe("a process that ends", () => {
  test("is a zombie until it was waited for: its number is taken, and names it", () => {
    const machine = new Machine();
    const zombie = machine.zombie();
    expect([zombie.state, machine.table.find(zombie.pid.number)?.group]).toEqual([
      "zombie",
      zombie,
    ]);
    expect(machine.shell.group.children).toEqual([zombie]);
    expect(machine.wait()).toBe(zombie);
    expect([zombie.state, machine.table.find(zombie.pid.number)]).toEqual(["reaped", undefined]);
    expect(machine.shell.group.children).toEqual([]);
  });

  test("leaves its children to init, which waits for the dead ones at once", () => {
    const machine = new Machine();
    const middle = machine.child();
    const [living, dead] = [1, 2].map(() =>
      machine.table.spawn(() => "grandchild", { parent: middle.group }),
    );
    machine.table.exitGroup(dead.group, exited(0));
    expect(dead.group.state).toBe("zombie");
    machine.table.exitGroup(middle.group, exited(0));
    expect([dead.group.state, living.group.state]).toEqual(["reaped", "alive"]);
    expect([living.group.parent, middle.group.children]).toEqual([undefined, []]);
    machine.table.exitGroup(living.group, exited(0));
    expect(living.group.state).toBe("reaped");
  });

  test("with CLONE_AUTOREAP leaves no zombie", () => {
    const machine = new Machine();
    const parent = machine.shell.group;
    const { group } = machine.table.spawn(() => "child", { parent, autoReap: true });
    machine.table.exitGroup(group, exited(0));
    expect([group.state, machine.wait()]).toEqual(["reaped", "ECHILD"]);
  });

  test("is no longer dying", () => {
    const machine = new Machine();
    const { group } = machine.child();
    group.dying = true;
    machine.table.exitGroup(group, killed(SIG.SIGKILL));
    expect(group.dying).toBe(false);
  });
});
