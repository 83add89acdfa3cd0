import { profile } from "@kadvise/releases";
import { askFacts, compileFact, type Fact } from "../recorded/fact.ts";
import { seenAnswers } from "../recorded/seenAnswers.ts";
import { ModelTarget } from "../target/modelTarget.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import type { ChangeExample } from "./changeExamples.ts";
import { exampleFacts } from "./exampleFacts.ts";

/** What a kernel made of an example. */
export interface ExampleAnswers {
  /** A line for each step that asks, then the areas that the example made. */
  readonly answers: readonly string[];
  /** Why they prove nothing: steps that did not go as they must. */
  readonly unmet: readonly string[];
}

/**
 * Runs an example on the model of a kernel: `5.10`, `6.12+pidfd-self`. Processes begin as on a
 * usual machine, or as a real kernel said of itself.
 */
export function tryOnModel(
  example: ChangeExample,
  kernel: string,
  machine?: TargetFacts,
): ExampleAnswers {
  const { settings } = example;
  const facts =
    machine === undefined
      ? exampleFacts(profile(kernel), settings)
      : { ...machine, settings: { ...machine.settings, ...settings } };
  const compiled = compileFact(factOf(example, example.scenario), facts);
  const target = new ModelTarget({ facts, kernel });
  const { seen, unmet, unmodelled } = seenAnswers(compiled, target.runNow(compiled.program));
  const lacking = unmodelled === undefined ? [] : [`the model does not know ${unmodelled}`];
  return { answers: seen, unmet: [...unmet, ...lacking] };
}

/** Runs examples on a real kernel, all of them in one boot. */
export async function tryOnTarget(
  target: Target,
  examples: readonly ChangeExample[],
): Promise<ReadonlyMap<string, ExampleAnswers>> {
  const facts = examples.map((example) => factOf(example, example.onRealKernels));
  const all = await askFacts(target, facts);
  return new Map([...all].map(([{ name }, { seen, unmet }]) => [name, { answers: seen, unmet }]));
}

function factOf({ change }: ChangeExample, text: string): Fact {
  return { name: change, text };
}

/** Whether two kernels answered otherwise, both by steps that went as they must. */
export function answersDiffer(a: ExampleAnswers, b: ExampleAnswers): boolean {
  return a.unmet.length + b.unmet.length === 0 && a.answers.join("\n") !== b.answers.join("\n");
}
