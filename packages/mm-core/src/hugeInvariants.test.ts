import { Facts, restoreSnapshot, takeSnapshot, type SnapshotClasses } from "@kadvise/ports";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MM_CLASSES } from "./snapshotClasses.ts";
import { digest } from "./testing/digest.ts";
import { hugeOptions, hugeStep, makeHugeWorld, performHuge } from "./testing/hugeSteps.ts";
import type { HugeWorld } from "./testing/hugeSteps.ts";
import { violations } from "./testing/invariants.ts";

const steps = fc.array(hugeStep, { minLength: 4, maxLength: 25, size: "max" });

function memoryOf({ processes }: HugeWorld) {
  return processes[0].memory;
}

test("every book is balanced after every call of a program with huge pages", () => {
  fc.assert(
    fc.property(hugeOptions, steps, (options, all) => {
      const world = makeHugeWorld(options);
      for (const one of all) {
        performHuge(world, one);
        expect(violations(memoryOf(world))).toEqual([]);
      }
    }),
    { numRuns: 60 },
  );
});

test("what is tried with huge pages leaves exactly what was there", () => {
  fc.assert(
    fc.property(hugeOptions, steps, steps, (options, first, tried) => {
      const world = makeHugeWorld(options);
      for (const one of first) performHuge(world, one);
      const memory = memoryOf(world);
      const before = digest(memory);
      const processes = [...world.processes];
      memory.ports.journal.attempt(() => {
        for (const one of tried) performHuge(world, one);
      });
      world.processes.splice(0, world.processes.length, ...processes);
      expect(digest(memory)).toEqual(before);
      expect(violations(memory)).toEqual([]);
    }),
    { numRuns: 25 },
  );
});

test("a machine with huge pages is restored with them", () => {
  const classes: SnapshotClasses = new Map([...MM_CLASSES, ["Facts", Facts]]);
  fc.assert(
    fc.property(hugeOptions, steps, steps, (options, first, then) => {
      const world = makeHugeWorld(options);
      for (const one of first) performHuge(world, one);
      const { ports, features } = memoryOf(world);
      const externals = new Map<string, object>([
        ["ports", ports],
        ["journal", ports.journal],
        ["features", features],
      ]);
      const snapshot = structuredClone(takeSnapshot(world, classes, externals));
      const copy = restoreSnapshot(snapshot, classes, externals) as HugeWorld;
      for (const one of then) {
        performHuge(world, one);
        performHuge(copy, one);
      }
      expect(digest(memoryOf(copy))).toEqual(digest(memoryOf(world)));
      expect(violations(memoryOf(copy))).toEqual([]);
    }),
    { numRuns: 10 },
  );
});
