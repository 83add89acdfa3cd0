import { expect, test } from "vitest";
import { readKernel } from "../recorded/folder.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import type { Target } from "../target/target.ts";
import { readChangeExamples } from "./changeExamples.ts";
import { diffOnTarget } from "./diffOnTarget.ts";

const facts = readKernel("6.12.107")!;
const examples = readChangeExamples();
const example = examples.get("process-madvise-own-unrestricted")!;

/** The model of a kernel in place of a real 6.12.107. */
function pretending(kernel: string): Target {
  const model = new ModelTarget({ facts, kernel });
  return {
    name: "qemu:6.12",
    describe: () => Promise.resolve(facts),
    run: (programs) => model.run(programs),
    close: () => Promise.resolve(),
  };
}

test("a kernel that answers as its model does not deviate", async () => {
  const { kernel, answers } = await diffOnTarget(pretending("6.12.107"), [example]);
  expect(kernel).toBe("6.12.107");
  expect(answers).toMatchObject([
    {
      change: "process-madvise-own-unrestricted",
      answers: ["= -1 EINVAL (Invalid argument)", "20000000-20001000 rw-p"],
      deviates: false,
    },
  ]);
});

test("a kernel that answers otherwise deviates, and both answers are kept", async () => {
  const { answers } = await diffOnTarget(pretending("6.13"), [example]);
  const [{ deviates, answers: real, model }] = answers;
  expect(deviates).toBe(true);
  expect([real[0], model?.answers[0]]).toEqual(["= 4096", "= -1 EINVAL (Invalid argument)"]);
});

test("where the model does not know a step, it cannot deviate", async () => {
  const unmodelled = examples.get("landlock")!;
  const { answers } = await diffOnTarget(pretending("6.12.107"), [unmodelled]);
  expect(answers[0]).toMatchObject({ deviates: false });
  expect(answers[0].model).toBeUndefined();
});

test("where a step fails on both, nothing is proven", async () => {
  // Pidfds of threads came with 6.9.
  const old = readKernel("6.1.176")!;
  const model = new ModelTarget({ facts: old });
  const target: Target = {
    name: "qemu:6.1",
    describe: () => Promise.resolve(old),
    run: (programs) => model.run(programs),
    close: () => Promise.resolve(),
  };
  const needs = examples.get("process-madvise-lookup-by-group")!;
  const [{ deviates, unmet }] = (await diffOnTarget(target, [needs])).answers;
  expect(unmet.length).toBeGreaterThan(0);
  expect(deviates).toBe(false);
});
