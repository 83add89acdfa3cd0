import { CLONE, must, P, SIG } from "@kadvise/uapi";
import { beforeEach, describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";
import { exitTask } from "./exit.ts";

/** A shell, two children of it, and a stranger. Linux 6.18.44 answered all of this. */
let world: TestMachine;
let shell: Task;
let first: Task;
let second: Task;
let stranger: Task;

function fork(parent: Task): Task {
  return world.task(must(call(parent, "fork")));
}

const number = (task: Task): number => task.pid.number;
const groupOf = (task: Task): number | string => said(call(task, "getpgrp"));
const move = (by: Task, pid: number, group: number): number | string =>
  said(call(by, "setpgid", pid, group));

beforeEach(() => {
  world = new TestMachine();
  [shell, stranger] = [world.spawn(), world.spawn()];
  [first, second] = [fork(shell), fork(shell)];
});

describe("a child", () => {
  test("is in its parent's group and session", () => {
    for (const task of [shell, first, second]) {
      expect(groupOf(task)).toBe(number(shell));
      expect(said(call(task, "getsid", 0))).toBe(number(shell));
      expect(said(call(stranger, "getpgid", number(task)))).toBe(number(shell));
    }
    expect(said(call(stranger, "getpgid", 30_000))).toBe("ESRCH getpgid/no-process");
    expect(said(call(stranger, "getsid", -1))).toBe("ESRCH getpgid/no-process");
  });

  test("can be moved to a group of its own by its parent and by itself, and others to that", () => {
    expect(move(shell, number(first), 0)).toBe(0);
    expect(move(first, 0, number(first))).toBe(0);
    expect(move(second, 0, number(first))).toBe(0);
    expect([first, second, shell].map(groupOf)).toEqual([
      ...[number(first), number(first), number(shell)],
    ]);
  });

  test("cannot be moved by its parent once it has executed a program; by itself it can", () => {
    must(call(first, "execve", 0, 0, 0));
    expect(move(shell, number(first), 0)).toBe("EACCES setpgid/has-executed");
    expect(move(first, 0, 0)).toBe(0);
    // What it has forked has executed nothing.
    expect(move(first, number(fork(first)), 0)).toBe(0);
  });

  test("cannot be moved by its parent once it is in a session of its own", () => {
    expect(said(call(first, "setsid"))).toBe(number(first));
    expect(move(shell, number(first), number(shell))).toBe("EPERM setpgid/other-session");
    expect(move(first, 0, 0)).toBe("EPERM setpgid/leads-session");
  });
});

describe("setpgid refuses", () => {
  test.each([
    ["a negative group", (): readonly number[] => [0, -1], "EINVAL setpgid/negative"],
    ["a negative group before anything else", () => [30_000, -1], "EINVAL setpgid/negative"],
    ["nobody", () => [30_000, 0], "ESRCH setpgid/no-process"],
    ["a stranger", () => [number(stranger), 0], "ESRCH setpgid/no-process"],
    ["a group that nobody is in", () => [number(first), number(second)], "EPERM setpgid/no-group"],
    ["a number that nobody has", () => [number(first), 30_000], "EPERM setpgid/no-group"],
    ["a group of another session", () => [0, number(stranger)], "EPERM setpgid/no-group"],
  ] as const)("%s", (_what, args, expected) => {
    const [pid = 0, group = 0] = args();
    expect(move(shell, pid, group)).toBe(expected);
  });

  test("a child's child, and a parent", () => {
    expect(move(shell, number(fork(first)), 0)).toBe("ESRCH setpgid/no-process");
    expect(move(first, number(shell), 0)).toBe("ESRCH setpgid/no-process");
  });

  test("a thread's number", () => {
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const thread = must(call(shell, "clone", flags, 0, 0, 0, 0));
    expect(move(shell, thread, 0)).toBe("EINVAL setpgid/not-a-leader");
  });
});

describe("setsid", () => {
  test("is refused to who leads a group, or whose number a group bears without it", () => {
    expect(said(call(shell, "setsid"))).toBe("EPERM setsid/leads-group");
    must(call(first, "setpgid", 0, 0));
    must(call(second, "setpgid", 0, number(first)));
    must(call(first, "setpgid", 0, number(shell)));
    expect(said(call(first, "setsid"))).toBe("EPERM setsid/leads-group");
    expect(said(call(second, "setsid"))).toBe(number(second));
    expect(said(call(second, "setsid"))).toBe("EPERM setsid/leads-group");
  });

  test("begins a session and a group, for who is forked from then on", () => {
    must(call(first, "setsid"));
    const child = fork(first);
    expect([groupOf(child), said(call(child, "getsid", 0))]).toEqual([
      number(first),
      number(first),
    ]);
    expect(said(call(second, "getsid", number(first)))).toBe(number(first));
  });

  test("is taken back with everything else", () => {
    const { journal } = world.ports;
    journal.attempt(() => must(call(first, "setsid")));
    expect([groupOf(first), move(first, 0, 0)]).toEqual([number(shell), 0]);
  });
});

describe("a signal", () => {
  const alive = (): readonly boolean[] =>
    [shell, first, second, stranger].map(({ pid }) => pid.thread?.group.state === "alive");
  const kill = (by: Task, pid: number, signal: number = SIG.SIGTERM): number | string =>
    said(call(by, "kill", pid, signal));

  test("to a group reaches its members and nobody else", () => {
    must(call(first, "setpgid", 0, 0));
    must(call(second, "setpgid", 0, number(first)));
    expect(kill(stranger, -number(first))).toBe(0);
    expect(alive()).toEqual([true, false, false, true]);
  });

  test("to 0 reaches the caller's own group, and the caller last", () => {
    expect(kill(first, 0)).toBe(0);
    expect(alive()).toEqual([false, false, false, true]);
  });

  test("to -1 reaches everybody but the caller and the first process", () => {
    expect(kill(first, -1)).toBe(0);
    expect(alive()).toEqual([false, true, false, false]);
  });

  test("to a group that nobody is in finds nobody, also where a process has the number", () => {
    expect(kill(stranger, -number(first))).toBe("ESRCH kill/no-process");
    expect(kill(stranger, -30_000)).toBe("ESRCH kill/no-process");
    expect(kill(stranger, -(2 ** 31))).toBe("ESRCH kill/no-process");
  });

  test("needs one member that may be signalled; of none the refusal counts", () => {
    const user = world.spawn({ uid: 1000 });
    expect(kill(user, -number(shell), 0)).toBe("EPERM kill/not-permitted");
    must(call(second, "setresuid", 1000, 1000, 1000));
    expect(kill(user, -number(shell))).toBe(0);
    expect(alive()).toEqual([true, true, false, true]);
    expect(kill(user, -1, 0)).toBe(0);
  });

  test("that is none is refused", () => {
    expect(kill(first, 0, 65)).toBe("EINVAL kill/bad-signal");
  });
});

describe("a wait for a process group", () => {
  beforeEach(() => {
    must(call(first, "setpgid", 0, 0));
    call(first, "exit_group", 0);
    call(second, "exit_group", 0);
  });

  test("finds its children there, and no others", () => {
    expect(said(call(shell, "wait4", -number(first), 0, 0, 0))).toBe(number(first));
    expect(said(call(shell, "wait4", -number(first), 0, 0, 0))).toBe("ECHILD wait/no-child");
    expect(said(call(shell, "wait4", 0, 0, 0, 0))).toBe(number(second));
  });

  test("by waitid does the same", () => {
    const wait = (group: number): number | string =>
      said(call(shell, "waitid", P.P_PGID, group, 0, 4, 0));
    expect(wait(30_000)).toBe("ECHILD wait/no-child");
    expect(wait(number(first))).toBe(0);
    expect(wait(number(first))).toBe("ECHILD wait/no-child");
    expect(wait(0)).toBe(0);
  });
});

test.each([
  ["5.10", "EINVAL pidfd_open/not-a-leader"],
  ["6.15", "EINVAL pidfd_open/not-a-leader"],
  ["6.16", "ESRCH pidfd_open/no-process"],
])("on %s a number that only a group still has is answered %s by pidfd_open", (release, answer) => {
  const machine = new TestMachine({ release });
  const parent = machine.spawn();
  const leader = machine.task(must(call(parent, "fork")));
  const member = machine.task(must(call(leader, "fork")));
  const group = leader.pid.number;
  must(call(leader, "setpgid", 0, 0));
  must(call(member, "setpgid", 0, group));
  exitTask(leader, { code: 0, signal: 0, coreDumped: false });
  // A zombie has its number; who has been waited for has none.
  expect(said(call(parent, "pidfd_open", group, 0))).toBeTypeOf("number");
  must(call(parent, "wait4", group, 0, 0, 0));
  expect(said(call(parent, "pidfd_open", group, 0))).toBe(answer);
  exitTask(member, { code: 0, signal: 0, coreDumped: false });
  expect(said(call(parent, "pidfd_open", group, 0))).toBe("ESRCH pidfd_open/no-process");
});
