import { adviceSpans, NAMED_AREAS, type AdviceRow } from "@kadvise/conformance/table";
import type { Settings } from "@kadvise/releases";
import { numberOf, type Architecture } from "../adviceOption.ts";
import { NOT_CHECKED } from "./checkedNotes.ts";
import type { Grid } from "./grid.ts";
import { gridMarkdown } from "./gridMarkdown.ts";
import { gridText } from "./gridText.ts";
import { tableHistory } from "./tableHistory.ts";
import { adviceText } from "./tableMarks.ts";
import { tableMatrix } from "./tableMatrix.ts";
import { tableOverview } from "./tableOverview.ts";

/** The rows of one architecture. */
export interface TablePart {
  readonly architecture: Architecture;
  readonly rows: readonly AdviceRow[];
}

export interface WriteOptions {
  readonly format: string;
  /** What the user named; an overview shows what nobody narrowed. */
  readonly named: { readonly releases: boolean; readonly advice: boolean };
  /** Settings that the user stated. */
  readonly settings: Partial<Settings>;
  /** The memory that advice is given for, where the user named it. */
  readonly on?: string;
  /** Of the terminal. */
  readonly columns: number;
}

/** Writes a table in a format. */
export function writeTable(parts: readonly TablePart[], options: WriteOptions): string {
  const { format, columns } = options;
  if (format === "json") return JSON.stringify(tableDocument(parts, options), null, 2);
  const write =
    format === "markdown" ? gridMarkdown : (grid: Grid): string => gridText(grid, columns);
  return parts
    .flatMap((part) => gridsOf(part, options))
    .map((grid) => write(grid))
    .join("\n\n");
}

function gridsOf({ architecture, rows }: TablePart, options: WriteOptions): readonly Grid[] {
  const { named } = options;
  const where = whereText(architecture, options);
  if (named.advice) {
    return [...new Set(rows.map(({ advice }) => advice))].map((advice) => {
      const own = rows.filter((row) => row.advice === advice);
      const number = numberOf(advice, architecture);
      const name = typeof advice === "number" ? `advice ${number}` : `${advice} (${number})`;
      return tableHistory(own, `${name} on ${where}`);
    });
  }
  if (named.releases) return tableMatrix(rows, architecture, `Advice on ${where}`);
  return [tableOverview(rows, architecture, `Which advice Linux takes on ${where}`)];
}

function whereText(architecture: Architecture, { settings, on }: WriteOptions): string {
  const stated = Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`);
  const isNumbers = architecture === "alpha" || architecture === "parisc";
  const what = isNumbers ? `${architecture} (its numbers; answers as on x86-64)` : architecture;
  const memory = on === undefined ? [] : [`for ${NAMED_AREAS[on]?.name ?? on}`];
  return [what, ...memory, ...stated].join(", ");
}

/** The table as data. */
function tableDocument(parts: readonly TablePart[], { settings, on }: WriteOptions): unknown {
  return {
    schemaVersion: 1,
    settings,
    ...(on === undefined ? {} : { on }),
    rows: parts.flatMap(({ architecture, rows }) =>
      rows.map((row) => ({
        advice: adviceText(row),
        number: numberOf(row.advice, architecture),
        call: row.call,
        arch: architecture,
        kernels: adviceSpans([row]).map(({ from, to, asked, cells: [one] }) => {
          const { answer, reason, area, needs, open, kernel } = one;
          return {
            ...{ from, to, released: kernel.usual.released, answer },
            ...(reason === undefined ? {} : { reason }),
            ...(area === undefined ? {} : { area }),
            ...(needs === undefined ? {} : { needs }),
            ...(open === undefined ? {} : { open }),
            asked,
            ...(asked.length === 0 ? { note: NOT_CHECKED } : {}),
          };
        }),
      })),
    ),
  };
}
