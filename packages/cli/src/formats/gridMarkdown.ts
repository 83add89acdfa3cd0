import type { Grid } from "./grid.ts";

/** Writes a grid as a table of Markdown. */
export function gridMarkdown({ title, heads, rows, notes }: Grid): string {
  const line = (texts: readonly string[]): string => `| ${texts.map(escaped).join(" | ")} |`;
  const list = notes.map(
    ([mark, text]) => `- ${mark === "" ? "" : `**${mark.replace("*", "\\*")}** `}${text}`,
  );
  return [
    `**${title}**`,
    "",
    line(heads),
    line(heads.map(() => "---")),
    ...rows.map((row) => line(row.map(({ text }) => text))),
    ...(list.length === 0 ? [] : ["", ...list]),
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
