import { describe, expect, test } from "vitest";
import { readRecording } from "../model/testing/recording.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import { askFacts } from "./fact.ts";
import { readFacts, readKernel } from "./folder.ts";
import { answersByKernel } from "./recordedText.ts";

const LEDGER = new URL("../../ledger/", import.meta.url);
/** How a kernel begins of which no more is kept than its version. */
const { facts } = readRecording("6.12");

describe.each([...readFacts(LEDGER)])("$name", (entry) => {
  const kernels = [...answersByKernel(entry.text)];

  test("holds what a real kernel answered", () => {
    expect(kernels.length).toBeGreaterThan(0);
  });

  test.each(kernels)("the model of %s answers as that kernel did", async (kernel, seen) => {
    const target = new ModelTarget({ facts: readKernel(kernel) ?? facts, kernel });
    const [answer] = (await askFacts(target, [entry])).values();
    expect(answer.seen).toEqual(seen);
  });
});
