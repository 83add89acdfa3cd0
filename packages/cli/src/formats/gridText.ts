import { bold, dim, green, red, yellow } from "../paint.ts";
import type { Grid, GridCell } from "./grid.ts";

const GAP = "  ";

/** Writes a grid for a terminal of so many columns. */
export function gridText(grid: Grid, width: number): string {
  const parts = partsOf(grid, width).map((columns) => partText(grid, columns));
  const notes = notesText(grid, width);
  return [bold(grid.title), "", parts.join("\n\n"), ...(notes === "" ? [] : ["", notes])].join(
    "\n",
  );
}

/** The columns of each part: as many as fit beside those that stand in every part. */
function partsOf(grid: Grid, width: number): readonly (readonly number[])[] {
  const columns = grid.heads.map((_, i) => i);
  const fixed = columns.slice(0, grid.fixed);
  const parts: number[][] = [[...fixed]];
  for (const column of columns.slice(grid.fixed)) {
    const last = parts.at(-1) ?? [];
    if (last.length > fixed.length && widthOf(grid, [...last, column]) > width)
      parts.push([...fixed, column]);
    else last.push(column);
  }
  return parts;
}

function widthOf(grid: Grid, columns: readonly number[]): number {
  const widths = columns.map((column) => columnWidth(grid, column));
  return widths.reduce((a, b) => a + b, GAP.length * (columns.length - 1));
}

function columnWidth({ heads, rows }: Grid, column: number): number {
  return Math.max(heads[column].length, ...rows.map((row) => row[column].text.length));
}

function partText(grid: Grid, columns: readonly number[]): string {
  const line = (texts: readonly string[], paint: (text: string, i: number) => string): string =>
    columns
      .map((column, i) => {
        const isLast = i === columns.length - 1;
        const padded = texts[column].padEnd(isLast ? 0 : columnWidth(grid, column));
        return paint(padded, column);
      })
      .join(GAP)
      .trimEnd();
  return [
    line(grid.heads, dim),
    ...grid.rows.map((row) =>
      line(
        row.map(({ text }) => text),
        (text, column) => painted(row[column], text),
      ),
    ),
  ].join("\n");
}

function painted({ tone }: GridCell, text: string): string {
  switch (tone) {
    case "good":
      return green(text);
    case "bad":
      return red(text);
    case "open":
      return yellow(text);
    default:
      return text;
  }
}

function notesText({ notes }: Grid, width: number): string {
  const indent = Math.max(0, ...notes.map(([mark]) => mark.length)) + GAP.length;
  return notes
    .map(([mark, text]) => {
      const lines = wrapped(text, Math.max(20, width - indent));
      return mark.padEnd(indent) + lines.join(`\n${" ".repeat(indent)}`);
    })
    .join("\n");
}

/** Breaks a text between words. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
