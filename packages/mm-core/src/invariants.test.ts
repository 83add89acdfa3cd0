import fc from "fast-check";
import { expect, test } from "vitest";
import { violations } from "./testing/invariants.ts";
import { makeWorld, perform, program, worldOptions } from "./testing/steps.ts";

test("every book is balanced after every call of a random program", () => {
  fc.assert(
    fc.property(worldOptions, program, (options, steps) => {
      const world = makeWorld(options);
      for (const one of steps) {
        perform(world, one);
        expect(violations(world.memory)).toEqual([]);
      }
    }),
    { numRuns: 200 },
  );
});
