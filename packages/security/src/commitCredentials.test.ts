import { SECUREBITS } from "@kadvise/uapi";
import { describe, expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { capset } from "./calls/capset.ts";
import { prctl } from "./calls/prctl.ts";
import { setfsgid, setfsuid } from "./calls/setfsuid.ts";
import { setgroups } from "./calls/setgroups.ts";
import { setreuid } from "./calls/setreuid.ts";
import { setresgid, setresuid } from "./calls/setresuid.ts";
import { setgid, setuid } from "./calls/setuid.ts";
import { createUserNamespace, joinUserNamespace } from "./calls/userNamespace.ts";
import { ALL_CAPABILITIES, NO_CAPABILITIES } from "./capabilitySet.ts";
import { commitCredentials } from "./commitCredentials.ts";
import { changed } from "./credentials.ts";
import { ExecState } from "./execState.ts";
import { exitSubject } from "./lifecycle.ts";
import type { Subject } from "./subject.ts";
import { task } from "./testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

type Act = (access: AccessControl, one: Subject) => unknown;

const none = {
  effective: NO_CAPABILITIES,
  permitted: NO_CAPABILITIES,
  inheritable: NO_CAPABILITIES,
};
const foreign = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
const ownedByRoot = new UserNamespace({ parent: initialUserNamespace, owner: 0, group: 0 });
const below = new UserNamespace({ parent: ownedByRoot, owner: 77, group: 77 });

/** After each, dumpable is fs.suid_dumpable: it was 1, and the setting is 0. */
const CLOSES: readonly (readonly [string, Act])[] = [
  ["seteuid", (a, s) => setresuid(a, s, -1, 1000, -1)],
  ["setegid", (a, s) => setresgid(a, s, -1, 1000, -1)],
  ["setfsuid", (a, s) => setfsuid(a, s, 1000)],
  ["setfsgid", (a, s) => setfsgid(a, s, 1000)],
  ["setuid to another", (a, s) => setuid(a, s, 1000)],
  ["setgid to another", (a, s) => setgid(a, s, 1000)],
  [
    "setreuid that forgets a setfsuid",
    (a, s) => (setfsuid(a, s, 5), (s.exec.dumpable = 1), setreuid(a, s, -1, -1)),
  ],
  ["setns into a foreign user namespace", (a, s) => joinUserNamespace(a, s, foreign)],
];

const STAYS: readonly (readonly [string, Act])[] = [
  ["setresuid of the real and the saved uid", (a, s) => setresuid(a, s, 1000, -1, 1000)],
  ["setresgid of the real and the saved gid", (a, s) => setresgid(a, s, 1000, -1, 1000)],
  ["setuid to oneself", (a, s) => setuid(a, s, 0)],
  ["setresuid that changes nothing", (a, s) => setresuid(a, s, 0, 0, 0)],
  ["setgroups", (a, s) => setgroups(a, s, [1, 2])],
  ["capset to nothing", (a, s) => capset(a, s, none)],
  [
    "capset to nothing effective, and back",
    (a, s) => (
      capset(a, s, { ...none, permitted: ALL_CAPABILITIES }),
      capset(a, s, { ...none, effective: ALL_CAPABILITIES, permitted: ALL_CAPABILITIES })
    ),
  ],
  ["PR_SET_KEEPCAPS", (a, s) => prctl(a, s, { option: 8, args: [1] })],
  ["PR_SET_SECUREBITS", (a, s) => prctl(a, s, { option: 28, args: [SECUREBITS.SECBIT_NOROOT] })],
  ["PR_CAPBSET_DROP", (a, s) => prctl(a, s, { option: 24, args: [1] })],
  ["unshare(CLONE_NEWUSER)", (a, s) => createUserNamespace(a, s)],
  ["setns into one's own user namespace", (a, s) => joinUserNamespace(a, s, ownedByRoot)],
  ["setns into one that lies below one's own", (a, s) => joinUserNamespace(a, s, below)],
];

describe("a change of identity closes the process to its peers", () => {
  test.each(CLOSES)("%s closes", (_, act) => {
    const one = task({ uid: 0 });
    act(new AccessControl(), one);
    expect(one.exec.dumpable).toBe(0);
  });

  test.each(STAYS)("%s does not", (_, act) => {
    const one = task({ uid: 0 });
    act(new AccessControl(), one);
    expect(one.exec.dumpable).toBe(1);
  });

  test.each([0, 1, 2] as const)("to what fs.suid_dumpable says: %i", (suidDumpable) => {
    const access = new AccessControl({ settings: { suidDumpable } });
    const one = task({ uid: 0 });
    setuid(access, one, 1000);
    expect(one.exec.dumpable).toBe(suidDumpable);
  });

  test("and fs.suid_dumpable 1 even opens a process that was closed", () => {
    const access = new AccessControl({ settings: { suidDumpable: 1 } });
    const one = task({ uid: 0 }, { exec: new ExecState(0) });
    setuid(access, one, 1000);
    expect(one.exec.dumpable).toBe(1);
  });

  test("and changing back does not open it again, but PR_SET_DUMPABLE does", () => {
    const access = new AccessControl();
    const one = task({ uid: 0 });
    setresuid(access, one, -1, 1000, -1);
    setresuid(access, one, -1, 0, -1);
    expect(one.exec.dumpable).toBe(0);
    prctl(access, one, { option: 4, args: [1] });
    expect(one.exec.dumpable).toBe(1);
  });

  test("for everybody who shares the memory, a vfork's parent for one", () => {
    const parent = task({ uid: 0 });
    const child = task({ uid: 0 }, { exec: parent.exec });
    setresuid(new AccessControl(), child, 1000, 1000, 1000);
    expect(parent.exec.dumpable).toBe(0);
  });

  test("but not where the memory is gone already", () => {
    const access = new AccessControl();
    const one = task({ uid: 0 });
    exitSubject(access, one);
    setuid(access, one, 1000);
    expect(one.exec.dumpable).toBe(1);
  });

  test("and clears the parent-death signal, which a change of the real uid does not", () => {
    const access = new AccessControl();
    const one = task({ uid: 0 });
    prctl(access, one, { option: 1, args: [9] });
    setresuid(access, one, 1000, -1, -1);
    expect(one.parentDeathSignal).toBe(9);
    setresuid(access, one, -1, 1000, -1);
    expect(one.parentDeathSignal).toBe(0);
  });
});

describe("committing credentials", () => {
  test("is taken back with everything that it did", () => {
    const access = new AccessControl();
    const one = task({ uid: 0 });
    one.parentDeathSignal = 9;
    const before = one.credentials;
    access.ports.journal.attempt(() => {
      commitCredentials(access, one, changed(before, { fsuid: 9 }));
      expect([one.exec.dumpable, one.parentDeathSignal]).toEqual([0, 0]);
    });
    expect(one.credentials).toBe(before);
    expect([one.exec.dumpable, one.parentDeathSignal]).toEqual([1, 9]);
  });

  test.each([
    [true, 0],
    [false, 1],
  ])("asks whether the permitted set grew only of an exec: %s", (permittedMayGrow, dumpable) => {
    const access = new AccessControl();
    const one = task({ uid: 1000 });
    const next = changed(one.credentials, { permitted: ALL_CAPABILITIES });
    commitCredentials(access, one, next, { permittedMayGrow });
    expect(one.exec.dumpable).toBe(dumpable);
  });
});
