import { profile } from "@kadvise/releases";
import { exampleFacts } from "../diff/exampleFacts.ts";
import { ModelTarget } from "./modelTarget.ts";
import type { Target } from "./target.ts";

/**
 * Opens the model in place of a kernel, with usual settings and processes: `5.10`, `6.12+pidfd-self`.
 * Held against the model of another release, it shows what a real kernel of its own would show.
 *
 * @throws RangeError for a name that no data describes
 */
export function openModel(kernel: string): Target {
  const { name, version, released, changes } = profile(kernel);
  // A version says it all, unless somebody adjusted what it has.
  const isPlain = released && changes.join() === profile(version).changes.join();
  const facts = {
    ...exampleFacts(profile(kernel), {}),
    ...{ name: `model:${name}`, kernel: isPlain ? version : name },
    ...{ release: isPlain ? version : name, version: "the model" },
  };
  const model = new ModelTarget({ facts });
  return {
    name: facts.name,
    describe: () => Promise.resolve(facts),
    run: (programs) => model.run(programs),
    close: () => model.close(),
  };
}
