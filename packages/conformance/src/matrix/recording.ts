import type { TargetFacts } from "../target/target.ts";
import { COLUMNS } from "./cellCalls.ts";
import { SYMBOLS } from "./symbol.ts";

/** What one kernel answered: the letters of each pair, by the pair's name. */
export interface MatrixRecording {
  readonly facts: TargetFacts;
  readonly cells: ReadonlyMap<string, string>;
}

const HEAD = [
  "# Who may do what to whom: the answers of one kernel, recorded by scripts/matrix.mjs.",
  "# A line is a pair; each of its letters is the answer to one call:",
  ...COLUMNS.map((column, i) => `#   ${String(i + 1).padStart(2)} ${column}`),
  `# ${Object.entries(SYMBOLS)
    .map(([letter, name]) => `${letter} ${name}`)
    .join(", ")}`,
];

/** Writes a recording. */
export function writeRecording({ facts, cells }: MatrixRecording): string {
  const lines = [...cells].map(([name, letters]) => `${letters} ${name}`);
  return [...HEAD, `facts ${JSON.stringify(facts)}`, ...lines, ""].join("\n");
}

/** Reads what {@link writeRecording} wrote. */
export function readRecording(text: string): MatrixRecording {
  let facts: TargetFacts | undefined;
  const cells = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const at = line.indexOf(" ");
    const [word, rest] = [line.slice(0, at), line.slice(at + 1)];
    if (word === "facts") facts = JSON.parse(rest) as TargetFacts;
    else cells.set(rest, word);
  }
  if (facts === undefined) throw new RangeError("a recording of the matrix lacks its facts");
  return { facts, cells };
}
