import { profile } from "@kadvise/releases";
import { capabilitySet, type Credentials, type Subject } from "@kadvise/security";
import { expect, test } from "vitest";
import { keepCommonFacts } from "./commonFacts.ts";
import { World } from "./world.ts";

/** Two worlds in which process 1, of which nobody knows anything, has forked process 2. */
function twoWorlds(): readonly [World, World] {
  const world = new World({ profile: profile("6.12.107"), assumptionsOff: [] });
  world.spawn(1);
  world.choices.begin(undefined, []);
  world.spawn(2);
  return [world, world.copy()];
}

const subjectOf = (world: World, pid: number): Subject => world.process(pid)!.task.subject;

/** States that a process has a capability in effect. */
function give(subject: Subject, name: "CAP_SYS_NICE" | "CAP_KILL"): void {
  const one = capabilitySet([name]);
  const { credentials } = subject;
  const unknown = credentials.unknown!;
  const { lo, hi } = unknown.open.effective;
  const open = { lo: (lo & ~one.lo) >>> 0, hi: (hi & ~one.hi) >>> 0 };
  const changed: Credentials = {
    ...credentials,
    effective: { lo: credentials.effective.lo | one.lo, hi: credentials.effective.hi | one.hi },
    unknown: { ...unknown, open: { ...unknown.open, effective: open } },
  };
  subject.credentials = changed;
}

test("worlds that differ in what somebody may do become equal, and know what both knew", () => {
  const worlds = twoWorlds();
  for (const world of worlds) give(subjectOf(world, 1), "CAP_SYS_NICE");
  give(subjectOf(worlds[1], 1), "CAP_KILL");
  expect(worlds[0].digest()).not.toEqual(worlds[1].digest());
  keepCommonFacts(worlds);
  expect(worlds[0].digest()).toEqual(worlds[1].digest());
  expect(subjectOf(worlds[1], 1).credentials.effective).toEqual(capabilitySet(["CAP_SYS_NICE"]));
});

test("whether somebody is dumpable is open where they disagree, and nowhere else", () => {
  const worlds = twoWorlds();
  for (const world of worlds) subjectOf(world, 2).exec.dumpable = 0;
  subjectOf(worlds[0], 1).exec.dumpable = 1;
  subjectOf(worlds[1], 1).exec.dumpable = 2;
  keepCommonFacts(worlds);
  for (const world of worlds) {
    expect(subjectOf(world, 1).exec.dumpable).toBe("unknown");
    expect(subjectOf(world, 2).exec.dumpable).toBe(0);
  }
});

test("answers are remembered that all of them gave", () => {
  const worlds = twoWorlds();
  const describe = (): string => "whether all are";
  const id = "credentials/permitted-within";
  for (const { choices } of worlds) choices.memory.note(id, describe, true);
  worlds[1].choices.memory.note(id, () => "something else", true);
  worlds[0].choices.memory.note(id, () => "something else", false);
  keepCommonFacts(worlds);
  for (const { choices } of worlds) {
    expect(choices.memory.recall(id, describe)).toBe(true);
    expect(choices.memory.recall(id, () => "something else")).toBeUndefined();
  }
});
