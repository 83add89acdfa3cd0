import type { Version } from "@kadvise/releases";
import type { ByReleases, DocumentCase } from "./packDocument.ts";
import { inRanges } from "./packReleases.ts";

/** What a system answered in each step of a case. */
export type CaseAnswers = readonly string[];

/** What a document says of a release: the allowed answers, or undefined if it says nothing. */
export function expectedOf(
  answers: ByReleases | undefined,
  version: Version,
): readonly string[] | undefined {
  if (answers === undefined) return ["ok"];
  return Object.entries(answers).find(([ranges]) => inRanges(version, ranges))?.[1];
}

/** The first step of a case whose answer a release does not allow, or undefined if all are allowed. */
export function wrongStep(
  { steps }: DocumentCase,
  version: Version,
  answers: CaseAnswers,
): number | undefined {
  const found = steps.findIndex(
    (step, i) => expectedOf(step.answers, version)?.includes(answers[i] ?? "") !== true,
  );
  return found < 0 ? undefined : found;
}

/** Whether two releases allow no common answer in some step: then a case tells them apart. */
export function tellsApart({ steps }: DocumentCase, a: Version, b: Version): boolean {
  return steps.some(({ answers }) => {
    const other = expectedOf(answers, b) ?? [];
    return expectedOf(answers, a)?.some((answer) => other.includes(answer)) !== true;
  });
}
