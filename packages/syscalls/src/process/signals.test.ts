import { CLONE, must, PIDFD, PIDFD_SIGNAL, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, decoded, said, TestMachine, type TestMachineOptions } from "../testing/machine.ts";
import { exitProcess } from "./exit.ts";

const SIGINFO_BYTES = 128;
const SI_QUEUE = -1;
const SI_TKILL = -6;

const machine = (options: TestMachineOptions = {}): TestMachine => new TestMachine(options);
const pidfdOf = (task: Task, of: Task): number => must(call(task, "pidfd_open", of.pid.number, 0));
const send = (task: Task, ...registers: readonly (number | bigint)[]): number | string =>
  said(call(task, "pidfd_send_signal", ...registers));
const killing = (task: Task, of: Task, signal: number): number | string =>
  said(call(task, "kill", of.pid.number, signal));
const die = (task: Task): void => exitProcess(task, { code: 0, signal: 0, coreDumped: false });
const forkOf = (task: Task): Task =>
  task.machine.processes.find(must(call(task, "fork")))!.thread!.payload;

function info(signal: number, code: number): Uint8Array {
  const bytes = new Uint8Array(SIGINFO_BYTES);
  new DataView(bytes.buffer).setInt32(0, signal, true);
  new DataView(bytes.buffer).setInt32(8, code, true);
  return bytes;
}

const sendInfo = (task: Task, fd: number, signal: number, bytes: Uint8Array): number | string =>
  said(decoded(task, "pidfd_send_signal", fd, signal, bytes, 0).outcome);

describe("who may signal whom", () => {
  test.each([
    [
      "the real uid that is the target's real uid",
      { uid: 1, euid: 9, suid: 9 },
      { uid: 1, euid: 5, suid: 5 },
      0,
    ],
    [
      "the effective uid that is the target's saved uid",
      { uid: 9, euid: 1, suid: 9 },
      { uid: 5, euid: 5, suid: 1 },
      0,
    ],
    [
      "the target's effective uid alone",
      { uid: 1 },
      { uid: 5, euid: 1, suid: 5 },
      "EPERM kill/not-permitted",
    ],
    [
      "the caller's saved uid alone",
      { uid: 9, euid: 9, suid: 1 },
      { uid: 1 },
      "EPERM kill/not-permitted",
    ],
    ["CAP_KILL", { uid: 9, capabilities: ["CAP_KILL"] }, { uid: 1 }, 0],
    [
      "another capability",
      { uid: 9, capabilities: ["CAP_SYS_PTRACE"] },
      { uid: 1 },
      "EPERM kill/not-permitted",
    ],
  ] as const)("%s", (_, own, theirs, expected) => {
    const on = machine();
    const caller = on.spawn(own);
    const target = on.spawn(theirs);
    const fd = pidfdOf(caller, target);
    expect(killing(caller, target, 0)).toBe(expected);
    expect(send(caller, fd, 0, 0, 0)).toBe(expected);
  });

  test("SIGCONT passes within a session, whoever the other is, and nothing else does", () => {
    const on = machine();
    const root = on.spawn();
    const child = forkOf(root);
    must(call(child, "setresuid", 5, 5, 5));
    expect(killing(child, root, SIG.SIGCONT)).toBe(0);
    expect(killing(child, root, SIG.SIGSTOP)).toBe("EPERM kill/not-permitted");
    expect(killing(child, on.spawn(), SIG.SIGCONT)).toBe("EPERM kill/not-permitted");
  });

  test("SIGSTOP stops a process until SIGCONT, and a kernel thread minds neither", () => {
    const on = machine();
    const caller = on.spawn();
    const { group } = forkOf(caller).thread;
    must(call(caller, "kill", group.pid.number, SIG.SIGSTOP));
    expect(group.stopped).toBe(true);
    must(call(caller, "kill", group.pid.number, SIG.SIGCONT));
    expect(group.stopped).toBe(false);
    const kernelThread = on.spawn({ isKernelThread: true });
    expect(killing(caller, kernelThread, SIG.SIGKILL)).toBe(0);
    expect(killing(caller, kernelThread, 0)).toBe(0);
    expect(kernelThread.thread.group.state).toBe("alive");
  });
});

