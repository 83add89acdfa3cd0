/** How a cell is painted. */
export type Tone = "good" | "bad" | "open";

export interface GridCell {
  readonly text: string;
  readonly tone?: Tone;
}

/** A table before it is written: as text, or as Markdown. */
export interface Grid {
  readonly title: string;
  readonly heads: readonly string[];
  /** Columns that stand again in each part where a table is wider than the terminal. */
  readonly fixed: number;
  readonly rows: readonly (readonly GridCell[])[];
  /** What stands below it: a mark and what it means. */
  readonly notes: readonly (readonly [mark: string, text: string])[];
}

export function cell(text: string, tone?: Tone): GridCell {
  return tone === undefined ? { text } : { text, tone };
}
