import { CLONE, must, P, SIG, WAIT } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, call32, said } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import { exitTask } from "./exit.ts";

const { WNOHANG, WEXITED, WNOWAIT, WSTOPPED } = WAIT;
const SLEEPS = "ERESTARTSYS syscall/interrupted";

function child(parent: Task, flags: number = SIG.SIGCHLD): Task {
  const number = must(call(parent, "clone", flags, 0, 0, 0, 0));
  return parent.machine.processes.find(number)!.thread!.payload;
}

function end(task: Task, code = 0, signal = 0): number {
  exitTask(task, { code, signal, coreDumped: false });
  return task.pid.number;
}

function words(task: Task, at: number, count: number): number[] {
  const bytes = must(task.space.read(at / PAGE, count * 4));
  return [...new Int32Array(bytes.slice().buffer)];
}

describe("wait4", () => {
  const wait = (task: Task, ...registers: readonly number[]): number | string =>
    said(call(task, "wait4", ...registers));

  test("unknown options first, then the smallest int, then whether there is a child", () => {
    const task = taskWithPages(1);
    expect(wait(task, -(2 ** 31), 0, 0x100, 0)).toBe("EINVAL wait/options");
    expect(wait(task, -(2 ** 31), 0, 0, 0)).toBe("ESRCH wait4/smallest-pid");
    expect(wait(task, -1, 0, 0, 0)).toMatch(/^ECHILD/);
  });

  test("sleeps for a living child, and does not with WNOHANG", () => {
    const task = taskWithPages(1);
    child(task);
    expect(wait(task, -1, 0, 0, 0)).toBe(SLEEPS);
    expect(wait(task, -1, 0, WNOHANG, 0)).toBe(0);
  });

  test("tells the code or the signal, once", () => {
    const task = taskWithPages(1);
    const [a, b] = [end(child(task), 0x1ff & 0xff), end(child(task), 0, SIG.SIGKILL)];
    expect(wait(task, a, HEAP, 0, 0)).toBe(a);
    expect(words(task, HEAP, 1)).toEqual([0xff00]);
    expect(wait(task, b, HEAP, 0, 0)).toBe(b);
    expect(words(task, HEAP, 1)).toEqual([9]);
    expect(wait(task, a, HEAP, 0, 0)).toMatch(/^ECHILD/);
  });

  test("the child is taken also where its status cannot be written", () => {
    const task = taskWithPages(1);
    const pid = end(child(task));
    expect(wait(task, pid, 8, 0, 0)).toBe("EFAULT syscall/fault");
    expect(wait(task, pid, 0, 0, 0)).toMatch(/^ECHILD/);
  });

  test("another's child, a grandchild, a thread: none of them is one's own", () => {
    const task = taskWithPages(1);
    const grandchild = child(child(task));
    end(grandchild);
    expect(wait(task, grandchild.pid.number, 0, 0, 0)).toMatch(/^ECHILD/);
    const thread = child(task, CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD);
    expect(wait(task, thread.pid.number, 0, WNOHANG, 0)).toMatch(/^ECHILD/);
  });

  test("a thread waits for its siblings' children, unless told not to", () => {
    const task = taskWithPages(1);
    const thread = child(task, CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD);
    const pid = end(child(task));
    expect(wait(thread, -1, 0, WAIT.__WNOTHREAD | WNOHANG, 0)).toMatch(/^ECHILD/);
    expect(wait(thread, -1, 0, 0, 0)).toBe(pid);
  });

  test("children that signal otherwise than with SIGCHLD want __WCLONE or __WALL", () => {
    const task = taskWithPages(1);
    const quiet = end(child(task, 0));
    expect(wait(task, -1, 0, 0, 0)).toMatch(/^ECHILD/);
    expect(wait(task, -1, 0, WAIT.__WCLONE, 0)).toBe(quiet);
    const other = end(child(task, 0));
    expect(wait(task, -1, 0, WAIT.__WALL, 0)).toBe(other);
  });
});