describe("pidfd_send_signal", () => {
  test("asks for flags, the pidfd, the process, the signal, and then for permission", () => {
    const on = machine();
    const caller = on.spawn({ uid: 1 });
    const other = forkOf(on.spawn());
    const fd = pidfdOf(caller, other);
    expect(send(caller, 77, 999, 0, 8)).toBe("EINVAL pidfd_send_signal/flags");
    expect(send(caller, 77, 999, 0, 0)).toBe("EBADF pidfd/closed");
    expect(send(caller, 0, 999, 0, 0)).toBe("EBADF pidfd/other-file");
    expect(send(caller, -1, 999, 0, 0)).toBe("EBADF pidfd/negative");
    expect(send(caller, fd, 999, 0, 0)).toBe("EINVAL kill/bad-signal");
    expect(send(caller, fd, 9, 0, 0)).toBe("EPERM kill/not-permitted");
    die(other);
    expect(send(caller, fd, 0, 0, 0)).toBe("EPERM kill/not-permitted");
    const parent = other.subject.parent!.pid;
    must(call(on.task(parent), "wait4", other.pid.number, 0, 0, 0));
    expect(send(caller, fd, 999, 0, 0)).toBe("ESRCH pidfd_send_signal/no-process");
  });

  test.each([
    ["6.8", PIDFD_SIGNAL.PIDFD_SIGNAL_THREAD, "EINVAL pidfd_send_signal/flags"],
    ["6.9", PIDFD_SIGNAL.PIDFD_SIGNAL_THREAD, 0],
    ["6.9", 3, "EINVAL pidfd_send_signal/flags"],
    ["7.3", PIDFD_SIGNAL.PIDFD_SIGNAL_PROCESS_GROUP, 0],
  ])("on %s with the scope %i: %s", (release, flags, expected) => {
    const task = machine({ release }).spawn();
    expect(send(task, pidfdOf(task, task), 0, 0, flags)).toBe(expected);
  });

  // Seen on 6.18: a child leads no group before setpgid, and no signal number is looked at then.
  test("the scope of a process group asks for one that bears the number", () => {
    const leader = machine().spawn();
    const child = forkOf(leader);
    const stranger = machine().spawn({ uid: 7 });
    const scope = PIDFD_SIGNAL.PIDFD_SIGNAL_PROCESS_GROUP;
    expect(send(leader, pidfdOf(leader, child), 999, 0, scope)).toBe(
      "ESRCH pidfd_send_signal/no-process-group",
    );
    expect(send(leader, pidfdOf(leader, leader), 999, 0, scope)).toBe("EINVAL kill/bad-signal");
    expect(send(stranger, pidfdOf(stranger, stranger), 0, 0, scope)).toBe(0);
  });

  test("a group's signal ends all of it", () => {
    const leader = machine().spawn();
    const [one, other] = [forkOf(leader), forkOf(leader)];
    const fd = pidfdOf(one, leader);
    const scope = PIDFD_SIGNAL.PIDFD_SIGNAL_PROCESS_GROUP;
    expect(send(one, fd, SIG.SIGKILL, 0, scope)).toBe(0);
    for (const { pid } of [leader, one, other]) expect(pid.thread?.alive ?? false).toBe(false);
  });

  test.each([
    ["6.12", "EBADF pidfd/negative"],
    ["6.18", 0],
  ])("on %s the sentinels of oneself: %s", (release, expected) => {
    const task = machine({ release }).spawn();
    expect([-10000, -10001].map((fd) => send(task, fd, 0, 0, 0))).toEqual([expected, expected]);
  });

  test("a siginfo must be about that signal, and pretends to be the kernel's to oneself alone", () => {
    const caller = machine().spawn();
    const child = forkOf(caller);
    const [own, theirs] = [pidfdOf(caller, caller), pidfdOf(caller, child)];
    const signal = SIG.SIGCHLD;
    expect(sendInfo(caller, theirs, signal, info(signal, SI_QUEUE))).toBe(0);
    expect(sendInfo(caller, theirs, signal, info(1, SI_QUEUE))).toBe(
      "EINVAL pidfd_send_signal/info-signal",
    );
    for (const code of [0, 128, SI_TKILL]) {
      expect(sendInfo(caller, theirs, signal, info(signal, code))).toBe(
        "EPERM pidfd_send_signal/info-forged",
      );
      expect(sendInfo(caller, own, signal, info(signal, code))).toBe(0);
    }
    expect(send(caller, theirs, signal, 0x1000, 0)).toMatch(/^EFAULT/);
  });

  test("a fatal one ends the process, and the pidfd goes on naming it", () => {
    const caller = machine().spawn();
    const child = forkOf(caller);
    const fd = pidfdOf(caller, child);
    expect(send(caller, fd, SIG.SIGTERM, 0, 0)).toBe(0);
    expect(child.pid.group?.exitStatus?.signal).toBe(SIG.SIGTERM);
    expect(send(caller, fd, 0, 0, 0)).toBe(0);
  });

  test("a thread's pidfd reaches its process", () => {
    const task = machine().spawn();
    const flags = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    const tid = must(call(task, "clone", flags, 0, 0, 0, 0));
    const fd = must(call(task, "pidfd_open", tid, PIDFD.PIDFD_THREAD));
    expect(send(task, fd, 0, 0, 0)).toBe(0);
  });
});
