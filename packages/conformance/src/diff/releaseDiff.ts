import {
  CHANGES,
  NEWEST_POINT,
  profile,
  type Change,
  type Features,
  type Profile,
} from "@kadvise/releases";
import { readChangeExamples, readUnshownChanges, type ChangeExample } from "./changeExamples.ts";
import { answersDiffer, tryOnModel, type ExampleAnswers } from "./tryExample.ts";

/** What is otherwise on one kernel than on another. */
export interface ReleaseDiff {
  readonly from: Profile;
  readonly to: Profile;
  /** Oldest first. */
  readonly changes: readonly DiffedChange[];
  /** Switches of the model that differ, by name. */
  readonly switches: readonly SwitchDiff[];
  /**
   * Where one of the two was never released: examples that they answer differently, whatever change
   * they were made for. The proposal has no dated changes of its own.
   */
  readonly examples: readonly DifferingExample[];
}

/** An example that was tried on both. */
export interface DifferingExample {
  readonly example: ChangeExample;
  readonly from: ExampleAnswers;
  readonly to: ExampleAnswers;
}

export interface DiffedChange {
  readonly change: Change;
  /** `open`: nobody knows whether one of the two has it. */
  readonly how: "came" | "went" | "open";
  readonly shown: ShownChange;
}

/** An example that was tried on both, or why there is none. */
export type ShownChange =
  | {
      readonly kind: "example";
      readonly example: ChangeExample;
      readonly from: ExampleAnswers;
      readonly to: ExampleAnswers;
    }
  | {
      /** Another change hides it: tried on the release it came with, without it and with it. */
      readonly kind: "hidden";
      readonly example: ChangeExample;
      readonly release: string;
      readonly without: ExampleAnswers;
      readonly with: ExampleAnswers;
    }
  | { readonly kind: "real-only"; readonly example: ChangeExample; readonly why: string }
  | { readonly kind: "none"; readonly why: string }
  /** Nobody asked for examples. */
  | { readonly kind: "untried" };

export interface DiffOptions {
  /** Only these changes, by id. */
  readonly only?: readonly string[];
  /** Whether the examples are tried; they are if unset. */
  readonly tries?: boolean;
}

export interface SwitchDiff {
  readonly name: string;
  readonly from: unknown;
  readonly to: unknown;
}

/**
 * What changed between two kernels, each with an example that is tried on both models.
 *
 * @throws RangeError for a name that no data describes
 */
export function diffReleases(
  from: string,
  to: string,
  { only, tries = true }: DiffOptions = {},
): ReleaseDiff {
  const [before, after] = [profile(from), profile(to)];
  const examples = readChangeExamples();
  const unshown = readUnshownChanges();
  const changes = CHANGES.flatMap((change): readonly DiffedChange[] => {
    const how = howItDiffers(change.id, before, after);
    if (how === undefined || only?.includes(change.id) === false) return [];
    if (!tries) return [{ change, how, shown: { kind: "untried" } }];
    const example = examples.get(change.id);
    const shown: ShownChange =
      example === undefined
        ? { kind: "none", why: unshown.get(change.id) ?? "no scenario yet" }
        : show(example, change, before, after);
    return [{ change, how, shown }];
  });
  const isSeed = (!before.released || !after.released) && tries && only === undefined;
  return {
    ...{ from: before, to: after, changes },
    switches: switchesBetween(before, after),
    examples: isSeed ? differingExamples(from, to) : [],
  };
}

function howItDiffers(
  id: string,
  before: Profile,
  after: Profile,
): DiffedChange["how"] | undefined {
  const [had, has] = [before, after].map(({ changes }) => changes.includes(id));
  const isOpen = [before, after].map(({ bracketed }) => bracketed.includes(id));
  if (isOpen[0] && isOpen[1]) return undefined;
  if (isOpen[0] || isOpen[1]) return "open";
  if (had === has) return undefined;
  return has ? "came" : "went";
}

function show(
  example: ChangeExample,
  change: Change,
  before: Profile,
  after: Profile,
): ShownChange {
  if (example.notModelled !== undefined)
    return { kind: "real-only", example, why: example.notModelled };
  const [from, to] = [before, after].map(({ name }) => tryOnModel(example, name));
  if (answersDiffer(from, to)) return { kind: "example", example, from, to };
  return { kind: "hidden", example, ...tryAlone(example, change) };
}

/**
 * Runs an example without a change and with it, and nothing else that differs: on the release that
 * it came with, or on the newest, for what shows only together with what came later.
 */
export function tryAlone(
  example: ChangeExample,
  { id, mainline }: Change,
): { release: string; without: ExampleAnswers; with: ExampleAnswers } {
  const first = mainline.split(".").length === 2 ? `${mainline}.0` : mainline;
  const tried = [first, NEWEST].map((release) => ({
    release,
    without: tryOnModel(example, `${release}-${id}`),
    with: tryOnModel(example, release),
  }));
  return tried.find((one) => answersDiffer(one.without, one.with)) ?? tried[0];
}

const NEWEST = Object.keys(NEWEST_POINT).at(-1) ?? "";

/** What the profiles have otherwise: also where no dated change stands behind it. */
function switchesBetween(before: Features, after: Features): readonly SwitchDiff[] {
  const sections = ["processMadvise", "vector", "mm", "security", "pidfd", "abi"] as const;
  return sections.flatMap((section) =>
    Object.entries(before[section]).flatMap(([name, from]: [string, unknown]) => {
      const to: unknown = Reflect.get(after[section], name);
      const isSame = JSON.stringify(from) === JSON.stringify(to);
      return isSame ? [] : [{ name: `${section}.${name}`, from, to }];
    }),
  );
}

/** Examples that two kernels answer otherwise, whatever changes stand behind it. */
function differingExamples(from: string, to: string): readonly DifferingExample[] {
  return [...readChangeExamples().values()].flatMap((example) => {
    if (example.notModelled !== undefined) return [];
    const [before, after] = [from, to].map((kernel) => tryOnModel(example, kernel));
    return answersDiffer(before, after) ? [{ example, from: before, to: after }] : [];
  });
}
