import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said, TestMachine } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const { CLONE_VM, CLONE_FS, CLONE_FILES, CLONE_SIGHAND, CLONE_THREAD, CLONE_PIDFD } = CLONE;
const THREAD = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;

function start(
  release = "6.12",
  ids: Parameters<TestMachine["spawn"]>[0] = {},
): {
  machine: TestMachine;
  task: Task;
} {
  const machine = new TestMachine({ release });
  const task = machine.spawn(ids);
  must(call(task, "mmap", HEAP, 2 * PAGE, 3, 0x32, -1, 0));
  return { machine, task };
}

function word(task: Task, at: number): number {
  const bytes = must(task.space.read(Math.floor(at / PAGE), 4, at % PAGE));
  return new DataView(bytes.buffer).getInt32(0, true);
}

describe("what a child shares", () => {
  test.each([
    ["nothing, after fork", 0, [false, false, false]],
    ["memory, with CLONE_VM", CLONE_VM, [true, false, false]],
    ["descriptors, with CLONE_FILES", CLONE_FILES, [false, true, false]],
    ["memory and the process, as a thread", THREAD, [true, false, true]],
    ["everything", THREAD | CLONE_FILES, [true, true, true]],
  ])("%s", (_what, flags, shared) => {
    const { machine, task } = start();
    const child = machine.task(must(call(task, "clone", flags | SIG.SIGCHLD, 0, 0, 0, 0)));
    must(child.space.write(HEAP / PAGE, "new"));
    const memory = must(task.space.read(HEAP / PAGE, 1))[0] !== 0;
    must(call(child, "close", 0));
    const files = said(call(task, "close", 0)) !== 0;
    const group = call(child, "getpid").ok && must(call(child, "getpid")) === task.pid.number;
    expect([memory, files, group]).toEqual(shared);
  });

  test("limits are copied to a process, and shared by threads", () => {
    const { machine, task } = start();
    const child = machine.task(must(call(task, "clone", SIG.SIGCHLD, 0, 0, 0, 0)));
    const thread = machine.task(must(call(task, "clone", THREAD, 0, 0, 0, 0)));
    task.limits.set("RLIMIT_NOFILE", { soft: 7, hard: 7 });
    expect(thread.limits.soft("RLIMIT_NOFILE")).toBe(7);
    expect(child.limits.soft("RLIMIT_NOFILE")).not.toBe(7);
  });
});

describe("flags that do not go together", () => {
  test.each([
    [CLONE_THREAD],
    [CLONE_THREAD | CLONE_VM],
    [CLONE_SIGHAND],
    [CLONE.CLONE_NEWNS | CLONE_FS],
    [CLONE.CLONE_NEWUSER | CLONE_FS],
    [THREAD | CLONE.CLONE_NEWUSER],
    [THREAD | CLONE.CLONE_NEWPID],
    [CLONE_PIDFD | CLONE.CLONE_DETACHED],
  ])("0x%s is EINVAL, and nothing was made", (flags) => {
    const { machine, task } = start();
    const before = machine.machine.processes.pids.size;
    expect(said(call(task, "clone", flags, 0, HEAP, 0, 0))).toBe("EINVAL clone/flags-conflict");
    expect(machine.machine.processes.pids.size).toBe(before);
  });

  test("a new namespace needs CAP_SYS_ADMIN, unless a user namespace comes with it", () => {
    const { task } = start("6.12", { uid: 1000 });
    const clone = (flags: number): number | string => said(call(task, "clone", flags, 0, 0, 0, 0));
    expect(clone(CLONE.CLONE_NEWUTS)).toBe("EPERM clone/namespace-not-permitted");
    expect(clone(CLONE.CLONE_NEWUTS | CLONE.CLONE_NEWUSER)).toBeTypeOf("number");
  });
});

