import { profile, type Profile } from "@kadvise/releases";
import { readChangeExamples } from "../diff/changeExamples.ts";
import { diffReleases } from "../diff/releaseDiff.ts";
import { answersDiffer, tryOnModel } from "../diff/tryExample.ts";
import { readVersions } from "../recorded/folder.ts";
import { byVersion } from "../recorded/recordedText.ts";
import type { Target, TargetFacts } from "../target/target.ts";
import { Campaign } from "./campaign.ts";
import type { Finding } from "./findingFile.ts";

/** How a kernel is found out that is taken for another release. */
export interface FoundOut {
  /** The version of the kernel, and of the model that it is held against. */
  readonly kernel: string;
  readonly model: string;
  /** Changes between the two of whose examples the kernel was asked, and those that tell. */
  readonly asked: readonly string[];
  readonly telling: readonly string[];
  /** The first difference that generated scenarios show; undefined if none does. */
  readonly byChance?: Finding;
}

/** What is held against which model. */
export interface WrongReleaseOptions {
  readonly target: Target;
  readonly facts: TargetFacts;
  /** The release that it is not. */
  readonly model: string;
  readonly seed: number;
  /** So many steps are run at most. */
  readonly steps: number;
}

/**
 * Pairs of neighbours among the recorded kernels, both ways: one kernel of each line, the newest.
 */
export function neighbours(): readonly (readonly [kernel: string, model: string])[] {
  const newest = new Map<string, string>();
  for (const version of readVersions().toSorted(byVersion))
    newest.set(version.replace(/\.\d+$/, ""), version);
  const versions = [...newest.values()];
  return versions.slice(1).flatMap((version, i) => {
    const before = versions[i] ?? version;
    return [[before, version] as const, [version, before] as const];
  });
}

/** Takes a kernel for another release, and says what shows that it is not. */
export async function findOut(options: WrongReleaseOptions): Promise<FoundOut> {
  const { facts } = options;
  const model = profile(options.model, { settings: facts.settings, assume: "all" });
  const byChance = await firstDifference(options, model);
  return {
    kernel: facts.kernel,
    model: model.version,
    ...tellingExamples(facts, model.version),
    ...(byChance === undefined ? {} : { byChance }),
  };
}

/** The examples that `kadvise diff` names, as the kernel answered them when it was asked. */
function tellingExamples(facts: TargetFacts, model: string): Pick<FoundOut, "asked" | "telling"> {
  const examples = readChangeExamples();
  const { changes } = diffReleases(facts.kernel, model, { tries: false });
  const asked = changes.flatMap(({ change: { id } }) => {
    const example = examples.get(id);
    const answers = example?.recorded.get(facts.kernel);
    const isAsked = example?.notModelled === undefined && answers !== undefined;
    return example !== undefined && isAsked ? [{ id, example, answers }] : [];
  });
  const telling = asked.filter(({ example, answers }) =>
    answersDiffer({ answers, unmet: [] }, tryOnModel(example, model, facts)),
  );
  return { asked: asked.map(({ id }) => id), telling: telling.map(({ id }) => id) };
}

async function firstDifference(
  { target, facts, seed, steps }: WrongReleaseOptions,
  model: Profile,
): Promise<Finding | undefined> {
  let first: Finding | undefined;
  const campaign = new Campaign({
    ...{ target, facts, profile: model, seed, steps },
    ...{ mostFindings: 1, shrinks: false },
    onFinding: (finding) => (first ??= finding),
  });
  await campaign.run();
  return first;
}
