import type { Target } from "../target/target.ts";
import type { ChangeExample } from "./changeExamples.ts";
import { tryOnModel, tryOnTarget, type ExampleAnswers } from "./tryExample.ts";

/** What a real kernel made of examples. */
export interface TargetDiff {
  /** `qemu:6.12` */
  readonly target: string;
  /** Its version: `6.12.107`. */
  readonly kernel: string;
  readonly answers: readonly TargetAnswers[];
}

/** What it made of one of them. */
export interface TargetAnswers extends ExampleAnswers {
  readonly change: string;
  /** What the model of this very kernel says, where it knows all steps. */
  readonly model?: ExampleAnswers;
  /** Whether the model of this kernel says otherwise. */
  readonly deviates: boolean;
}

/**
 * Asks a real kernel examples, and the model of that kernel with its settings besides.
 *
 * @throws CannotRun where it cannot be asked
 */
export async function diffOnTarget(
  target: Target,
  examples: readonly ChangeExample[],
): Promise<TargetDiff> {
  const facts = await target.describe();
  const all = await tryOnTarget(target, examples);
  const answers = examples.map((example): TargetAnswers => {
    const { change, notModelled } = example;
    const real = all.get(change) ?? { answers: [], unmet: ["was not run"] };
    if (notModelled !== undefined) return { change, ...real, deviates: false };
    const model = tryOnModel(example, facts.kernel, facts);
    return { change, ...real, model, deviates: isOtherwise(real, model) };
  });
  return { target: target.name, kernel: facts.kernel, answers };
}

/** Steps that fail alike prove nothing, and are no difference. */
function isOtherwise(real: ExampleAnswers, model: ExampleAnswers): boolean {
  if (real.unmet.length > 0 && model.unmet.length > 0) return false;
  return (
    real.unmet.length !== model.unmet.length || real.answers.join("\n") !== model.answers.join("\n")
  );
}
