import { describe, expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { said, task } from "../testing/tasks.ts";
import { UserNamespace, initialUserNamespace } from "../userNamespace.ts";
import { getegid, geteuid, getgid, getresgid, getresuid, getuid } from "./getIds.ts";
import { getgroups, maySetgroups, setgroups } from "./setgroups.ts";

const access = new AccessControl();

describe("setgroups", () => {
  test("takes CAP_SETGID, and keeps the groups in rising order", () => {
    const one = task({ uid: 0 });
    expect(said(setgroups(access, one, [5, 4, 5]))).toBe("ok");
    expect(getgroups(access, one)).toEqual({ ok: true, value: [4, 5, 5] });
    expect(said(setgroups(access, task({ uid: 1000 }), []))).toBe("EPERM setgroups/not-permitted");
    const holder = task({ uid: 1000, capabilities: ["CAP_SETGID"] });
    expect(said(setgroups(access, holder, [7]))).toBe("ok");
  });

  test("refuses a group that is none", () => {
    expect(said(setgroups(access, task({ uid: 0 }), [5, -1]))).toBe("EINVAL setgroups/invalid-id");
  });

  test.each([
    [65_536, undefined],
    [65_537, "setgroups/too-many"],
    [-1, "setgroups/too-many"],
  ])("of %i groups: %s", (count, id) => {
    expect(maySetgroups(access, task({ uid: 0 }), count)?.reason.id).toBe(id);
  });

  test("asks for the capability before it counts", () => {
    expect(maySetgroups(access, task({ uid: 1 }), -1)?.reason.id).toBe("setgroups/not-permitted");
  });

  test.each([
    ["has no group map yet", [], true, "EPERM setgroups/denied-in-namespace"],
    [
      "denies it",
      [{ inside: 0, kernel: 50, count: 5 }],
      false,
      "EPERM setgroups/denied-in-namespace",
    ],
    ["has a map and allows it", [{ inside: 0, kernel: 50, count: 5 }], true, "ok"],
  ])("in a user namespace that %s", (_, gidMap, allowsSetgroups, verdict) => {
    const parent = initialUserNamespace;
    const userNamespace = new UserNamespace({
      parent,
      owner: 1,
      group: 1,
      gidMap,
      allowsSetgroups,
    });
    const one = task({ uid: 1, userNamespace, capabilities: "all" });
    expect(said(setgroups(access, one, [2]))).toBe(verdict);
    if (verdict === "ok") {
      expect(one.credentials.groups).toEqual([52]);
      expect(said(setgroups(access, one, [5]))).toBe("EINVAL setgroups/invalid-id");
    }
  });
});

describe("getgroups", () => {
  const one = task({ uid: 1, groups: [3, 1, 2] });

  test.each([
    [3, "ok"],
    [4, "ok"],
    [0, "ok"],
    [2, "EINVAL getgroups/too-small"],
    [-1, "EINVAL getgroups/too-small"],
  ])("with room for %i: %s", (size, verdict) => {
    expect(said(getgroups(access, one, size))).toBe(verdict);
  });

  test("shows a group without a name as 65534", () => {
    const gidMap = [{ inside: 0, kernel: 50, count: 1 }];
    const userNamespace = new UserNamespace({
      parent: initialUserNamespace,
      owner: 1,
      group: 1,
      gidMap,
    });
    const inside = task({ uid: 1, userNamespace, groups: [50, 51] });
    expect(getgroups(access, inside)).toEqual({ ok: true, value: [0, 65_534] });
  });
});

describe("the calls that show ids", () => {
  const who = { uid: 1, euid: 2, suid: 3, gid: 4, egid: 5, sgid: 6 };

  test("show one or three of them", () => {
    const one = task(who);
    const values = [getuid, geteuid, getgid, getegid].map((get) => get(access, one));
    expect(values).toEqual([1, 2, 4, 5].map((value) => ({ ok: true, value })));
    expect(getresuid(access, one)).toEqual({ ok: true, value: [1, 2, 3] });
    expect(getresgid(access, one)).toEqual({ ok: true, value: [4, 5, 6] });
  });

  test("show them as the caller's user namespace names them", () => {
    const userNamespace = new UserNamespace({
      parent: initialUserNamespace,
      owner: 1,
      group: 1,
      uidMap: [{ inside: 0, kernel: 1, count: 2 }],
      gidMap: [{ inside: 9, kernel: 6, count: 1 }],
    });
    const one = task({ ...who, userNamespace });
    expect(getresuid(access, one)).toEqual({ ok: true, value: [0, 1, 65_534] });
    expect(getresgid(access, one)).toEqual({ ok: true, value: [65_534, 65_534, 9] });
  });
});
