import { CLONE, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import {
  call,
  call32,
  decoded,
  said,
  TestMachine,
  type TestTaskOptions,
} from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const SI_USER = 0;
const SI_KERNEL = 0x80;
const SI_QUEUE = -1;
const SI_TKILL = -6;
const SI_DETHREAD = -7;
const SI_ASYNCNL = -60;
const NOBODY = 30_000;
const NO_SIGNAL = 65;

function info(code: number, { signo = 0, behind = 0 } = {}): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, signo, true);
  view.setInt32(8, code, true);
  bytes[127] = behind;
  return bytes;
}

function two(ids: TestTaskOptions = {}): { readonly caller: Task; readonly other: Task } {
  const machine = new TestMachine();
  return { caller: machine.spawn(ids), other: machine.spawn() };
}

const queue = (task: Task, pid: number, signal: number, code: number): number | string =>
  said(decoded(task, "rt_sigqueueinfo", pid, signal, info(code)).outcome);
const queueTo = (
  task: Task,
  [tgid, tid]: readonly [number, number],
  signal: number,
  code: number,
): number | string =>
  said(decoded(task, "rt_tgsigqueueinfo", tgid, tid, signal, info(code)).outcome);

describe("a siginfo for another", () => {
  test.each([
    ["of a program", SI_QUEUE, 0],
    ["of a timer", -2, 0],
    ["of kill", SI_USER, "EPERM siginfo/forged"],
    ["of tgkill", SI_TKILL, "EPERM siginfo/forged"],
    ["of the kernel", SI_KERNEL, "EPERM siginfo/forged"],
  ])("%s", (_, code, answer) => {
    const { caller, other } = two();
    const { number } = other.pid;
    expect(queue(caller, number, 0, code)).toBe(answer);
    expect(queueTo(caller, [number, number], 0, code)).toBe(answer);
    const own = caller.pid.number;
    expect(queue(caller, own, 0, code)).toBe(0);
    expect(queueTo(caller, [own, own], 0, code)).toBe(0);
  });

  test("a thread is another too, and its leader is", () => {
    const { caller } = two();
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const tid = must(call(caller, "clone", flags, 0, 0, 0, 0));
    const thread = caller.machine.processes.find(tid)!.thread!.payload;
    const own = caller.pid.number;
    expect(queue(caller, tid, 0, SI_USER)).toBe("EPERM siginfo/forged");
    expect(queue(thread, own, 0, SI_USER)).toBe("EPERM siginfo/forged");
    expect(queueTo(thread, [own, tid], 0, SI_USER)).toBe(0);
  });
});

describe("what is refused first", () => {
  test("a siginfo that cannot be read, then a forged one, then nobody, then no signal", () => {
    const { caller } = two();
    expect(said(call(caller, "rt_sigqueueinfo", NOBODY, NO_SIGNAL, 0))).toBe(
      "EFAULT syscall/fault",
    );
    expect(queue(caller, NOBODY, NO_SIGNAL, SI_USER)).toBe("EPERM siginfo/forged");
    expect(queue(caller, NOBODY, NO_SIGNAL, SI_QUEUE)).toBe("ESRCH kill/no-process");
    expect(queue(caller, caller.pid.number, NO_SIGNAL, SI_QUEUE)).toBe("EINVAL kill/bad-signal");
  });

  test.each([0, -1, -2])("%i is nobody, where kill knows a group by it", (pid) => {
    const { caller } = two();
    expect(queue(caller, pid, 0, SI_QUEUE)).toBe("ESRCH kill/no-process");
    expect(queue(caller, pid, 0, SI_USER)).toBe("EPERM siginfo/forged");
  });

  test("of a thread, numbers that none has come before a forged siginfo", () => {
    const { caller, other } = two();
    const { number } = other.pid;
    expect(said(call(caller, "rt_tgsigqueueinfo", 0, 0, 0, 0))).toBe("EFAULT syscall/fault");
    expect(queueTo(caller, [0, number], NO_SIGNAL, SI_USER)).toBe("EINVAL tgkill/not-positive");
    expect(queueTo(caller, [number, -1], 0, SI_USER)).toBe("EINVAL tgkill/not-positive");
    expect(queueTo(caller, [NOBODY, number], NO_SIGNAL, SI_USER)).toBe("EPERM siginfo/forged");
    expect(queueTo(caller, [NOBODY, number], NO_SIGNAL, SI_QUEUE)).toBe("ESRCH tgkill/no-thread");
    expect(queueTo(caller, [number, number], NO_SIGNAL, SI_QUEUE)).toBe("EINVAL kill/bad-signal");
  });

  test("whoever may not kill it may not queue for it", () => {
    const { caller, other } = two({ uid: 1000 });
    const { number } = other.pid;
    expect(queue(caller, number, NO_SIGNAL, SI_QUEUE)).toBe("EINVAL kill/bad-signal");
    expect(queue(caller, number, 0, SI_QUEUE)).toBe("EPERM kill/not-permitted");
    expect(queueTo(caller, [number, number], 0, SI_QUEUE)).toBe("EPERM kill/not-permitted");
  });
});

