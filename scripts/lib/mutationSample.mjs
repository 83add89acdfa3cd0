/** A sample is drawn block by block, so that most mutants lie within one. */
const BLOCK_LINES = 12;

/**
 * Which parts of a file a seeded sample takes, as Stryker's `file:from-to`; the whole file for 100
 * per cent. The same seed takes the same blocks.
 * @param {string} file
 * @param {number} lines
 * @param {{ readonly seed: number, readonly percent: number }} options
 * @returns {string[]}
 */
export function sampledRanges(file, lines, { seed, percent }) {
  if (percent >= 100) return [file];
  const ranges = [];
  for (let from = 1; from <= lines; from += BLOCK_LINES) {
    const to = Math.min(from + BLOCK_LINES - 1, lines);
    if (hash(`${seed}/${file}/${from}`) % 100 < percent) ranges.push(`${file}:${from}-${to}`);
  }
  return ranges;
}

/**
 * What a report of Stryker's comes to: of the mutants that could be told, the share that was.
 * Whoever runs into the time limit was told too, but counts apart.
 * @param {{ readonly files: { readonly [file: string]: { readonly mutants: readonly Mutant[] } } }} report
 * @typedef {{ readonly status: string, readonly mutatorName: string, readonly replacement?: string,
 *   readonly location: { readonly start: { readonly line: number } } }} Mutant
 */
export function scoreOf({ files }) {
  const mutants = Object.entries(files).flatMap(([file, one]) =>
    one.mutants.map((mutant) => ({ file, ...mutant })),
  );
  const count = (/** @type {string} */ status) =>
    mutants.filter((mutant) => mutant.status === status).length;
  const [killed, survived, uncovered] = ["Killed", "Survived", "NoCoverage"].map(count);
  return {
    ...{ killed, survived, uncovered, timedOut: count("Timeout") },
    score: killed / (killed + survived + uncovered),
    left: mutants
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(
        ({ file, location, mutatorName, replacement = "" }) =>
          `${file}:${location.start.line} ${mutatorName}: ${replacement.replaceAll(/\s+/g, " ").slice(0, 70)}`,
      ),
  };
}

/**
 * FNV-1a.
 * @param {string} text
 */
function hash(text) {
  let value = 0x811c_9dc5;
  for (let i = 0; i < text.length; i++) {
    value ^= text.charCodeAt(i);
    value = Math.imul(value, 0x0100_0193) >>> 0;
  }
  return value;
}
