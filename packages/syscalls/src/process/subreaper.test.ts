import { commoncap, yama } from "@kadvise/security";
import { CLONE, must, PR, SIG, WAIT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";
import { exitProcess } from "./exit.ts";

const die = (task: Task, code = 0): void =>
  exitProcess(task, { code, signal: 0, coreDumped: false });
const childOf = (task: Task, flags = 0, signal: number = SIG.SIGCHLD): Task =>
  task.machine.processes.find(must(call(task, "clone", flags | signal, 0, 0, 0, 0)))!.thread!
    .payload;
const wait = (task: Task, pid = -1, options: number = WAIT.WNOHANG): number | string =>
  said(call(task, "wait4", pid, 0, options, 0));
const parentOf = (task: Task): number | string => said(call(task, "getppid"));

/** A subreaper, its child, its grandchild and that one's child. */
function family(policies = [commoncap()]): readonly Task[] {
  const root = new TestMachine({ policies }).spawn();
  must(call(root, "prctl", PR.PR_SET_CHILD_SUBREAPER, 1));
  const child = childOf(root);
  const grandchild = childOf(child);
  return [root, child, grandchild, childOf(grandchild)];
}

describe("a subreaper", () => {
  test("gets the orphans below it, and waits for them", () => {
    const [root, child, grandchild] = family();
    expect(wait(root, grandchild.pid.number)).toBe("ECHILD wait/no-child");
    die(child);
    expect(parentOf(grandchild)).toBe(root.pid.number);
    expect(wait(root, grandchild.pid.number)).toBe(0);
    die(grandchild, 3);
    expect(wait(root, grandchild.pid.number)).toBe(grandchild.pid.number);
    expect(wait(root)).toBe(child.pid.number);
  });

  test("gets zombies that nobody had waited for", () => {
    const [root, child, grandchild] = family();
    die(grandchild);
    die(child);
    expect([wait(root), wait(root)]).toEqual([child.pid.number, grandchild.pid.number]);
  });

  test("which ignores SIGCHLD finds none: they are gone", () => {
    const [root, child, grandchild] = family();
    die(grandchild);
    root.thread.group.ignoresChildren = true;
    die(child);
    expect(wait(root, grandchild.pid.number)).toMatch(/^ECHILD/);
    expect(said(call(root, "kill", grandchild.pid.number, 0))).toBe("ESRCH kill/no-process");
  });

  test("is the nearest one that lives; without one it is init", () => {
    const [root, child, grandchild, last] = family();
    must(call(child, "prctl", PR.PR_SET_CHILD_SUBREAPER, 1));
    die(grandchild);
    expect(parentOf(last)).toBe(child.pid.number);
    die(child);
    expect(parentOf(last)).toBe(root.pid.number);
    must(call(root, "prctl", PR.PR_SET_CHILD_SUBREAPER, 0));
    const orphan = childOf(last);
    die(last);
    expect(parentOf(orphan)).toBe(1);
    die(orphan);
    expect(wait(root, orphan.pid.number)).toMatch(/^ECHILD/);
  });

  test("an orphan ends with SIGCHLD, whatever its maker had asked for", () => {
    const [root, child] = family();
    const strange = childOf(child, 0, SIG.SIGUSR1);
    die(child);
    die(strange);
    expect(wait(root, strange.pid.number)).toBe(strange.pid.number);
  });

  test("is said by prctl; a fork does not hand it on", () => {
    const [root, child] = family();
    for (const task of [root, child]) must(call(task, "mmap", 0x10_0000, 4096, 3, 0x32, -1, 0));
    const isOne = (task: Task): number => {
      must(call(task, "prctl", PR.PR_GET_CHILD_SUBREAPER, 0x10_0000));
      return must(task.space.read(0x100, 4))[0];
    };
    expect([isOne(root), isOne(child)]).toEqual([1, 0]);
    expect(said(call(root, "prctl", PR.PR_GET_CHILD_SUBREAPER, 8))).toMatch(/^EFAULT/);
  });

  test("can be taken back", () => {
    const [root, child, grandchild] = family();
    root.machine.ports.journal.attempt(() => die(child));
    expect(parentOf(grandchild)).toBe(child.pid.number);
    expect(grandchild.subject.parent).toBe(child.subject);
    expect(root.thread.group.children).toHaveLength(1);
  });
});

test("Yama's ancestry goes with the parent: an orphan is nobody's descendant but its reaper's", () => {
  const [root, child, grandchild] = family([commoncap(), yama({ scope: 1 })]);
  for (const task of [root, child, grandchild])
    must(call(task, "capset", ...emptyCapabilities(task)));
  const reach = (from: Task, to: Task): number | string =>
    said(call(from, "kcmp", from.pid.number, to.pid.number, 99));
  const attach = (from: Task, to: Task): boolean =>
    call(from, "pidfd_getfd", must(call(from, "pidfd_open", to.pid.number, 0)), 0, 0).ok;
  expect([attach(root, grandchild), attach(child, grandchild)]).toEqual([true, true]);
  expect(reach(root, grandchild)).toBe("EINVAL kcmp/type");
  const middle = childOf(child, CLONE.CLONE_FS);
  const last = childOf(middle);
  must(call(root, "prctl", PR.PR_SET_CHILD_SUBREAPER, 0));
  expect(attach(child, last)).toBe(true);
  die(middle);
  expect([attach(child, last), attach(root, last)]).toEqual([false, false]);
});

/** Where a task without capabilities reads that it has none. */
function emptyCapabilities(task: Task): [number, number] {
  const at = 0x20_0000;
  must(call(task, "mmap", at, 4096, 3, 0x32, -1, 0));
  must(task.space.write(at / 4096, new Uint8Array(new Uint32Array([0x2008_0522, 0]).buffer)));
  return [at, at + 8];
}
