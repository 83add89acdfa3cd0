import { CLONE, IOCTL, must, SIG } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import type { Task } from "../task.ts";
import { call, said, TestMachine } from "../testing/machine.ts";
import { HEAP, PAGE, taskWithPages } from "../testing/pages.ts";

const { CLONE_NEWPID, CLONE_NEWUSER } = CLONE;

/** The task that a call of the clone family made, by the number that its maker was told. */
function child(parent: Task, flags: number = SIG.SIGCHLD): Task {
  const number = must(call(parent, "clone", flags, 0, 0, 0, 0));
  return parent.machine.processes.find(number, parent.pid.namespace)!.thread!.payload;
}

const answer = (task: Task, name: string, ...values: readonly number[]): number | string =>
  said(call(task, name, ...values));

/** A task, and the first process of a pid namespace that it made. */
function nested(): { readonly outside: Task; readonly init: Task } {
  const outside = taskWithPages(1);
  return { outside, init: child(outside, CLONE_NEWPID | SIG.SIGCHLD) };
}

describe("a new pid namespace", () => {
  test("nests 32 deep and no deeper", () => {
    let task = new TestMachine().spawn();
    for (let level = 1; level <= 32; level++) task = child(task, CLONE_NEWPID | SIG.SIGCHLD);
    expect(task.pid.namespace.level).toBe(32);
    expect(answer(task, "clone", CLONE_NEWPID | SIG.SIGCHLD)).toBe("ENOSPC pid_namespace/too-deep");
    expect(answer(task, "unshare", CLONE_NEWPID)).toBe("ENOSPC pid_namespace/too-deep");
    expect(answer(task, "getpid")).toBe(1);
  });

  test("takes CAP_SYS_ADMIN, which a new user namespace brings", () => {
    const task = new TestMachine().spawn({ uid: 1000 });
    expect(answer(task, "unshare", CLONE_NEWPID)).toBe("EPERM unshare/not-permitted");
    expect(answer(task, "clone", CLONE_NEWPID)).toBe("EPERM clone/namespace-not-permitted");
    const inner = child(task, CLONE_NEWPID | CLONE_NEWUSER | SIG.SIGCHLD);
    expect(inner.pid.namespace.owner).toBe(inner.subject.credentials.userNamespace);
    expect(answer(inner, "getpid")).toBe(1);
  });

  test("is refused while the caller's children are made in another", () => {
    const { outside } = nested();
    expect(answer(outside, "unshare", CLONE_NEWPID)).toBe(0);
    expect(answer(outside, "unshare", CLONE_NEWPID)).toBe("EINVAL pid_namespace/second");
    expect(answer(outside, "clone", CLONE_NEWPID)).toBe("EINVAL pid_namespace/second");
    const thread = CLONE.CLONE_VM | CLONE.CLONE_SIGHAND | CLONE.CLONE_THREAD;
    expect(answer(outside, "clone", thread)).toBe("EINVAL clone/flags-conflict");
  });

  test("is refused where the one around belongs to a user namespace further within", () => {
    const { outside } = nested();
    const owner = child(outside, CLONE_NEWPID | CLONE_NEWUSER | SIG.SIGCHLD);
    const pidfd = must(call(outside, "pidfd_open", owner.pid.number, 0));
    const joined = child(outside);
    must(call(joined, "setns", pidfd, CLONE_NEWPID));
    const within = child(joined);
    expect(answer(within, "unshare", CLONE_NEWPID)).toBe("EINVAL pid_namespace/not-below");
  });

  test("is none any more once its first process has ended", () => {
    const { outside } = nested();
    must(call(outside, "unshare", CLONE_NEWPID));
    const first = child(outside);
    call(first, "exit_group", 0);
    expect(answer(outside, "clone", SIG.SIGCHLD)).toBe("ENOMEM pid/namespace-closed");
  });
});

