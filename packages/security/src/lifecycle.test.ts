import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { prctl } from "./calls/prctl.ts";
import { ptraceAttach, ptraceDetach, ptraceTraceme } from "./calls/ptraceAttach.ts";
import { ExecState } from "./execState.ts";
import { exitSubject, forkSubject, reparentSubject, type ForkOptions } from "./lifecycle.ts";
import { commoncap } from "./policies/commoncap.ts";
import type { Policy } from "./policy.ts";
import { subject, type Subject } from "./subject.ts";
import { said, task } from "./testing/tasks.ts";

const access = new AccessControl();

function fork(creator: Subject, options: Partial<ForkOptions> = {}): Subject {
  const forked = forkSubject(access, creator, { pid: 800, ...options });
  if (!forked.ok) throw new Error(forked.reason.id);
  return forked.value;
}

describe("a fork", () => {
  test("has its creator's credentials, labels and no_new_privs, and a process of its own", () => {
    const parent = task({ uid: 7 }, { noNewPrivs: true, labels: { type: "a_t" } });
    parent.isChrooted = true;
    const child = fork(parent);
    expect(child.credentials).toBe(parent.credentials);
    expect([child.pid, child.group, child.noNewPrivs, child.isChrooted]).toEqual([
      800,
      800,
      true,
      true,
    ]);
    expect(child.labels).toEqual({ type: "a_t" });
    expect(child.parent).toBe(parent);
    expect(child.hasMemory).toBe(true);
  });

  test("copies the dumpable state, and goes its own way from then on", () => {
    const parent = task({ uid: 7 }, { exec: new ExecState(0) });
    const child = fork(parent);
    expect(child.exec.dumpable).toBe(0);
    child.exec.dumpable = 1;
    expect(parent.exec.dumpable).toBe(0);
  });

  test("with CLONE_VM shares it", () => {
    const parent = task({ uid: 7 });
    expect(fork(parent, { sharesMemory: true }).exec).toBe(parent.exec);
  });

  test("as a thread joins the group, shares the memory, and has its creator's parent", () => {
    const grandparent = task({ uid: 7 });
    const parent = task({ uid: 7 }, { parent: grandparent });
    const thread = fork(parent, { isThread: true });
    expect([thread.group, thread.exec, thread.parent]).toEqual([
      parent.group,
      parent.exec,
      grandparent,
    ]);
  });

  test("with CLONE_PARENT has the parent that is named", () => {
    const grandparent = task({ uid: 7 });
    expect(fork(task({ uid: 7 }), { parent: grandparent }).parent).toBe(grandparent);
  });

  test("inherits neither tracer nor parent-death signal", () => {
    const parent = task({ uid: 7 }, { tracer: task({ uid: 0 }) });
    prctl(access, parent, { option: 1, args: [9] });
    const child = fork(parent);
    expect([child.tracer, child.tracerCredentials, child.parentDeathSignal]).toEqual([
      undefined,
      undefined,
      0,
    ]);
  });

  test("with CLONE_NEWUSER starts in a namespace of its own, or is refused before any policy", () => {
    const parent = task({ uid: 1000 });
    const child = fork(parent, { newUserNamespace: true });
    expect(child.credentials.userNamespace.owner).toBe(1000);
    parent.isChrooted = true;
    const asked: string[] = [];
    const curious: Policy = { name: "curious", fork: () => void asked.push("fork") };
    const machine = new AccessControl({ policies: [commoncap(), curious] });
    const refused = forkSubject(machine, parent, { pid: 801, newUserNamespace: true });
    expect(said(refused)).toBe("EPERM user_namespace/chrooted");
    expect(asked).toEqual([]);
  });

  test("is shown to the policies with what it inherits", () => {
    const seen: number[] = [];
    const witness: Policy = {
      name: "witness",
      fork: ({ parent, child }) => void seen.push(parent.pid, child.pid),
    };
    const machine = new AccessControl({ policies: [witness] });
    const parent = task({ uid: 0 });
    forkSubject(machine, parent, { pid: 802 });
    expect(seen).toEqual([parent.pid, 802]);
  });
});

describe("an exit", () => {
  test.each([
    [0, false],
    [1, true],
    [2, false],
    ["unknown", "unknown"],
  ] as const)("saves whether the task was dumpable: %s %s", (dumpable, wasDumpable) => {
    const one = task({ uid: 1 }, { exec: new ExecState(dumpable) });
    exitSubject(access, one);
    expect([one.hasMemory, one.hasExited, one.wasDumpable]).toEqual([false, true, wasDumpable]);
  });

  test("a second time changes nothing", () => {
    const one = task({ uid: 1 });
    exitSubject(access, one);
    one.exec.dumpable = 0;
    exitSubject(access, one);
    expect(one.wasDumpable).toBe(true);
  });

  test("is taken back with an attempt", () => {
    const one = task({ uid: 1 });
    access.ports.journal.attempt(() => {
      exitSubject(access, one);
      reparentSubject(access, one, task({ uid: 0 }));
    });
    expect([one.hasMemory, one.hasExited, one.wasDumpable, one.parent]).toEqual([
      true,
      false,
      false,
      undefined,
    ]);
  });
});