describe("CLONE_PIDFD", () => {
  test("writes the descriptor where a thread number would go, for the parent alone", () => {
    const { machine, task } = start();
    const pid = must(call(task, "clone", CLONE_PIDFD | SIG.SIGCHLD, 0, HEAP, 0, 0));
    const fd = word(task, HEAP);
    expect(fd).toBe(3);
    expect(task.files.get(fd)?.closeOnExec).toBe(true);
    expect(machine.task(pid).files.get(fd)).toBeUndefined();
  });

  test("no room for it, or no place: no child either, and no number lost", () => {
    const { machine, task } = start();
    const before = machine.machine.processes.pids.size;
    expect(said(call(task, "clone", CLONE_PIDFD, 0, 8, 0, 0))).toBe("EFAULT syscall/fault");
    task.limits.set("RLIMIT_NOFILE", { soft: 3, hard: 3 });
    expect(said(call(task, "clone", CLONE_PIDFD, 0, HEAP, 0, 0))).toMatch(/^EMFILE/);
    expect(machine.machine.processes.pids.size).toBe(before);
  });

  test("excludes CLONE_PARENT_SETTID, which has the same pointer", () => {
    const { task } = start();
    const flags = CLONE_PIDFD | CLONE.CLONE_PARENT_SETTID;
    expect(said(call(task, "clone", flags, 0, HEAP, 0, 0))).toBe(
      "EINVAL clone/pidfd-and-parent-tid",
    );
  });

  test.each([
    ["6.1", "EINVAL clone/flags-conflict"],
    ["6.12", "number"],
  ])("of a thread on %s: %s", (release, expected) => {
    const { task } = start(release);
    const answer = said(call(task, "clone", THREAD | CLONE_PIDFD, 0, HEAP, 0, 0));
    expect(typeof answer === "number" ? "number" : answer).toBe(expected);
  });
});

test.each([
  ["7.0", [0, 1, 2, 3]],
  ["7.1", [0, 1, "EINVAL clone/exit-signal", "EINVAL clone/exit-signal"]],
])("the exit signal on %s", (release, expected) => {
  const { task } = start(release);
  const answers = [0, 64, 65, 255].map((signal, i) => {
    const answer = call(task, "clone", signal, 0, 0, 0, 0);
    return answer.ok ? i : said(answer);
  });
  expect(answers).toEqual(expected);
});

test("numbers are told to parent and child where they asked for it", () => {
  const { machine, task } = start();
  const flags = CLONE.CLONE_PARENT_SETTID | CLONE.CLONE_CHILD_SETTID | SIG.SIGCHLD;
  const pid = must(call(task, "clone", flags, 0, HEAP, HEAP + 8, 0));
  expect(word(task, HEAP)).toBe(pid);
  expect([word(task, HEAP + 8), word(machine.task(pid), HEAP + 8)]).toEqual([0, pid]);
  // A place that cannot be written is no error.
  expect(call(task, "clone", flags, 0, 8, 8, 0).ok).toBe(true);
});

test("a 32-bit caller has the child's pointer behind the tls", () => {
  const { machine, task } = start();
  const flags = CLONE.CLONE_CHILD_SETTID | SIG.SIGCHLD;
  const pid = must(call32(task, "clone", flags, 0, 0, 0, HEAP));
  expect(word(machine.task(pid), HEAP)).toBe(pid);
});

test("CLONE_PARENT makes a sibling: its parent is the caller's", () => {
  const { machine, task } = start();
  const child = machine.task(must(call(task, "fork")));
  const sibling = must(call(child, "clone", CLONE.CLONE_PARENT, 0, 0, 0, 0));
  expect(must(call(machine.task(sibling), "getppid"))).toBe(task.pid.number);
  expect(must(call(child, "getppid"))).toBe(task.pid.number);
});

test("vfork's child borrows the memory, fork's gets a copy", () => {
  const task = taskWithPages(1);
  const { processes } = task.machine;
  const child = (name: string): Task | undefined =>
    processes.find(must(call(task, name)))?.thread?.payload;
  expect(child("vfork")?.mm).toBe(task.mm);
  expect(child("fork")?.mm).not.toBe(task.mm);
});
