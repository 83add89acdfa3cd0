import { Facts, restoreSnapshot, takeSnapshot, type SnapshotClasses } from "@kadvise/ports";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Memory } from "./memory.ts";
import { MM_CLASSES } from "./snapshotClasses.ts";
import { digest } from "./testing/digest.ts";
import { violations } from "./testing/invariants.ts";
import { makeWorld, perform, program, worldOptions, type World } from "./testing/steps.ts";

const CLASSES: SnapshotClasses = new Map([...MM_CLASSES, ["Facts", Facts]]);

/** The world anew, from a value that any structured clone carries. */
function copied(world: World, target: World): World {
  const snapshot = structuredClone(
    takeSnapshot(world, CLASSES, new Map<string, object>(externals(world.memory))),
  );
  return restoreSnapshot(
    snapshot,
    CLASSES,
    new Map<string, object>(externals(target.memory)),
  ) as World;
}

/** What the machine is run through belongs to whoever restores. */
function externals(memory: Memory): [string, object][] {
  const { ports, features } = memory;
  return [
    ["ports", ports],
    ["journal", ports.journal],
    ["features", features],
  ];
}

test("a restored machine is the machine of the snapshot, and goes on as it would have", () => {
  fc.assert(
    fc.property(worldOptions, program, program, (options, first, then) => {
      const world = makeWorld(options);
      for (const one of first) perform(world, one);
      const copy = copied(world, makeWorld(options));
      expect(digest(copy.memory)).toEqual(digest(world.memory));
      for (const one of then) {
        expect(perform(copy, one)).toBe(perform(world, one));
        expect(violations(copy.memory)).toEqual([]);
      }
      expect(digest(copy.memory)).toEqual(digest(world.memory));
    }),
    { numRuns: 25 },
  );
});

test("a restored machine and its original do not feel each other", () => {
  fc.assert(
    fc.property(worldOptions, program, program, (options, first, then) => {
      const world = makeWorld(options);
      for (const one of first) perform(world, one);
      const before = digest(world.memory);
      const copy = copied(world, makeWorld(options));
      for (const one of then) perform(copy, one);
      expect(digest(world.memory)).toEqual(before);
    }),
    { numRuns: 20 },
  );
});

test("a snapshot taken back in the middle of an attempt is of what the attempt sees", () => {
  fc.assert(
    fc.property(worldOptions, program, program, (options, first, tried) => {
      const world = makeWorld(options);
      for (const one of first) perform(world, one);
      const mark = world.memory.ports.journal.begin();
      for (const one of tried) perform(world, one);
      const seen = digest(world.memory);
      const copy = copied(world, makeWorld(options));
      world.memory.ports.journal.undo(mark);
      expect(digest(copy.memory)).toEqual(seen);
    }),
    { numRuns: 20 },
  );
});
