import { describe, expect, test } from "vitest";
import { ALL_CAPABILITIES, NO_CAPABILITIES, capabilitySet } from "./capabilitySet.ts";
import { changed, credentials, isSettled, unknownCredentials } from "./credentials.ts";
import { UserNamespace, initialUserNamespace } from "./userNamespace.ts";

test("groups that are given stay the giver's own list", () => {
  const groups = [7, 5];
  expect(credentials({ uid: 1, groups }).groups).toEqual([5, 7]);
  groups.push(6);
  expect(groups).toEqual([7, 5, 6]);
});

test("what was stated is settled, what nobody stated is not", () => {
  expect([isSettled(credentials({ uid: 1 })), isSettled(unknownCredentials())]).toEqual([
    true,
    false,
  ]);
});

describe("credentials", () => {
  test("follow the uid: all four uids, and the gids too, are that number", () => {
    const c = credentials({ uid: 7000 });
    expect([c.uid, c.euid, c.suid, c.fsuid]).toEqual([7000, 7000, 7000, 7000]);
    expect([c.gid, c.egid, c.sgid, c.fsgid]).toEqual([7000, 7000, 7000, 7000]);
    expect(c.userNamespace).toBe(initialUserNamespace);
    expect(c.unknown).toBeUndefined();
  });

  test("follow the gid where it is said", () => {
    const c = credentials({ uid: 7000, gid: 5, egid: 6 });
    expect([c.gid, c.egid, c.sgid, c.fsgid]).toEqual([5, 6, 5, 6]);
  });

  test("let the fs ids follow the effective ones", () => {
    const c = credentials({ uid: 1000, euid: 0 });
    expect([c.uid, c.euid, c.suid, c.fsuid]).toEqual([1000, 0, 1000, 0]);
    expect(credentials({ uid: 1000, euid: 0, fsuid: 5 }).fsuid).toBe(5);
  });

  test.each([
    ["root", { uid: 0 }, ALL_CAPABILITIES, ALL_CAPABILITIES],
    ["another user", { uid: 1000 }, NO_CAPABILITIES, NO_CAPABILITIES],
    ["an effective root", { uid: 1000, euid: 0 }, ALL_CAPABILITIES, ALL_CAPABILITIES],
    [
      "a real root that is effectively another",
      { uid: 0, euid: 5 },
      ALL_CAPABILITIES,
      NO_CAPABILITIES,
    ],
    ["a real root alone", { uid: 0, euid: 5, suid: 5 }, ALL_CAPABILITIES, NO_CAPABILITIES],
    ["a saved root", { uid: 5, suid: 0 }, ALL_CAPABILITIES, NO_CAPABILITIES],
  ])("of %s have what such a task has after a login", (_, options, permitted, effective) => {
    const c = credentials(options);
    expect(c.permitted).toEqual(permitted);
    expect(c.effective).toEqual(effective);
    expect(c.bounding).toEqual(ALL_CAPABILITIES);
    expect([c.inheritable, c.ambient]).toEqual([NO_CAPABILITIES, NO_CAPABILITIES]);
  });

  test("have what is said instead", () => {
    const some = credentials({ uid: 0, capabilities: ["CAP_SYS_PTRACE"] });
    expect(some.permitted).toEqual(capabilitySet(["CAP_SYS_PTRACE"]));
    expect(some.effective).toEqual(capabilitySet(["CAP_SYS_PTRACE"]));
    const idle = credentials({ uid: 1000, permitted: ["CAP_KILL"] });
    expect(idle.permitted).toEqual(capabilitySet(["CAP_KILL"]));
    expect(idle.effective).toEqual(NO_CAPABILITIES);
    const bare = credentials({ uid: 0, permitted: "all", effective: "none" });
    expect([bare.permitted, bare.effective]).toEqual([ALL_CAPABILITIES, NO_CAPABILITIES]);
    const rest = credentials({
      uid: 1,
      inheritable: ["CAP_KILL"],
      bounding: ["CAP_CHOWN"],
      ambient: ["CAP_FOWNER"],
      securebits: 4,
    });
    expect(rest.inheritable).toEqual(capabilitySet(["CAP_KILL"]));
    expect(rest.bounding).toEqual(capabilitySet(["CAP_CHOWN"]));
    expect(rest.ambient).toEqual(capabilitySet(["CAP_FOWNER"]));
    expect(rest.securebits).toBe(4);
  });

  test("know the root of a namespace by its map", () => {
    const uidMap = [{ inside: 0, kernel: 100_000, count: 1 }];
    const userNamespace = new UserNamespace({
      parent: initialUserNamespace,
      owner: 1000,
      group: 1000,
      uidMap,
    });
    expect(credentials({ uid: 100_000, userNamespace }).permitted).toEqual(ALL_CAPABILITIES);
    expect(credentials({ uid: 0, userNamespace }).permitted).toEqual(NO_CAPABILITIES);
  });

  test("keep groups in rising order, doubles included", () => {
    expect(credentials({ uid: 1, groups: [30, 4, 4, 200] }).groups).toEqual([4, 4, 30, 200]);
  });

  test.each([-1, -2, 4_294_967_295, 1.5, Number.NaN])("refuse %d as an id", (uid) => {
    expect(() => credentials({ uid })).toThrow(RangeError);
    expect(() => credentials({ uid: 0, groups: [uid] })).toThrow(RangeError);
  });

  test("are frozen, and so are their groups", () => {
    const c = credentials({ uid: 1, groups: [1] });
    expect(Object.isFrozen(c)).toBe(true);
    expect(Object.isFrozen(c.groups)).toBe(true);
    expect(Object.isFrozen(changed(c, { uid: 2 }))).toBe(true);
  });

  test("change without touching the old ones", () => {
    const c = credentials({ uid: 1 });
    expect(changed(c, { fsuid: 9 }).fsuid).toBe(9);
    expect(c.fsuid).toBe(1);
  });
});