describe("waitid", () => {
  const wait = (task: Task, ...registers: readonly number[]): number | string =>
    said(call(task, "waitid", ...registers));

  test.each([
    ["no kind of event", [P.P_ALL, 0, 0, 0], "EINVAL wait/options"],
    ["WNOHANG alone", [P.P_ALL, 0, 0, WNOHANG], "EINVAL wait/options"],
    ["unknown options, before a bad kind", [9, 0, 0, 0x10], "EINVAL wait/options"],
    ["a bad kind", [9, 0, 0, WEXITED], "EINVAL waitid/bad-id"],
    ["process 0", [P.P_PID, 0, 0, WEXITED], "EINVAL waitid/bad-id"],
    ["a negative group", [P.P_PGID, -1, 0, WEXITED], "EINVAL waitid/bad-id"],
    ["a negative pidfd", [P.P_PIDFD, -1, 0, WEXITED], "EINVAL waitid/bad-id"],
    ["a terminal for a pidfd", [P.P_PIDFD, 0, 0, WEXITED], "EBADF waitid/bad-pidfd"],
    ["a closed pidfd", [P.P_PIDFD, 99, 0, WEXITED], "EBADF waitid/bad-pidfd"],
  ])("%s", (_what, registers, expected) => {
    expect(wait(taskWithPages(1), ...registers)).toBe(expected);
  });

  test("tells the child in a siginfo, and leaves it with WNOWAIT", () => {
    const task = taskWithPages(1);
    const pid = end(child(task), 5);
    expect(wait(task, P.P_ALL, 0, HEAP, WEXITED | WNOWAIT, 0)).toBe(0);
    // signo, errno, code, padding, pid, uid, status
    expect(words(task, HEAP, 7)).toEqual([SIG.SIGCHLD, 0, 1, 0, pid, 0, 5]);
    expect(wait(task, P.P_PID, pid, HEAP, WEXITED, 0)).toBe(0);
    expect(wait(task, P.P_PID, pid, HEAP, WEXITED, 0)).toMatch(/^ECHILD/);
    // An error leaves zeros.
    expect(words(task, HEAP, 7)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  test("tells the child's user as the caller's user namespace has it, or as nobody", () => {
    const task = taskWithPages(1);
    const one = child(task);
    must(call(one, "setuid", 1000));
    const pid = end(one);
    must(call(task, "unshare", CLONE.CLONE_NEWUSER));
    expect(wait(task, P.P_PID, pid, HEAP, WEXITED | WNOWAIT, 0)).toBe(0);
    expect(words(task, HEAP, 7)).toEqual([SIG.SIGCHLD, 0, 1, 0, pid, 65534, 0]);
    const outside = taskWithPages(1);
    const other = child(outside);
    must(call(other, "setuid", 1000));
    end(other);
    expect(wait(outside, P.P_ALL, 0, HEAP, WEXITED, 0)).toBe(0);
    expect(words(outside, HEAP, 7)[5]).toBe(1000);
  });

  test("a 32-bit caller's siginfo has no padding", () => {
    const task = taskWithPages(1);
    const pid = end(child(task), 0, SIG.SIGTERM);
    expect(said(call32(task, "waitid", P.P_ALL, 0, HEAP, WEXITED, 0))).toBe(0);
    expect(words(task, HEAP, 6)).toEqual([SIG.SIGCHLD, 0, 2, pid, 0, SIG.SIGTERM]);
  });

  test("a place that cannot be written turns every answer into EFAULT", () => {
    const task = taskWithPages(1);
    expect(wait(task, P.P_ALL, 0, 8, WEXITED, 0)).toBe("EFAULT syscall/fault");
    const pid = end(child(task));
    expect(wait(task, P.P_ALL, 0, 8, WEXITED, 0)).toBe("EFAULT syscall/fault");
    expect(wait(task, P.P_PID, pid, 0, WEXITED, 0)).toMatch(/^ECHILD/);
  });

  test("waits by pidfd; a non-blocking one says EAGAIN", () => {
    const task = taskWithPages(1);
    const one = child(task);
    const pidfd = must(call(task, "pidfd_open", one.pid.number, 0));
    const nonblocking = must(call(task, "pidfd_open", one.pid.number, 0o4000));
    expect(wait(task, P.P_PIDFD, pidfd, 0, WEXITED, 0)).toBe(SLEEPS);
    expect(wait(task, P.P_PIDFD, nonblocking, 0, WEXITED, 0)).toBe("EAGAIN waitid/nonblocking");
    expect(wait(task, P.P_PIDFD, nonblocking, 0, WEXITED | WNOHANG, 0)).toBe(0);
    end(one);
    // Who only asks for stops has no such child any more.
    expect(wait(task, P.P_PIDFD, pidfd, 0, WSTOPPED | WNOHANG, 0)).toMatch(/^ECHILD/);
    expect(wait(task, P.P_PIDFD, nonblocking, 0, WEXITED, 0)).toBe(0);
    expect(wait(task, P.P_PIDFD, pidfd, 0, WEXITED, 0)).toMatch(/^ECHILD/);
  });
});
