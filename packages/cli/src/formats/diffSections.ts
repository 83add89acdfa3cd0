import type {
  DiffedChange,
  DifferingExample,
  ExampleAnswers,
  ReleaseDiff,
  TargetDiff,
} from "@kadvise/conformance/diff";
import { changeDate } from "./changeDate.ts";
import { answersText, areasDiffer, realKernels } from "./exampleText.ts";

/** One change, before it is written as text or as Markdown. */
export interface DiffSection {
  readonly id: string;
  readonly date: string;
  /** `unreleased`: an example that the proposal answers otherwise; no change stands behind it. */
  readonly how: DiffedChange["how"] | "unreleased";
  readonly subject: string;
  /** The example's steps. */
  readonly scenario?: string;
  /** What each kernel made of it: its name, and the answers in one line. */
  readonly answers: readonly (readonly [kernel: string, answer: string])[];
  /** Why there is no example, or why it does not tell the two apart. */
  readonly why?: string;
}

/** The changes of a diff, with what targets made of their examples. */
export function diffSections(
  diff: ReleaseDiff,
  targets: readonly TargetDiff[],
): readonly DiffSection[] {
  return [
    ...diff.changes.map((one) => sectionOf(one, diff, targets)),
    ...diff.examples.map((one) => unreleasedSection(one, diff)),
  ];
}

function unreleasedSection(
  { example, from, to }: DifferingExample,
  { from: before, to: after }: ReleaseDiff,
): DiffSection {
  const hasAreas = areasDiffer([from, to]);
  return {
    ...{ id: example.change, date: "", how: "unreleased" },
    subject: "this example is answered otherwise:",
    scenario: example.scenario,
    answers: [
      [before.name, answersText(from, hasAreas)],
      [after.name, answersText(to, hasAreas)],
    ],
  };
}

function sectionOf(
  { change, how, shown }: DiffedChange,
  diff: ReleaseDiff,
  targets: readonly TargetDiff[],
): DiffSection {
  const head = { id: change.id, date: changeDate(change), how, subject: change.subject };
  if (shown.kind === "untried") return { ...head, answers: [] };
  if (shown.kind === "none") return { ...head, answers: [], why: `no example: ${shown.why}` };
  const { example } = shown;
  const sides = sidesOf(shown, diff);
  const real = targets.flatMap(({ target, kernel, answers }) => {
    const own = answers.find((one) => one.change === change.id);
    return own === undefined ? [] : [[`${target} (${kernel})`, own] as const];
  });
  const hasAreas = areasDiffer([...sides, ...real].map(([, answers]) => answers));
  const lines = [...sides, ...real].map(
    ([name, answers]) => [name, answersText(answers, hasAreas)] as const,
  );
  const recorded = realKernels(example.recorded, sides);
  return {
    ...head,
    scenario: targets.length === 0 ? example.scenario : example.onRealKernels,
    answers: [...lines, ...(recorded === "" ? [] : [["real kernels", recorded] as const])],
    ...whyOf(shown, how),
  };
}

type Shown = Exclude<DiffedChange["shown"], { readonly kind: "none" | "untried" }>;

function sidesOf(
  shown: Shown,
  { from, to }: ReleaseDiff,
): readonly (readonly [name: string, answers: ExampleAnswers])[] {
  switch (shown.kind) {
    case "example":
      return [
        [from.name, shown.from],
        [to.name, shown.to],
      ];
    case "hidden":
      return [
        [`${shown.release} without it`, shown.without],
        [`${shown.release} with it`, shown.with],
      ];
    case "real-only":
      return [];
  }
}

function whyOf(shown: Shown, how: DiffedChange["how"]): { readonly why?: string } {
  switch (shown.kind) {
    case "example":
      return {};
    case "hidden":
      return {
        why:
          how === "open"
            ? "nobody knows whether both have it; alone it shows:"
            : "between these two another change hides it; alone it shows:",
      };
    case "real-only":
      return { why: `asked of real kernels alone: ${shown.why}` };
  }
}
