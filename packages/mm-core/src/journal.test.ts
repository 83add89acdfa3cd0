import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digest } from "./testing/digest.ts";
import { violations } from "./testing/invariants.ts";
import {
  makeWorld,
  perform,
  program,
  worldOptions,
  type Step,
  type World,
} from "./testing/steps.ts";

/** Plays steps and takes back whom they made and ended too: processes are the test's own list. */
function attempt(world: World, steps: readonly Step[]): void {
  const before = [...world.processes];
  world.memory.ports.journal.attempt(() => {
    for (const one of steps) perform(world, one);
  });
  world.processes.splice(0, world.processes.length, ...before);
}

describe("taking back", () => {
  test("leaves exactly what was there before", () => {
    fc.assert(
      fc.property(worldOptions, program, program, (options, first, tried) => {
        const world = makeWorld(options);
        for (const one of first) perform(world, one);
        const before = digest(world.memory);
        attempt(world, tried);
        expect(digest(world.memory)).toEqual(before);
        expect(violations(world.memory)).toEqual([]);
      }),
      { numRuns: 70 },
    );
  });

  test("leaves a machine that no later call can tell from one that never tried", () => {
    fc.assert(
      fc.property(worldOptions, program, program, program, (options, first, tried, then) => {
        const world = makeWorld(options);
        const twin = makeWorld(options);
        for (const one of first) expect(perform(world, one)).toBe(perform(twin, one));
        attempt(world, tried);
        for (const one of then) expect(perform(world, one)).toBe(perform(twin, one));
        expect(digest(world.memory)).toEqual(digest(twin.memory));
      }),
      { numRuns: 50 },
    );
  });

  test("unwinds mark by mark, and what an inner mark kept goes with the outer one", () => {
    fc.assert(
      fc.property(
        worldOptions,
        program,
        program,
        program,
        fc.boolean(),
        (options, first, outer, inner, keep) => {
          const world = makeWorld(options);
          const { journal } = world.memory.ports;
          for (const one of first) perform(world, one);
          const before = digest(world.memory);
          const beforeProcesses = [...world.processes];
          const outerMark = journal.begin();
          for (const one of outer) perform(world, one);
          const between = digest(world.memory);
          const betweenProcesses = [...world.processes];
          const innerMark = journal.begin();
          for (const one of inner) perform(world, one);
          if (keep) journal.keep(innerMark);
          else {
            journal.undo(innerMark);
            world.processes.splice(0, world.processes.length, ...betweenProcesses);
            expect(digest(world.memory)).toEqual(between);
          }
          journal.undo(outerMark);
          world.processes.splice(0, world.processes.length, ...beforeProcesses);
          expect(digest(world.memory)).toEqual(before);
          expect(journal.recording).toBe(false);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("answers during an attempt as it answers without one", () => {
    fc.assert(
      fc.property(worldOptions, program, program, (options, first, then) => {
        const world = makeWorld(options);
        const twin = makeWorld(options);
        for (const one of first) expect(perform(world, one)).toBe(perform(twin, one));
        const answers = then.map((one) => perform(twin, one));
        const expected = digest(twin.memory);
        const mark = world.memory.ports.journal.begin();
        expect(then.map((one) => perform(world, one))).toEqual(answers);
        world.memory.ports.journal.keep(mark);
        expect(digest(world.memory)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });
});