test("an orphan has the parent that it was given to", () => {
  const one = task({ uid: 1 }, { parent: task({ uid: 1 }) });
  const init = task({ uid: 0 });
  reparentSubject(access, one, init);
  expect(one.parent).toBe(init);
});

describe("PTRACE_ATTACH", () => {
  const user = { uid: 1000 };

  test("makes the caller the tracer, and keeps its credentials as they are", () => {
    const tracer = task(user);
    const target = task(user);
    expect(said(ptraceAttach(access, tracer, target))).toBe("ok");
    expect([target.tracer, target.tracerCredentials]).toEqual([tracer, tracer.credentials]);
    ptraceDetach(access, target);
    expect([target.tracer, target.tracerCredentials]).toEqual([undefined, undefined]);
  });

  test("is refused in the kernel's order", () => {
    const tracer = task({ uid: 2000 });
    const kernelThread = task({ uid: 0 }, { isKernelThread: true, group: tracer.group });
    expect(said(ptraceAttach(access, tracer, kernelThread))).toBe(
      "EPERM ptrace_attach/kernel-thread",
    );
    const thread = task({ uid: 0 }, { group: tracer.group });
    expect(said(ptraceAttach(access, tracer, thread))).toBe(
      "EPERM ptrace_attach/same-thread-group",
    );
    const zombie = task({ uid: 0 }, { tracer: task({ uid: 0 }) });
    exitSubject(access, zombie);
    expect(said(ptraceAttach(access, tracer, zombie))).toBe("EPERM ptrace_attach/no-access");
    expect(said(ptraceAttach(access, task({ uid: 0 }), zombie))).toBe("EPERM ptrace_attach/exited");
    const traced = task({ uid: 0 }, { tracer: task({ uid: 0 }) });
    expect(said(ptraceAttach(access, task({ uid: 0 }), traced))).toBe(
      "EPERM ptrace_attach/already-traced",
    );
  });

  test("hands a policy's own errno through, and says where it came from", () => {
    const strict: Policy = {
      name: "strict",
      ptraceAccess: () => ({ code: "EACCES", id: "strict/no", text: "no" }),
      ptraceTraceme: () => ({ code: "EACCES", id: "strict/no", text: "no" }),
    };
    const machine = new AccessControl({ policies: [strict] });
    const answer = ptraceAttach(machine, task(user), task(user));
    expect(said(answer)).toBe("EACCES ptrace_attach/no-access");
    expect(answer.ok || [answer.errno, answer.because?.reason.id]).toEqual([13, "strict/no"]);
    const child = task(user, { parent: task(user) });
    expect(said(ptraceTraceme(machine, child))).toBe("EACCES ptrace_traceme/parent-refused");
  });

  test("is taken back with an attempt", () => {
    const target = task(user);
    access.ports.journal.attempt(() => ptraceAttach(access, task(user), target));
    expect(target.tracer).toBeUndefined();
  });
});

describe("PTRACE_TRACEME", () => {
  test("makes the parent the tracer, once", () => {
    const parent = task({ uid: 1000 });
    const child = task({ uid: 1000 }, { parent });
    expect(said(ptraceTraceme(access, child))).toBe("ok");
    expect(child.tracer).toBe(parent);
    expect(said(ptraceTraceme(access, child))).toBe("EPERM ptrace_traceme/already-traced");
  });

  test("is refused where the parent is permitted less", () => {
    const child = task({ uid: 0 }, { parent: task({ uid: 1000 }) });
    const answer = ptraceTraceme(access, child);
    expect(said(answer)).toBe("EPERM ptrace_traceme/parent-refused");
    expect(answer.ok || answer.because?.reason.id).toBe("commoncap/traceme-permitted-not-subset");
  });

  test("of a task without a parent is misuse", () => {
    expect(() => ptraceTraceme(access, task({ uid: 0 }))).toThrow(RangeError);
  });
});

describe("a task as security sees it", () => {
  test("is a process of its own, alive, open and executed in its own namespace", () => {
    const one = task({ uid: 1 });
    expect([one.group, one.exec.dumpable, one.hasMemory, one.hasExited]).toEqual([
      one.pid,
      1,
      true,
      false,
    ]);
    expect(one.exec.userNamespace).toBe(one.credentials.userNamespace);
  });

  test("without memory is a zombie, unless it is a kernel thread", () => {
    const zombie = task({ uid: 1 }, { hasMemory: false });
    expect([zombie.hasExited, zombie.wasDumpable]).toEqual([true, true]);
    const closed = task({ uid: 1 }, { hasMemory: false, exec: new ExecState(2) });
    expect(closed.wasDumpable).toBe(false);
    const kernelThread = task({ uid: 0 }, { isKernelThread: true });
    expect([kernelThread.hasMemory, kernelThread.hasExited, kernelThread.wasDumpable]).toEqual([
      false,
      false,
      false,
    ]);
    expect(kernelThread.exec.dumpable).toBe(1);
  });

  test.each([-1, 1.5, Number.NaN])("does not have the pid %d", (pid) => {
    expect(() => subject({ pid, credentials: task({ uid: 0 }).credentials })).toThrow(RangeError);
  });
});
