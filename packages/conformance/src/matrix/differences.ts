import { COLUMNS } from "./cellCalls.ts";
import { SYMBOLS } from "./symbol.ts";

/** The cells in which two answers differ, as lines for people. */
export function differences(
  seen: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): string[] {
  const lines: string[] = [];
  for (const [name, letters] of other) {
    const known = seen.get(name);
    if (known === undefined) lines.push(`${name}: not recorded`);
    else {
      COLUMNS.forEach((column, i) => {
        if (letters[i] === known[i]) return;
        lines.push(`${name}: ${column}: ${word(known[i])}, not ${word(letters[i])}`);
      });
    }
  }
  for (const name of seen.keys()) if (!other.has(name)) lines.push(`${name}: not asked any more`);
  return lines;
}

function word(letter: string | undefined): string {
  return letter === undefined ? "nothing" : (SYMBOLS[letter] ?? letter);
}
