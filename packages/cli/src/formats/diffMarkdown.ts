import type { ReleaseDiff } from "@kadvise/conformance/diff";
import type { DiffSection } from "./diffSections.ts";
import { headText, valueText } from "./diffText.ts";

/** Writes a diff as Markdown. */
export function diffMarkdown(
  diff: ReleaseDiff,
  sections: readonly DiffSection[],
  brief: boolean,
): string {
  const { from, to, switches } = diff;
  const isSeed = !from.released || !to.released;
  return [
    `# ${from.name} to ${to.name}`,
    "",
    headText(diff),
    "",
    ...(brief ? table(sections) : sections.flatMap(sectionLines)),
    ...(isSeed
      ? switches.map((one) => `- ${one.name}: ${valueText(one.from)} → ${valueText(one.to)}`)
      : []),
  ]
    .join("\n")
    .trimEnd();
}

const WORDS = {
  came: "came",
  went: "went",
  open: "open",
  unreleased: "differs from the proposal",
} as const;

function table(sections: readonly DiffSection[]): readonly string[] {
  return [
    "| change | | release | what |",
    "| --- | --- | --- | --- |",
    ...sections.map(
      ({ id, how, date, subject }) => `| \`${id}\` | ${WORDS[how]} | ${date} | ${subject} |`,
    ),
  ];
}

function sectionLines({ id, how, date, subject, ...rest }: DiffSection): readonly string[] {
  const { scenario, answers, why } = rest;
  return [
    `## ${id}`,
    "",
    date === "" ? subject : `${subject} (${WORDS[how]}: ${date})`,
    "",
    ...(why === undefined ? [] : [why, ""]),
    ...(scenario === undefined ? [] : ["```", scenario, "```", ""]),
    ...answers.map(([kernel, answer]) => `- ${kernel}: \`${answer}\``),
    ...(answers.length === 0 ? [] : [""]),
  ];
}
