/** What one or more real kernels answered to a scenario. */
export interface Recorded {
  /** Versions: `6.12.107`. */
  readonly kernels: readonly string[];
  /** The answers of the steps that ask, then the areas that the scenario made. */
  readonly seen: readonly string[];
}

/** `On 5.10.223 (uname -r, uname -v):`, or `On 5.10.223, 6.1.176:`. */
const HEADING = /^On ((?:\d[^\s,():]*(?:, )?)+)(?: \(.+\))?:$/;

/**
 * Reads what a scenario's comments say that real kernels answered: a line `On VERSION (uname -r,
 * uname -v):` or `On VERSION, VERSION:`, then what was seen, two spaces in.
 */
export function readRecorded(text: string): readonly Recorded[] {
  const groups: { kernels: readonly string[]; seen: string[] }[] = [];
  for (const [, comment = ""] of text.matchAll(/^# (.*)$/gm)) {
    const kernels = HEADING.exec(comment)?.[1]?.split(", ");
    if (kernels !== undefined) groups.push({ kernels, seen: [] });
    else if (comment.startsWith("  ")) groups.at(-1)?.seen.push(comment.trim());
  }
  return groups;
}

/** What each kernel answered. */
export function answersByKernel(text: string): ReadonlyMap<string, readonly string[]> {
  return new Map(
    readRecorded(text).flatMap(({ kernels, seen }) => kernels.map((kernel) => [kernel, seen])),
  );
}

/** The scenario with its record made anew, at its end; kernels that answered alike stand together. */
export function withRecord(text: string, answers: ReadonlyMap<string, readonly string[]>): string {
  const groups = new Map<string, string[]>();
  for (const kernel of [...answers.keys()].sort(byVersion)) {
    const seen = (answers.get(kernel) ?? []).map((line) => `#   ${line}\n`).join("");
    groups.set(seen, [...(groups.get(seen) ?? []), kernel]);
  }
  const record = [...groups].map(([seen, kernels]) => `# On ${kernels.join(", ")}:\n${seen}`);
  return `${withoutRecord(text)}\n${record.join("")}`;
}

/** The scenario alone. */
export function withoutRecord(text: string): string {
  const lines = text.split("\n");
  const kept: string[] = [];
  let isRecord = false;
  for (const line of lines) {
    const comment = /^# (.*)$/.exec(line)?.[1];
    isRecord =
      comment !== undefined && (HEADING.test(comment) || (isRecord && comment.startsWith("  ")));
    if (!isRecord) kept.push(line);
  }
  return `${kept.join("\n").trimEnd()}\n`;
}

/** The order of versions by their numbers. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    version.split(".").map((part) => parseInt(part, 10)),
  );
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
