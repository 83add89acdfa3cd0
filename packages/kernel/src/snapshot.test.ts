import type { Policy } from "@kadvise/security";
import { must } from "@kadvise/uapi";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Kernel } from "./kernel.ts";
import { observe } from "./testing/observe.ts";
import { digest, programs, run, textOf } from "./testing/programs.ts";
import { PAGE, scene } from "./testing/scene.ts";

test("restore brings back what was, whatever was done since", () => {
  fc.assert(
    fc.property(programs, programs, (before, after) => {
      const kernel = new Kernel({ release: "6.12" });
      run(kernel, before);
      const snapshot = kernel.snapshot();
      const first = run(kernel, after);
      const end = observe(kernel);
      kernel.restore(snapshot);
      expect(digest(kernel)).toBe(textOf(snapshot));
      expect(run(kernel, after)).toEqual(first);
      expect(observe(kernel)).toEqual(end);
    }),
    { numRuns: 40 },
  );
});

test("a snapshot goes through structuredClone and into another kernel of the same profile", () => {
  fc.assert(
    fc.property(programs, programs, (before, after) => {
      const one = new Kernel({ release: "7.3" });
      run(one, before);
      const other = new Kernel({ release: "7.3" });
      other.restore(structuredClone(one.snapshot()));
      expect(run(other, after)).toEqual(run(one, after));
      expect(observe(other)).toEqual(observe(one));
    }),
    { numRuns: 30 },
  );
});

test("a snapshot does not change with the kernel it was taken from", () => {
  const { kernel, manager, heap } = scene("6.12");
  const snapshot = kernel.snapshot();
  const text = textOf(snapshot);
  must(manager.store(heap, "something else"));
  must(manager.fork());
  expect(textOf(snapshot)).toBe(text);
  kernel.restore(snapshot);
  must(manager.store(heap, "once more"));
  expect(textOf(snapshot)).toBe(text);
});

test("handles to processes stay good by their numbers", () => {
  const { kernel, manager, app, heap } = scene("6.12");
  must(app.store(heap, "kept"));
  const snapshot = kernel.snapshot();
  must(app.munmap(heap, PAGE));
  const child = must(manager.fork());
  kernel.restore(snapshot);
  expect(String.fromCharCode(...must(app.load(heap, 4)))).toBe("kept");
  expect(() => child.maps()).toThrow(RangeError);
});

test("a snapshot of another profile is refused, by name", () => {
  const snapshot = new Kernel({ release: "6.12" }).snapshot();
  expect(() => {
    new Kernel({ release: "7.3" }).restore(snapshot);
  }).toThrow("expected a snapshot of profile 7.3, got one of 6.12");
});

test("what a policy remembers is part of it", () => {
  const seen: { calls: number } = { calls: 0 };
  const counting: Policy = {
    name: "counting",
    ptraceAccess: () => void seen.calls++,
    state: () => seen,
  };
  const { kernel, manager, heap, other } = scene("6.12", { policies: [counting] });
  const advise = (): unknown =>
    must(manager.processMadvise(other, [{ base: heap, length: PAGE }], "MADV_COLD"));
  advise();
  const snapshot = kernel.snapshot();
  advise();
  advise();
  expect(seen.calls).toBe(3);
  kernel.restore(snapshot);
  expect(seen.calls).toBe(1);
  kernel.attempt(advise);
  expect(seen.calls).toBe(1);
});

test("the same program on the same profile leaves JSON-equal snapshots", () => {
  fc.assert(
    fc.property(programs, fc.constantFrom("seed", "5.10", "6.12", "6.18", "7.3"), (steps, name) => {
      const [one, two] = [new Kernel({ release: name }), new Kernel({ release: name })];
      expect(run(two, steps)).toEqual(run(one, steps));
      expect(digest(two)).toBe(digest(one));
    }),
    { numRuns: 40 },
  );
});
