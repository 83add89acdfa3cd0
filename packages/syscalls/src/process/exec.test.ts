import { CLONE, must, O, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { neverReturns } from "../call.ts";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";
import { execProgram } from "./execve.ts";
import { exitTask } from "./exit.ts";

const THREAD = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;

function child(parent: Task, flags: number): Task {
  const number = must(call(parent, "clone", flags, 0, 0, 0, 0));
  return parent.machine.processes.find(number)!.thread!.payload;
}

describe("execve", () => {
  test("takes the memory, the break, and every descriptor marked close-on-exec", () => {
    const task = taskWithPages(2);
    must(call(task, "brk", 0x6000_0000_0000));
    const pidfd = must(call(task, "pidfd_open", task.pid.number, 0));
    const kept = must(call(task, "dup", pidfd));
    must(call(task, "execve"));
    expect(task.space.maps()).toBe("");
    expect(said(call(task, "close", pidfd))).toMatch(/^EBADF/);
    expect(said(call(task, "close", kept))).toBe(0);
  });

  test("who shares memory or descriptors with it keeps them", () => {
    const task = taskWithPages(1);
    const peer = child(task, CLONE.CLONE_VM | CLONE.CLONE_FILES | SIG.SIGCHLD);
    must(call(task, "execve"));
    expect(peer.space.maps()).not.toBe("");
    must(call(peer, "close", 0));
    expect(said(call(task, "close", 0))).toBe(0);
  });

  test("all other threads are gone; whichever executed is the process", () => {
    const task = taskWithPages(1);
    const number = task.pid.number;
    const [first, second] = [child(task, THREAD), child(task, THREAD)];
    const gone = first.pid.number;
    must(call(second, "execve"));
    const { processes } = task.machine;
    expect([...processes.pids.keys()]).toEqual([number]);
    expect(processes.find(number)?.thread?.payload).toBe(second);
    expect(said(call(second, "gettid"))).toBe(number);
    expect(said(call(second, "kill", gone, 0))).toMatch(/^ESRCH/);
    expect(said(call(second, "prctl", 3, 0, 0, 0, 0))).toBe(1);
  });

  test("a program of another user changes the ids, unless nothing may be gained", () => {
    const suid = { owner: 0, group: 0, setUid: true };
    const machine = new TestMachine();
    const user = machine.spawn({ uid: 1000 });
    must(execProgram(user, suid));
    expect([said(call(user, "getuid")), said(call(user, "geteuid"))]).toEqual([1000, 0]);
    const careful = machine.spawn({ uid: 1000 });
    must(call(careful, "prctl", 38, 1, 0, 0, 0));
    must(execProgram(careful, suid));
    expect(said(call(careful, "geteuid"))).toBe(1000);
  });
});

describe("exit", () => {
  test("does not return; the last thread's end is the process' end", () => {
    const task = taskWithPages(1);
    const one = child(task, SIG.SIGCHLD);
    const thread = child(one, THREAD);
    expect(neverReturns(call(one, "exit", 1))).toBe(true);
    expect(said(call(task, "wait4", -1, 0, 1, 0))).toBe(0);
    // Its memory lives on with the thread.
    expect(thread.space.maps()).not.toBe("");
    expect(neverReturns(call(thread, "exit", 2))).toBe(true);
    expect(said(call(task, "wait4", -1, 0, 1, 0))).toBe(one.pid.number);
  });

  test("a status has eight bits", () => {
    const task = taskWithPages(1);
    call(child(task, SIG.SIGCHLD), "exit", 0x1fe);
    must(call(task, "wait4", -1, HEAP, 0, 0));
    expect([...must(task.space.read(HEAP / PAGE, 4))]).toEqual([0, 0xfe, 0, 0]);
  });

  test("exit_group ends all threads, with eight bits of status", () => {
    const task = taskWithPages(1);
    const one = child(task, SIG.SIGCHLD);
    const thread = child(one, THREAD);
    expect(neverReturns(call(thread, "exit_group", 0x1234))).toBe(true);
    expect(said(call(task, "wait4", -1, HEAP, 0, 0))).toBe(one.pid.number);
    expect([...must(task.space.read(HEAP / PAGE, 2))]).toEqual([0, 0x34]);
  });

  test("whoever outlives its parent gets another", () => {
    const task = taskWithPages(1);
    const one = child(task, SIG.SIGCHLD);
    const orphan = child(one, SIG.SIGCHLD);
    exitTask(one, { code: 0, signal: 0, coreDumped: false });
    expect(said(call(orphan, "getppid"))).not.toBe(one.pid.number);
    expect(said(call(task, "wait4", orphan.pid.number, 0, 0, 0))).toMatch(/^ECHILD/);
  });
});

describe("kill", () => {
  const kill = (task: Task, pid: number, signal: number): number | string =>
    said(call(task, "kill", pid, signal));

  test("any thread's number names its process; only the leader's negated names a group", () => {
    const machine = new TestMachine();
    const [task, other] = [machine.spawn(), machine.spawn()];
    const number = must(call(task, "clone", THREAD, 0, 0, 0, 0));
    expect([kill(other, number, 0), kill(other, -number, 0)]).toEqual([0, "ESRCH kill/no-process"]);
    expect(kill(other, number, SIG.SIGKILL)).toBe(0);
    expect(kill(other, task.pid.number, 0)).toMatch(/^ESRCH/);
  });

  test("who is meant is asked before what is sent, and that before who may", () => {
    const machine = new TestMachine();
    const [user, root] = [machine.spawn({ uid: 1000 }), machine.spawn()];
    expect(kill(user, 9999, 999)).toBe("ESRCH kill/no-process");
    expect(kill(user, root.pid.number, 999)).toBe("EINVAL kill/bad-signal");
    expect(kill(user, root.pid.number, -1)).toBe("EINVAL kill/bad-signal");
    expect(kill(user, root.pid.number, 0)).toBe("EPERM kill/not-permitted");
    expect(kill(root, user.pid.number, 0)).toBe(0);
  });

  test("the same user may, by its real or effective id against the real or saved one", () => {
    const machine = new TestMachine();
    const target = machine.spawn({ uid: 1000, euid: 2000, suid: 3000 });
    const may = (uid: number, euid: number): number | string =>
      kill(machine.spawn({ uid, euid, suid: euid, capabilities: [] }), target.pid.number, 0);
    expect([may(1000, 5), may(5, 1000), may(3000, 5), may(5, 3000)]).toEqual([0, 0, 0, 0]);
    expect([may(2000, 5), may(5, 6)]).toEqual(Array(2).fill("EPERM kill/not-permitted"));
  });

  test("a fatal signal ends the process; a zombie takes any and minds none", () => {
    const task = taskWithPages(1);
    const one = child(task, SIG.SIGCHLD);
    const pid = one.pid.number;
    expect(kill(task, pid, SIG.SIGWINCH)).toBe(0);
    expect(said(call(task, "wait4", pid, 0, 1, 0))).toBe(0);
    expect(kill(task, pid, SIG.SIGTERM)).toBe(0);
    expect(kill(task, pid, SIG.SIGKILL)).toBe(0);
    expect(said(call(task, "wait4", pid, HEAP, 0, 0))).toBe(pid);
    expect([...must(task.space.read(HEAP / PAGE, 1))]).toEqual([SIG.SIGTERM]);
    expect(kill(task, pid, 0)).toBe("ESRCH kill/no-process");
  });
});

describe("prlimit64", () => {
  const NOFILE = 7;
  const limit = (task: Task, pid: number, soft: bigint, hard: bigint): number | string => {
    must(task.space.write(HEAP / PAGE, new Uint8Array(BigUint64Array.of(soft, hard).buffer)));
    return said(call(task, "prlimit64", pid, NOFILE, HEAP, HEAP + 64));
  };

  test("reads and writes, the old value behind the new one", () => {
    const task = taskWithPages(1);
    expect(limit(task, 0, 100n, 200n)).toBe(0);
    expect(limit(task, 0, 50n, 150n)).toBe(0);
    const old = must(task.space.read(HEAP / PAGE, 16, 64));
    expect([...new BigUint64Array(old.slice().buffer)]).toEqual([100n, 200n]);
    expect(said(call(task, "dup3", 0, 50, 0))).toMatch(/^EBADF/);
    expect(said(call(task, "dup3", 0, 49, O.O_CLOEXEC))).toBe(49);
  });

  test("its refusals, in order", () => {
    const machine = new TestMachine();
    const user = machine.spawn({ uid: 1000 });
    must(call(user, "mmap", HEAP, PAGE, 3, 0x32, -1, 0));
    const root = machine.spawn();
    expect(said(call(user, "prlimit64", 0, NOFILE, 8, 0))).toBe("EFAULT syscall/fault");
    expect(limit(user, 9999, 1n, 2n)).toBe("ESRCH prlimit/no-process");
    expect(limit(user, root.pid.number, 1n, 2n)).toBe("EPERM prlimit/not-permitted");
    expect(said(call(user, "prlimit64", 0, 99, 0, 0))).toBe("EINVAL prlimit/resource");
    expect(limit(user, 0, 2n, 1n)).toBe("EINVAL prlimit/resource");
    expect(limit(user, 0, 1n, 2n ** 40n)).toBe("EPERM prlimit/too-many-files");
    expect(limit(user, 0, 1n, 5000n)).toBe("EPERM prlimit/raise");
    expect(limit(user, 0, 1n, 10n)).toBe(0);
    expect(limit(user, 0, 1n, 11n)).toBe("EPERM prlimit/raise");
  });
});
