import { expect, test } from "vitest";
import { AccessControl } from "./accessControl.ts";
import { capset } from "./calls/capset.ts";
import { execCredentials } from "./calls/execCredentials.ts";
import { setfsgid } from "./calls/setfsuid.ts";
import { setgroups } from "./calls/setgroups.ts";
import { setregid } from "./calls/setreuid.ts";
import { setresgid } from "./calls/setresuid.ts";
import { setgid } from "./calls/setuid.ts";
import { capabilitySet } from "./capabilitySet.ts";
import { unknownCredentials } from "./credentials.ts";
import { forkSubject } from "./lifecycle.ts";
import { subject, type Subject } from "./subject.ts";
import { NEVER_ASKED, Scripted } from "./testing/tasks.ts";
import { permittedWithin } from "./unknownFacts.ts";

const quiet = new AccessControl();

/** A program that somebody started of whom nothing is known, but perhaps that he has one uid. */
function started(sameIds: boolean, file: Parameters<typeof execCredentials>[2]): Subject {
  const task = subject({ pid: 178, credentials: unknownCredentials({ sameIds }) });
  expect(execCredentials(quiet, task, file).ok).toBe(true);
  return task;
}

const PLAIN = { owner: 0, group: 0 };

test("behind a plain execve what is permitted is in effect, and nobody is asked", () => {
  const { credentials } = started(true, PLAIN);
  const ports = { ...quiet.ports, choices: NEVER_ASKED };
  expect(permittedWithin(ports, credentials, credentials, "effective")).toBe(true);
});

test.each([
  ["whoever may have two uids", started(false, PLAIN)],
  [
    "whose program has capabilities of its own",
    started(true, {
      ...PLAIN,
      capabilities: {
        permitted: capabilitySet(["CAP_KILL"]),
        inheritable: capabilitySet("none"),
        effective: false,
      },
    }),
  ],
])("of %s it is asked", (_, { credentials }) => {
  expect(credentials.unknown?.evenSets).toBeUndefined();
});

test("who changes groups, and no user id, keeps them one", () => {
  const access = new AccessControl({ ports: { ...quiet.ports, choices: new Scripted() } });
  for (const change of [
    (task: Subject) => setgid(access, task, 5),
    (task: Subject) => setregid(access, task, 5, 5),
    (task: Subject) => setresgid(access, task, 5, 5, 5),
    (task: Subject) => setfsgid(access, task, 5),
    (task: Subject) => setgroups(access, task, [5]),
  ]) {
    const task = started(true, PLAIN);
    expect(change(task).ok).toBe(true);
    const { credentials } = task;
    const never = { ...quiet.ports, choices: NEVER_ASKED };
    expect(permittedWithin(never, credentials, credentials, "effective")).toBe(true);
  }
});

test("who changes either set has two again, and his child that he had before has not", () => {
  const task = started(true, PLAIN);
  const forked = forkSubject(quiet, task, { pid: 179 });
  const child = forked.ok ? forked.value : undefined;
  const access = new AccessControl({ ports: { ...quiet.ports, choices: new Scripted() } });
  const nice = capabilitySet(["CAP_SYS_NICE"]);
  capset(access, task, { effective: nice, permitted: nice, inheritable: capabilitySet("none") });
  expect(task.credentials.unknown?.evenSets).toBeUndefined();
  expect(child?.credentials.unknown?.evenSets).toBe(true);
});
