import { describe, expect, test } from "vitest";
import { readKernel } from "../recorded/folder.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { findOut, neighbours, type FoundOut } from "./wrongRelease.ts";

/** The model of a recorded kernel, with its settings and processes, taken for another. */
async function taken(kernel: string, model: string, steps: number): Promise<FoundOut> {
  const facts = readKernel(kernel)!;
  return findOut({ target: new ModelTarget({ facts }), facts, model, seed: 5, steps });
}

const pairs = neighbours();

test("neighbours are the newest recorded kernels of two lines, both ways", () => {
  expect(pairs.slice(0, 2)).toEqual([
    ["5.10.223", "6.1.176"],
    ["6.1.176", "5.10.223"],
  ]);
  expect(pairs).toContainEqual(["6.18.44", "6.19.14"]);
  expect(pairs.flat()).not.toContain("6.18.15");
  expect(pairs).toHaveLength(20);
});

// On the model one way shows what the other shows: each pair is taken once, every other the other way.
describe.each(pairs.filter((_, i) => i % 4 === 0 || i % 4 === 3))(
  "a %s taken for a %s",
  (kernel, model) => {
    test("is found out by an example of a change, and by chance within 20,000 steps", async () => {
      const { asked, telling, byChance, ...which } = await taken(kernel, model, 20_000);
      expect(which).toEqual({ kernel, model });
      expect(telling.length).toBeGreaterThan(asked.length / 3);
      expect(byChance?.foundAt).toBeLessThan(20_000);
      // What the call gave differs, or lines of maps and smaps behind it.
      const { kernel: seen, model: modelled, maps } = byChance!;
      expect(seen !== modelled || maps.length > 0).toBe(true);
    });
  },
);

test("a kernel that is taken for itself is not found out", async () => {
  const { asked, telling, byChance } = await taken("6.12.107", "6.12.107", 300);
  expect([asked, telling, byChance]).toEqual([[], [], undefined]);
});
