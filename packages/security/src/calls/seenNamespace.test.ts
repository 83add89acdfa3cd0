import { quietPorts, Unknown } from "@kadvise/ports";
import { expect, test } from "vitest";
import { AccessControl } from "../accessControl.ts";
import { capabilitySet } from "../capabilitySet.ts";
import { changed, credentials, unknownCredentials } from "../credentials.ts";
import { subject, type Subject } from "../subject.ts";
import { initialUserNamespace } from "../userNamespace.ts";
import { getgroups, setgroups } from "./setgroups.ts";
import { createUserNamespace, enterSeenNamespace } from "./userNamespace.ts";

/** Nobody knows anything here. */
function access(): AccessControl {
  const ports = quietPorts();
  ports.choices = {
    choose: ({ id, describe }) => {
      throw new Unknown(id, describe());
    },
  };
  return new AccessControl({ ports });
}

function inside(groups: readonly number[] = []): { on: AccessControl; task: Subject } {
  const on = access();
  const task = subject({ pid: 5, credentials: credentials({ uid: 1000, gid: 50, groups }) });
  expect(enterSeenNamespace(on, task)).toBe(true);
  return { on, task };
}

test("the namespace belongs to whoever was seen to make it, who has every capability there", () => {
  const { userNamespace, ...rest } = inside().task.credentials;
  expect(userNamespace).toMatchObject({ level: 1, owner: 1000, group: 50 });
  expect(userNamespace.parent).toBe(initialUserNamespace);
  expect(rest).toMatchObject({ uid: 1000, euid: 1000, egid: 50 });
  expect(rest.effective).toEqual(capabilitySet("all"));
});

test("what it names nobody stated: groups are not told, nor taken, nor is there one below", () => {
  const { on, task } = inside([7]);
  for (const call of [
    () => getgroups(on, task),
    () => setgroups(on, task, [7]),
    () => setgroups(on, task, []),
    () => createUserNamespace(on, task),
  ])
    expect(call).toThrow(Unknown);
  expect(getgroups(on, inside().task)).toEqual({ ok: true, value: [] });
});

test("it can be taken back, and is not made where it is not known whose it would be", () => {
  const on = access();
  const task = subject({ pid: 5, credentials: credentials({ uid: 1000 }) });
  on.ports.journal.attempt(() => enterSeenNamespace(on, task));
  expect([task.idMapUnstated, task.credentials.userNamespace.level]).toEqual([false, 0]);
  const stranger = subject({ pid: 6, credentials: unknownCredentials() });
  expect(enterSeenNamespace(on, stranger)).toBe(false);
  const { euid, egid } = stranger.credentials;
  for (const half of [
    { euid: 5, egid },
    { euid, egid: 5 },
  ]) {
    stranger.credentials = changed(stranger.credentials, half);
    expect(enterSeenNamespace(on, stranger)).toBe(false);
  }
  expect([stranger.idMapUnstated, stranger.credentials.userNamespace.level]).toEqual([false, 0]);
});