test("it ends who is meant, whatever signal the siginfo names", () => {
  const { caller, other } = two();
  const bytes = info(SI_QUEUE, { signo: SIG.SIGCHLD });
  const { outcome } = decoded(caller, "rt_sigqueueinfo", other.pid.number, SIG.SIGTERM, bytes);
  expect(said(outcome)).toBe(0);
  expect(other.mm).toBeUndefined();
});

describe("what lies behind the 48 bytes that are kept", () => {
  const TOO_BIG = "E2BIG siginfo/unknown-layout";

  test.each([
    [SIG.SIGCHLD, SI_QUEUE, 0],
    [SIG.SIGCHLD, SI_DETHREAD, 0],
    [SIG.SIGCHLD, SI_DETHREAD - 1, TOO_BIG],
    [SIG.SIGCHLD, SI_ASYNCNL, 0],
    [SIG.SIGCHLD, SI_KERNEL, 0],
    [SIG.SIGCHLD, 6, 0],
    [SIG.SIGCHLD, 7, TOO_BIG],
    [SIG.SIGURG, 6, 0],
    [SIG.SIGURG, 7, TOO_BIG],
  ])("with signal %i and code %i it answers %s", (signal, code, answer) => {
    const { caller } = two();
    const own = caller.pid.number;
    const send = (behind: number): number | string =>
      said(decoded(caller, "rt_sigqueueinfo", own, signal, info(code, { behind })).outcome);
    expect(send(0)).toBe(0);
    expect(send(1)).toBe(answer);
  });

  test("is read under an unknown code alone; a 32-bit caller's always", () => {
    const task = taskWithPages(1);
    const at = HEAP + PAGE - 48;
    const own = task.pid.number;
    const write = (code: number): void => {
      must(task.space.write(HEAP / PAGE, info(code).subarray(0, 48), PAGE - 48));
    };
    write(SI_QUEUE);
    expect(said(call(task, "rt_sigqueueinfo", own, 0, at))).toBe(0);
    expect(said(call32(task, "rt_sigqueueinfo", own, 0, at))).toBe("EFAULT syscall/fault");
    write(SI_DETHREAD - 1);
    expect(said(call(task, "rt_sigqueueinfo", own, 0, at))).toBe("EFAULT syscall/fault");
  });

  test("does not matter to a 32-bit caller, and does to pidfd_send_signal", () => {
    const task = taskWithPages(1);
    must(task.space.write(HEAP / PAGE, info(-8, { signo: 17, behind: 1 })));
    const fd = must(call(task, "pidfd_open", task.pid.number, 0));
    expect(said(call32(task, "rt_sigqueueinfo", task.pid.number, 17, HEAP))).toBe(0);
    expect(said(call32(task, "pidfd_send_signal", fd, 17, HEAP, 0))).toBe(0);
    expect(said(call(task, "pidfd_send_signal", fd, 17, HEAP, 0))).toBe(TOO_BIG);
    expect(said(call(task, "pidfd_send_signal", fd, 18, HEAP, 0))).toBe(TOO_BIG);
  });
});
