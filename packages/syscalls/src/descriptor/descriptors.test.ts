import { Inode, OpenFile } from "@kadvise/files";
import { CLONE, F, F_SEAL, FD_CLOEXEC, must, O, PIDFD, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { exitTask } from "../process/exit.ts";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";

const start = (release = "6.12"): Task => new TestMachine({ release }).spawn();
const one = (
  task: Task,
  name: string,
  ...registers: readonly (number | bigint)[]
): number | string => said(call(task, name, ...registers));
const isOpen = (task: Task, fd: number): boolean => call(task, "fcntl", fd, F.F_GETFD).ok;

function limit(task: Task, soft: number): void {
  task.limits.set("RLIMIT_NOFILE", { soft, hard: 4096 });
}

function open(task: Task, flags: number): number {
  const inode = new Inode({ kind: "shmem", sizeBytes: 4096, seals: F_SEAL.F_SEAL_SEAL });
  task.files.set(9, { file: new OpenFile(inode, { flags, path: "/memfd:m" }), closeOnExec: false });
  return 9;
}

describe("dup and its kin", () => {
  test("dup takes the lowest free number below the limit", () => {
    const task = start();
    must(call(task, "close", 1));
    expect([one(task, "dup", 0), one(task, "dup", 0)]).toEqual([1, 3]);
    limit(task, 4);
    expect(one(task, "dup", 0)).toMatch(/^EMFILE/);
    expect(one(task, "dup", 77)).toMatch(/^EBADF/);
    expect(one(task, "dup", -1)).toMatch(/^EBADF/);
  });

  test("dup2 onto itself does nothing, if it is open; onto another it closes that", () => {
    const task = start();
    expect([one(task, "dup2", 1, 1), one(task, "dup2", 0, 50)]).toEqual([1, 50]);
    expect(one(task, "dup2", 77, 77)).toMatch(/^EBADF/);
    expect(one(task, "dup2", 0, 1)).toBe(1);
    limit(task, 60);
    // The number is looked at before the descriptor.
    expect(one(task, "dup2", 0, 60)).toBe("EBADF dup2/number-too-large");
    expect(one(task, "dup2", 77, -1)).toBe("EBADF dup2/number-too-large");
  });

  test("dup3 marks the copy, and refuses what dup2 allows", () => {
    const task = start();
    expect(one(task, "dup3", 0, 0, 1)).toBe("EINVAL dup3/flags");
    expect(one(task, "dup3", 77, 77, 0)).toBe("EINVAL dup3/same-number");
    expect(one(task, "dup3", 0, 8, O.O_CLOEXEC)).toBe(8);
    expect(one(task, "fcntl", 8, F.F_GETFD)).toBe(FD_CLOEXEC);
    expect(one(task, "dup", 8)).toBe(3);
    expect(one(task, "fcntl", 3, F.F_GETFD)).toBe(0);
  });
});

describe("close_range", () => {
  const UNSHARE = 2;
  const CLOEXEC = 4;

  test("its refusals, flags first", () => {
    const task = start();
    expect(one(task, "close_range", 3, 2, 1)).toBe("EINVAL close_range/flags");
    expect(one(task, "close_range", 3, 2, 0)).toBe("EINVAL close_range/order");
    expect(one(task, "close_range", 100, -1, 0)).toBe(0);
  });

  test.each([
    ["5.10", "EINVAL close_range/flags"],
    ["5.11", 0],
  ])("with CLOEXEC on %s: %s", (release, answer) => {
    expect(one(start(release), "close_range", 3, 3, CLOEXEC)).toBe(answer);
  });

  test("closes what is open in the range, both ends included", () => {
    const task = start();
    for (let i = 0; i < 4; i++) must(call(task, "dup", 0));
    expect(one(task, "close_range", 3, 5, 0)).toBe(0);
    expect([2, 3, 4, 5, 6].map((fd) => isOpen(task, fd))).toEqual([
      true,
      false,
      false,
      false,
      true,
    ]);
  });

  test("only marks with CLOEXEC, and leaves sharers alone with UNSHARE", () => {
    const task = start();
    const flags = CLONE.CLONE_FILES | SIG.SIGCHLD;
    const number = must(call(task, "clone", flags, 0, 0, 0, 0));
    const child = task.machine.processes.find(number)!.thread!.payload;
    must(call(task, "close_range", 1, 1, CLOEXEC));
    expect(one(child, "fcntl", 1, F.F_GETFD)).toBe(FD_CLOEXEC);
    must(call(task, "close_range", 0, 2, UNSHARE));
    expect([isOpen(task, 1), isOpen(child, 1)]).toEqual([false, true]);
    must(call(child, "close", 2));
    expect(isOpen(child, 2)).toBe(false);
  });
});

describe("fcntl", () => {
  test("a closed number first, then the command", () => {
    const task = start();
    expect(one(task, "fcntl", 77, 9999)).toMatch(/^EBADF/);
    expect(one(task, "fcntl", 0, 9999)).toBe("EINVAL fcntl/unknown-command");
  });

  test("F_DUPFD begins where it is told; a number at the limit is EINVAL, none free EMFILE", () => {
    const task = start();
    expect(one(task, "fcntl", 0, F.F_DUPFD, 20)).toBe(20);
    expect(one(task, "fcntl", 0, F.F_DUPFD_CLOEXEC, 20)).toBe(21);
    expect(one(task, "fcntl", 21, F.F_GETFD)).toBe(FD_CLOEXEC);
    limit(task, 22);
    expect(one(task, "fcntl", 0, F.F_DUPFD, 22)).toBe("EINVAL fcntl/number-too-large");
    expect(one(task, "fcntl", 0, F.F_DUPFD, -1)).toBe("EINVAL fcntl/number-too-large");
    expect(one(task, "fcntl", 0, F.F_DUPFD, 21)).toMatch(/^EMFILE/);
  });

  test("F_SETFD knows one bit, and belongs to the number, not to the file", () => {
    const task = start();
    const copy = must(call(task, "dup", 0));
    expect(one(task, "fcntl", 0, F.F_SETFD, -1)).toBe(0);
    expect(one(task, "fcntl", 0, F.F_GETFD)).toBe(FD_CLOEXEC);
    expect(one(task, "fcntl", copy, F.F_GETFD)).toBe(0);
    expect(one(task, "fcntl", 0, F.F_SETFD, 2)).toBe(0);
    expect(one(task, "fcntl", 0, F.F_GETFD)).toBe(0);
  });

  test("F_SETFL belongs to the file, and changes only what may change", () => {
    const task = start();
    const fd = open(task, O.O_RDWR);
    const copy = must(call(task, "dup", fd));
    must(call(task, "fcntl", fd, F.F_SETFL, O.O_APPEND | O.O_WRONLY | O.O_CREAT));
    const flags = Number(one(task, "fcntl", copy, F.F_GETFL));
    expect(flags & O.O_APPEND).toBe(O.O_APPEND);
    expect(flags & 3).toBe(O.O_RDWR);
    expect(flags & O.O_CREAT).toBe(0);
  });

  test("of a descriptor of O_PATH only the number can be looked at", () => {
    const task = start();
    const fd = open(task, O.O_PATH);
    expect(one(task, "fcntl", fd, F.F_SETFL, 0)).toBe("EBADF fcntl/path-only");
    expect(one(task, "fcntl", fd, F.F_GETFD)).toBe(0);
    expect(Number(one(task, "fcntl", fd, F.F_GETFL)) & O.O_PATH).toBe(O.O_PATH);
    expect(one(task, "fcntl", fd, F.F_DUPFD, 30)).toBe(30);
  });

  test("seals are those of shared memory", () => {
    const task = start();
    expect(one(task, "fcntl", open(task, O.O_RDWR), F.F_GET_SEALS)).toBe(F_SEAL.F_SEAL_SEAL);
    expect(one(task, "fcntl", 0, F.F_GET_SEALS)).toBe("EINVAL fcntl/not-sealable");
  });
});

describe("pidfd_open", () => {
  const openIt = (task: Task, ...registers: readonly (number | bigint)[]): number | string =>
    one(task, "pidfd_open", ...registers);

  test("flags, then the number, then the process, then room", () => {
    const task = start();
    expect(openIt(task, 0, 1)).toBe("EINVAL pidfd_open/flags");
    expect([openIt(task, 0, 0), openIt(task, -1, 0)]).toEqual(
      Array(2).fill("EINVAL pidfd_open/not-positive"),
    );
    limit(task, 0);
    expect(openIt(task, 9999, 0)).toBe("ESRCH pidfd_open/no-process");
    expect(openIt(task, task.pid.number, 0)).toMatch(/^EMFILE/);
  });

  test.each([
    ["5.9", PIDFD.PIDFD_NONBLOCK, "EINVAL pidfd_open/flags"],
    ["5.10", PIDFD.PIDFD_NONBLOCK, 3],
    ["6.8", PIDFD.PIDFD_THREAD, "EINVAL pidfd_open/flags"],
    ["6.9", PIDFD.PIDFD_THREAD, 3],
  ])("on %s with flag 0x%s: %s", (release, flag, expected) => {
    const task = start(release);
    expect(openIt(task, task.pid.number, flag)).toBe(expected);
  });

  test.each([
    ["6.1", "EINVAL pidfd_open/not-a-leader"],
    ["6.12", "EINVAL pidfd_open/not-a-leader"],
    ["6.16", "ENOENT pidfd_open/not-a-leader-enoent"],
    ["7.3", "ENOENT pidfd_open/not-a-leader-enoent"],
  ])("a thread that leads no group, on %s: %s", (release, expected) => {
    const task = start(release);
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    expect(openIt(task, must(call(task, "clone", flags, 0, 0, 0, 0)), 0)).toBe(expected);
  });

  test("opens zombies, marks close-on-exec, and looks at 32 bits of either argument", () => {
    const task = start();
    const pid = must(call(task, "fork"));
    exitTask(task.machine.processes.find(pid)!.thread!.payload, {
      code: 0,
      signal: 0,
      coreDumped: false,
    });
    const fd = Number(openIt(task, BigInt(pid) | (1n << 32n), 1n << 32n));
    expect(one(task, "fcntl", fd, F.F_GETFD)).toBe(FD_CLOEXEC);
    must(call(task, "wait4", pid, 0, 0, 0));
    expect(openIt(task, pid, 0)).toBe("ESRCH pidfd_open/no-process");
    expect(one(task, "close", fd)).toBe(0);
    expect(one(task, "close", fd)).toMatch(/^EBADF/);
  });

  test("the flags of a pidfd are those of an open file", () => {
    const task = start();
    const fd = Number(openIt(task, task.pid.number, PIDFD.PIDFD_NONBLOCK));
    expect(one(task, "fcntl", fd, F.F_GETFL)).toBe(O.O_RDWR | O.O_NONBLOCK);
    must(call(task, "fcntl", fd, F.F_SETFL, 0));
    expect(one(task, "fcntl", fd, F.F_GETFL)).toBe(O.O_RDWR);
  });
});
