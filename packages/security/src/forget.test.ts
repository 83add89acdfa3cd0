import { expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { capabilitySet } from "./capabilitySet.ts";
import { credentials, isSettled, unknownCredentials } from "./credentials.ts";
import { forgetPrivileges } from "./forget.ts";
import { isUnknownId } from "./ids.ts";
import { subject } from "./subject.ts";

const access = new AccessControl({});
const known = credentials({
  ...{ uid: 1000, gid: 1000, groups: [7, 8], securebits: 4, inheritable: ["CAP_CHOWN"] },
  ...{ capabilities: ["CAP_SYS_NICE"], ambient: ["CAP_SYS_NICE"], bounding: ["CAP_SYS_NICE"] },
});

test("a set-id program may have changed every id but the real one, and these are one", () => {
  const task = subject({ pid: 5, credentials: known });
  forgetPrivileges(access, task);
  const c = task.credentials;
  expect([c.uid, c.gid, c.groups, c.securebits]).toEqual([1000, 1000, [7, 8], 4]);
  expect([c.suid, c.fsuid, c.sgid, c.fsgid]).toEqual([c.euid, c.euid, c.egid, c.egid]);
  expect([isUnknownId(c.euid), isUnknownId(c.egid), c.euid === c.egid]).toEqual([
    true,
    true,
    false,
  ]);
});

test("permitted and effective sets are open; ambient capabilities may only have gone", () => {
  const task = subject({ pid: 5, credentials: known });
  forgetPrivileges(access, task);
  const { inheritable, bounding, unknown, permitted, effective, ambient } = task.credentials;
  const [all, nice, none] = [capabilitySet("all"), known.ambient, capabilitySet("none")];
  expect([permitted, effective, ambient]).toEqual([none, none, none]);
  expect(unknown?.open).toEqual({
    ...{ permitted: all, effective: all, ambient: nice, inheritable: none, bounding: none },
  });
  expect([inheritable, bounding]).toEqual([capabilitySet(["CAP_CHOWN"]), nice]);
  expect([unknown?.groups, unknown?.whose, unknown?.notIds]).toEqual([false, "process 5", []]);
});

test("what was open stays so, and all of it can be taken back", () => {
  const task = subject({ pid: 5, credentials: unknownCredentials({ sameIds: true }) });
  const { credentials: old } = task;
  access.ports.journal.attempt(() => {
    forgetPrivileges(access, task);
    const { uid, euid, unknown } = task.credentials;
    expect([isUnknownId(uid), uid === euid, unknown?.groups]).toEqual([true, false, true]);
    expect(unknown?.open.bounding).toEqual(capabilitySet("all"));
    expect(task.exec.dumpable).toBe("unknown");
  });
  expect([task.credentials, task.exec.dumpable]).toEqual([old, 1]);
  expect(isSettled(task.credentials)).toBe(false);
});
