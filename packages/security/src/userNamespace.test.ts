import { describe, expect, test } from "vitest";
import { INVALID_ID, OVERFLOW_ID } from "./ids.ts";
import {
  UserNamespace,
  fromKernelId,
  initialUserNamespace,
  isWithin,
  shownId,
  toKernelId,
} from "./userNamespace.ts";

const mapped = new UserNamespace({
  parent: initialUserNamespace,
  owner: 1000,
  group: 1000,
  uidMap: [
    { inside: 0, kernel: 100_000, count: 10 },
    { inside: 1000, kernel: 1000, count: 1 },
  ],
  gidMap: [{ inside: 5, kernel: 50, count: 1 }],
});

describe("a user namespace", () => {
  test("below the initial one is a level deeper each time", () => {
    const below = new UserNamespace({ parent: mapped, owner: 0, group: 0 });
    expect([initialUserNamespace.level, mapped.level, below.level]).toEqual([0, 1, 2]);
  });

  test("starts without maps: no id has a meaning in it", () => {
    const fresh = new UserNamespace({ parent: initialUserNamespace, owner: 0, group: 0 });
    expect(toKernelId(fresh, "uid", 0)).toBe(INVALID_ID);
    expect(shownId(fresh, "gid", 0)).toBe(OVERFLOW_ID);
  });

  test.each([
    [0, 100_000],
    [9, 100_009],
    [10, INVALID_ID],
    [999, INVALID_ID],
    [1000, 1000],
    [1001, INVALID_ID],
  ])("maps the uid %i inside to the kernel's %i", (inside, kernel) => {
    expect(toKernelId(mapped, "uid", inside)).toBe(kernel);
    if (kernel !== INVALID_ID) expect(fromKernelId(mapped, "uid", kernel)).toBe(inside);
  });

  test.each([99_999, 100_010, 0, 1001])("has no name for the kernel's uid %i", (kernel) => {
    expect(fromKernelId(mapped, "uid", kernel)).toBe(INVALID_ID);
    expect(shownId(mapped, "uid", kernel)).toBe(OVERFLOW_ID);
  });

  test("has a map for groups of its own", () => {
    expect(toKernelId(mapped, "gid", 5)).toBe(50);
    expect(toKernelId(mapped, "gid", 0)).toBe(INVALID_ID);
    expect(shownId(mapped, "gid", 50)).toBe(5);
  });

  test("inherits that setgroups is denied", () => {
    const denied = new UserNamespace({
      parent: initialUserNamespace,
      owner: 0,
      group: 0,
      allowsSetgroups: false,
    });
    expect(new UserNamespace({ parent: denied, owner: 0, group: 0 }).allowsSetgroups).toBe(false);
    expect(new UserNamespace({ parent: mapped, owner: 0, group: 0 }).allowsSetgroups).toBe(true);
  });

  test("lies within itself and its ancestors, not within its siblings", () => {
    const below = new UserNamespace({ parent: mapped, owner: 0, group: 0 });
    const sibling = new UserNamespace({ parent: initialUserNamespace, owner: 1000, group: 1000 });
    expect(isWithin(below, below)).toBe(true);
    expect(isWithin(below, mapped)).toBe(true);
    expect(isWithin(below, initialUserNamespace)).toBe(true);
    expect(isWithin(mapped, below)).toBe(false);
    expect(isWithin(below, sibling)).toBe(false);
  });
});

describe("the initial user namespace", () => {
  test("maps every id to itself and cannot be changed", () => {
    expect(toKernelId(initialUserNamespace, "uid", 4_294_967_294)).toBe(4_294_967_294);
    expect(fromKernelId(initialUserNamespace, "gid", 7)).toBe(7);
    expect(shownId(initialUserNamespace, "uid", 1000)).toBe(1000);
    // An id that nobody stated stays that.
    expect(toKernelId(initialUserNamespace, "uid", -2)).toBe(-2);
    expect(fromKernelId(initialUserNamespace, "uid", -2)).toBe(-2);
    expect(initialUserNamespace.gidMap).toHaveLength(1);
    expect(Object.isFrozen(initialUserNamespace)).toBe(true);
  });
});
