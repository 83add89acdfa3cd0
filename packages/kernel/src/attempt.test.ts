import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Kernel } from "./kernel.ts";
import { observe } from "./testing/observe.ts";
import { programs, run } from "./testing/programs.ts";
import { PAGE, scene } from "./testing/scene.ts";

test("an attempt returns what its action returned", () => {
  const { kernel, manager } = scene("6.12");
  expect(kernel.attempt(() => must(manager.mmap({ length: PAGE })) > 0n)).toBe(true);
});

test.each(["seed", "5.10", "6.12", "7.3"])("nothing remains of an attempt on %s", (release) => {
  fc.assert(
    fc.property(programs, programs, (before, tried) => {
      const kernel = new Kernel({ release });
      run(kernel, before);
      const state = observe(kernel);
      kernel.attempt(() => run(kernel, tried));
      expect(observe(kernel)).toEqual(state);
    }),
    { numRuns: 40 },
  );
});

test("what is tried twice gives the same answers twice, and the real run gives them too", () => {
  fc.assert(
    fc.property(programs, programs, (before, tried) => {
      const kernel = new Kernel({ release: "6.12" });
      run(kernel, before);
      const first = kernel.attempt(() => run(kernel, tried));
      const second = kernel.attempt(() => run(kernel, tried));
      expect(second).toEqual(first);
      expect(run(kernel, tried)).toEqual(first);
    }),
    { numRuns: 40 },
  );
});

describe("attempts within attempts", () => {
  test("the inner one is taken back alone", () => {
    const { kernel, manager } = scene("6.12");
    const length = (): number => manager.maps().length;
    const before = length();
    kernel.attempt(() => {
      must(manager.mmap({ length: PAGE, prot: "r" }));
      const between = length();
      kernel.attempt(() => must(manager.mmap({ length: PAGE, prot: "none" })));
      expect(length()).toBe(between);
      expect(between).toBeGreaterThan(before);
    });
    expect(length()).toBe(before);
  });

  test("an action that throws is taken back too, and its exception goes on", () => {
    const { kernel, manager } = scene("6.12");
    const state = observe(kernel);
    const attempt = (): unknown =>
      kernel.attempt(() => {
        must(manager.fork());
        throw new Error("changed my mind");
      });
    expect(attempt).toThrow("changed my mind");
    expect(observe(kernel)).toEqual(state);
  });
});

test("work is counted where it was done, and what is taken back was not done", () => {
  const { kernel, manager, heap, other } = scene("6.12");
  const before = kernel.work;
  kernel.attempt(() =>
    must(manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD")),
  );
  expect(kernel.work).toEqual(before);
});