describe("from within", () => {
  test("the outside has no number, and a pidfd of it sends no signal", () => {
    const { outside, init } = nested();
    const pidfd = must(call(outside, "pidfd_open", outside.pid.number, 0));
    const inside = child(outside, CLONE_NEWPID | SIG.SIGCHLD);
    expect(answer(init, "getppid")).toBe(0);
    expect(answer(inside, "kill", outside.pid.number, 0)).toBe("ESRCH kill/no-process");
    expect(answer(inside, "pidfd_send_signal", pidfd, 0, 0, 0)).toBe(
      "EINVAL pidfd_send_signal/outside-namespace",
    );
  });

  test("the outside is remote for PIDFD_GET_INFO", () => {
    for (const [release, error] of [
      ["6.18.2", "ESRCH pidfd_info/no-process"],
      ["6.18.15", "EREMOTE pidfd_info/outside-namespace"],
    ] as const) {
      const outside = taskWithPages(1, { release });
      const pidfd = must(call(outside, "pidfd_open", outside.pid.number, 0));
      const inside = child(outside, CLONE_NEWPID | SIG.SIGCHLD);
      expect(answer(inside, "ioctl", pidfd, IOCTL.PIDFD_GET_INFO, HEAP)).toBe(error);
    }
  });

  test("CLONE_CHILD_SETTID tells the child's own number, CLONE_PARENT_SETTID its maker's", () => {
    const task = taskWithPages(1);
    const flags = CLONE_NEWPID | CLONE.CLONE_PARENT_SETTID | CLONE.CLONE_CHILD_SETTID;
    const number = must(call(task, "clone", flags | SIG.SIGCHLD, 0, HEAP, HEAP + 8, 0));
    const made = task.machine.processes.find(number)!.thread!.payload;
    const word = (of: Task, at: number): number =>
      new DataView(must(of.space.read(HEAP / PAGE, 4, at)).slice().buffer).getInt32(0, true);
    expect([word(task, 0), word(made, 8)]).toEqual([number, 1]);
  });
});

describe("setns", () => {
  test("asks for the descriptor, the flags, the process, and who the caller is, in this order", () => {
    const { outside, init } = nested();
    const pidfd = must(call(outside, "pidfd_open", init.pid.number, 0));
    const stranger = child(outside);
    must(call(stranger, "setresuid", 1000, 1000, 1000));
    const join = (task: Task, fd: number, flags: number): number | string =>
      answer(task, "setns", fd, flags);
    expect(join(stranger, 77, 0)).toBe("EBADF fd/closed");
    expect(join(stranger, 0, 0)).toBe("EINVAL setns/not-a-namespace");
    expect(join(stranger, pidfd, 0)).toBe("EINVAL setns/flags");
    expect(join(stranger, pidfd, SIG.SIGCHLD)).toBe("EINVAL setns/flags");
    expect(join(stranger, pidfd, CLONE_NEWPID)).toBe("EPERM setns/denied");
    call(init, "exit_group", 0);
    expect(join(stranger, pidfd, CLONE_NEWPID)).toBe("EPERM setns/denied");
    expect(join(outside, pidfd, CLONE_NEWPID)).toBe("ESRCH setns/no-process");
    call(outside, "wait4", -1, 0, 0, 0);
    expect(join(stranger, pidfd, CLONE_NEWPID)).toBe("ESRCH setns/no-process");
  });

  test("takes CAP_SYS_ADMIN; an owner has it in the user namespace that he joins with it", () => {
    const user = new TestMachine().spawn({ uid: 1000 });
    const plain = must(call(user, "pidfd_open", user.pid.number, 0));
    expect(answer(user, "setns", plain, CLONE_NEWPID)).toBe("EPERM setns/not-admin");
    expect(answer(user, "setns", plain, CLONE.CLONE_NEWUTS)).toBe("EPERM setns/not-admin");
    const inner = child(user, CLONE_NEWPID | CLONE_NEWUSER | SIG.SIGCHLD);
    const pidfd = must(call(user, "pidfd_open", inner.pid.number, 0));
    expect(answer(user, "setns", pidfd, CLONE_NEWPID)).toBe("EPERM setns/not-admin");
    expect(user.childNamespace).toBeUndefined();
    expect(answer(user, "setns", pidfd, CLONE_NEWUSER | CLONE_NEWPID)).toBe(0);
    expect(child(user).pid.namespace).toBe(inner.pid.namespace);
  });

  test("joins no pid namespace around the caller's own, and takes the rest back then", () => {
    const { outside, init } = nested();
    const pidfd = must(call(outside, "pidfd_open", outside.pid.number, 0));
    const inside = child(outside, CLONE_NEWPID | SIG.SIGCHLD);
    expect(answer(inside, "setns", pidfd, CLONE_NEWPID)).toBe("EINVAL setns/not-within");
    expect(answer(init, "getpid")).toBe(1);
  });
});