describe("unknown credentials", () => {
  test("know no id, no capability and no group", () => {
    const c = unknownCredentials({ whose: "process 5" });
    const ids = [c.uid, c.euid, c.suid, c.fsuid, c.gid, c.egid, c.sgid, c.fsgid];
    expect(ids.every((id) => id < -1)).toBe(true);
    expect(new Set(ids).size).toBe(8);
    expect(c.permitted).toEqual(NO_CAPABILITIES);
    expect(c.unknown?.open.permitted).toEqual(ALL_CAPABILITIES);
    expect(c.unknown?.groups).toBe(true);
    expect(c.unknown?.whose).toBe("process 5");
    expect(isSettled(c)).toBe(false);
  });

  test("may assume that the four uids are one, and the four gids another", () => {
    const c = unknownCredentials({ sameIds: true });
    expect(new Set([c.uid, c.euid, c.suid, c.fsuid]).size).toBe(1);
    expect(new Set([c.gid, c.egid, c.sgid, c.fsgid]).size).toBe(1);
    expect(c.uid).not.toBe(c.gid);
  });

  test("are not frozen, so that an answer reaches whoever inherited them", () => {
    expect(Object.isFrozen(unknownCredentials())).toBe(false);
  });

  test("are frozen as soon as a change leaves nothing unknown", () => {
    const { unknown: _, ...known } = credentials({ uid: 3 });
    const c = changed(unknownCredentials(), {
      ...known,
      unknown: { whose: "", open: emptyOpen(), groups: false, notIds: [] },
    });
    expect(c.unknown).toBeUndefined();
    expect(Object.isFrozen(c)).toBe(true);
  });
});

function emptyOpen(): NonNullable<ReturnType<typeof unknownCredentials>["unknown"]>["open"] {
  const none = NO_CAPABILITIES;
  return { permitted: none, effective: none, inheritable: none, bounding: none, ambient: none };
}
