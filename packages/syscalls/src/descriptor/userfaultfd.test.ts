import { must, O, UFFD_USER_MODE_ONLY } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine, type TestTaskOptions } from "../testing/machine.ts";

const on = (release: string, who: TestTaskOptions = {}): Task =>
  new TestMachine({ release }).spawn(who);
const USER: TestTaskOptions = { uid: 1000 };
const TRACER: TestTaskOptions = { uid: 1000, capabilities: ["CAP_SYS_PTRACE"] };
const NOT_PERMITTED = "EPERM userfaultfd/not-permitted";
const FLAGS = "EINVAL userfaultfd/flags";
const UNKNOWN = 4;
const F_GETFL = 3;

describe("who may have one", () => {
  test.each([
    ["5.10", "anybody", USER, 0, 3],
    ["5.10", "anybody, with flags that there are not", USER, UNKNOWN, FLAGS],
    ["5.10", "nobody for his own faults alone", USER, UFFD_USER_MODE_ONLY, FLAGS],
    ["5.11", "no user", USER, 0, NOT_PERMITTED],
    ["5.11", "no user, whatever the flags", USER, UNKNOWN, NOT_PERMITTED],
    ["5.11", "a user for his own faults", USER, UFFD_USER_MODE_ONLY, 3],
    [
      "5.11",
      "a user for these, with flags that there are",
      USER,
      UFFD_USER_MODE_ONLY | UNKNOWN,
      FLAGS,
    ],
    ["5.11", "a tracer", TRACER, 0, 3],
    ["7.3", "a tracer, with flags that there are", TRACER, UNKNOWN, FLAGS],
  ])("on %s: %s", (release, _, who, flags, answer) => {
    expect(said(call(on(release, who), "userfaultfd", flags))).toBe(answer);
  });
});

describe("vm.unprivileged_userfaultfd", () => {
  const set = (release: string, unprivilegedUserfaultfd: boolean, who: TestTaskOptions): Task =>
    new TestMachine({ release, settings: { unprivilegedUserfaultfd } }).spawn(who);

  test.each([
    ["5.10", "of 0 leaves users without", false, USER, 0, NOT_PERMITTED],
    ["5.10", "of 0 is looked at before the flags", false, USER, UNKNOWN, NOT_PERMITTED],
    ["5.10", "spares nobody", false, USER, UFFD_USER_MODE_ONLY, NOT_PERMITTED],
    ["5.10", "of 0 is nothing to a tracer", false, TRACER, 0, 3],
    ["6.12", "of 1 is for all", true, USER, 0, 3],
    ["6.12", "of 1 leaves the flags to be looked at", true, USER, UNKNOWN, FLAGS],
    ["6.12", "of 0 spares who sees to its own faults", false, USER, UFFD_USER_MODE_ONLY, 3],
  ])("on %s %s", (release, _, setting, who, flags, answer) => {
    expect(said(call(set(release, setting, who), "userfaultfd", flags))).toBe(answer);
  });

  test("that nobody stated is asked for where it counts alone", () => {
    const asked: string[] = [];
    const choices = {
      choose<A>({ id, usual }: { readonly id: string; readonly usual: A }): A {
        if (id.startsWith("setting/")) asked.push(id);
        return usual;
      },
    };
    const spawned = (who: TestTaskOptions): Task => {
      const machine = new TestMachine({ release: "6.12", choices });
      machine.machine.memory.settings.open = new Set(["unprivilegedUserfaultfd"]);
      return machine.spawn(who);
    };
    must(call(spawned(TRACER), "userfaultfd", 0));
    must(call(spawned(USER), "userfaultfd", UFFD_USER_MODE_ONLY));
    expect(asked).toEqual([]);
    expect(said(call(spawned(USER), "userfaultfd", 0))).toBe(NOT_PERMITTED);
    expect(asked).toEqual(["setting/unprivilegedUserfaultfd"]);
  });
});

test("it was open for writing too, until nobody needed that", () => {
  const flags = (release: string): number | string => {
    const task = on(release);
    return said(call(task, "fcntl", must(call(task, "userfaultfd", 0)), F_GETFL));
  };
  expect(flags("5.10.149")).toBe(O.O_RDWR);
  expect(flags("5.10.150")).toBe(O.O_RDONLY);
});

test("it is open for reading alone, keeps O_NONBLOCK, and cannot be mapped", () => {
  const task = on("6.12");
  const fd = must(call(task, "userfaultfd", O.O_NONBLOCK | O.O_CLOEXEC));
  expect(said(call(task, "fcntl", fd, F_GETFL))).toBe(O.O_RDONLY | O.O_NONBLOCK);
  expect(said(call(task, "fcntl", fd, 1))).toBe(1);
  expect(said(call(task, "mmap", 0, 4096, 1, 2, fd, 0))).toMatch(/^ENODEV/);
});

test("a full table is told of last", () => {
  const task = on("6.12");
  task.limits.set("RLIMIT_NOFILE", { soft: 3, hard: 3 });
  expect(said(call(task, "userfaultfd", UNKNOWN))).toBe(FLAGS);
  expect(said(call(task, "userfaultfd", 0))).toMatch(/^EMFILE/);
});
