import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { prctl } from "./calls/prctl.ts";
import { ptraceAttach } from "./calls/ptraceAttach.ts";
import { setresuid } from "./calls/setresuid.ts";
import { createUserNamespace } from "./calls/userNamespace.ts";
import { unknownCredentials } from "./credentials.ts";
import { forkSubject } from "./lifecycle.ts";
import { commoncap } from "./policies/commoncap.ts";
import { landlock } from "./policies/landlock.ts";
import { yama } from "./policies/yama.ts";
import {
  restorePolicies,
  restoreSubjects,
  snapshotPolicies,
  snapshotSubjects,
} from "./snapshot.ts";
import { subject, type Subject } from "./subject.ts";
import { said, task } from "./testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

const access = new AccessControl();

function copyOf(...subjects: Subject[]): Subject[] {
  return restoreSubjects(
    JSON.parse(JSON.stringify(snapshotSubjects(subjects))) as ReturnType<typeof snapshotSubjects>,
  );
}

describe("a snapshot of tasks", () => {
  test("gives back equal tasks that share nothing with the first ones", () => {
    const one = task({ uid: 5, groups: [1, 2] }, { labels: { type: "a_t" }, noNewPrivs: true });
    const [copy] = copyOf(one);
    expect(copy).toEqual(one);
    expect(copy).toBeInstanceOf(one.constructor);
    expect(copy).not.toBe(one);
    expect(copy?.exec).not.toBe(one.exec);
    expect(Object.isFrozen(copy?.credentials)).toBe(true);
    setresuid(access, one, 6, 6, 6);
    expect(copy?.credentials.uid).toBe(5);
  });

  test("survives structured cloning", () => {
    const one = task({ uid: 5 });
    const [copy] = restoreSubjects(structuredClone(snapshotSubjects([one])));
    expect(copy).toEqual(one);
  });

  test("keeps who shares memory, credentials and namespace with whom", () => {
    const parent = task({ uid: 1000 });
    createUserNamespace(access, parent);
    const thread = forkSubject(access, parent, { pid: 700, isThread: true });
    const child = forkSubject(access, parent, { pid: 701 });
    if (!thread.ok || !child.ok) throw new Error("fork");
    const [a, b, c] = copyOf(parent, thread.value, child.value) as [Subject, Subject, Subject];
    expect(a.exec).toBe(b.exec);
    expect(a.exec).not.toBe(c.exec);
    expect(a.credentials).toBe(c.credentials);
    expect(c.parent).toBe(a);
    const { userNamespace } = a.credentials;
    expect(userNamespace).not.toBe(parent.credentials.userNamespace);
    expect(userNamespace.parent).toBe(initialUserNamespace);
    expect([userNamespace.level, userNamespace.owner]).toEqual([1, 1000]);
    expect(a.exec.userNamespace).toBe(initialUserNamespace);
  });

  test("keeps namespaces one that were one, however many lie in them", () => {
    const outer = new UserNamespace({ parent: initialUserNamespace, owner: 5, group: 5 });
    const inner = [1, 2].map(() => new UserNamespace({ parent: outer, owner: 5, group: 5 }));
    const tasks = [outer, ...inner].map((userNamespace) => task({ uid: 5, userNamespace }));
    const [top, a, b] = copyOf(...tasks).map(({ credentials: c }) => c.userNamespace);
    expect([a.parent, b.parent]).toEqual([top, top]);
    expect([a.parent === top, b.parent === top, a === b]).toEqual([true, true, false]);
    expect(top.parent).toBe(initialUserNamespace);
  });

  test("takes parents and tracers along, and gives back only the tasks that were asked for", () => {
    const tracer = task({ uid: 0 });
    const one = task({ uid: 5 }, { parent: task({ uid: 9 }) });
    ptraceAttach(access, tracer, one);
    tracer.credentials = task({ uid: 7 }).credentials;
    const copies = copyOf(one);
    expect(copies).toHaveLength(1);
    expect(copies[0]?.parent?.credentials.uid).toBe(9);
    expect(copies[0]?.tracer?.credentials.uid).toBe(7);
    expect(copies[0]?.tracerCredentials?.uid).toBe(0);
  });

  test("keeps what is unknown, open to an answer that reaches all who inherited it", () => {
    const one = subject({ pid: 3, credentials: unknownCredentials({ whose: "process 3" }) });
    const child = forkSubject(access, one, { pid: 4 });
    if (!child.ok) throw new Error("fork");
    const [a, b] = copyOf(one, child.value) as [Subject, Subject];
    expect(a.credentials).toEqual(one.credentials);
    expect(a.credentials).toBe(b.credentials);
    expect(Object.isFrozen(a.credentials)).toBe(false);
  });

  test("of another version is not understood, and one that lacks something neither", () => {
    const snapshot = snapshotSubjects([task({ uid: 0 })]);
    expect(() => restoreSubjects({ ...snapshot, version: 2 as 1 })).toThrow(
      "a snapshot of version 2",
    );
    expect(() => restoreSubjects({ ...snapshot, credentials: [] })).toThrow(
      "the snapshot is incomplete",
    );
  });
});

describe("a snapshot of policies", () => {
  test("holds the state of those that have any, and fills it in again", () => {
    const policies = [commoncap(), landlock(), yama({ scope: 1 })];
    const machine = new AccessControl({ policies });
    const target = task({ uid: 1 });
    prctl(machine, target, { option: 0x5961_6d61, args: [-1] });
    const snapshot = structuredClone(snapshotPolicies(machine.policies));
    expect(Object.keys(snapshot)).toEqual(["landlock", "yama"]);
    const question = {
      caller: task({ uid: 1 }),
      target,
      mode: "PTRACE_MODE_ATTACH_REALCREDS",
    } as const;
    prctl(machine, target, { option: 0x5961_6d61, args: [0] });
    expect(said(machine.ptraceAccess(question))).toBe("EPERM yama/restricted");
    restorePolicies(machine.policies, snapshot);
    expect(said(machine.ptraceAccess(question))).toBe("ok");
    prctl(machine, target, { option: 0x5961_6d61, args: [0] });
    expect(snapshot.yama).toMatchObject({ tracers: { [target.pid]: "any" } });
  });

  test("leaves a policy alone that it does not know", () => {
    const policy = yama({ scope: 2 });
    restorePolicies([policy, commoncap()], { commoncap: {}, apparmor: { x: 1 } });
    expect(policy.state().scope).toBe(2);
  });
});
