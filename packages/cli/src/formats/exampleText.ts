import type { ExampleAnswers } from "@kadvise/conformance/diff";

/** What came of an example, in one line: the answers, then the areas where they are told. */
export function answersText({ answers, unmet }: ExampleAnswers, hasAreas: boolean): string {
  if (unmet.length > 0) return unmet.map((one) => one.replace(/ +/g, " ")).join("; ");
  const asked = answers.filter((line) => line.includes("="));
  const areas = answers.filter((line) => !line.includes("="));
  const texts = asked.map((line) => line.replace(/^= /, ""));
  if (hasAreas) texts.push(areas.length === 0 ? "no areas" : `areas ${areas.join(", ")}`);
  return texts.join("; ");
}

/** Whether some of the answers differ in the areas that they leave. */
export function areasDiffer(all: readonly ExampleAnswers[]): boolean {
  const areas = all.map(({ answers }) => answers.filter((line) => !line.includes("=")).join());
  return new Set(areas).size > 1;
}

/** What real kernels answered, held against two models: which of them answer like which. */
export function realKernels(
  recorded: ReadonlyMap<string, readonly string[]>,
  sides: readonly (readonly [name: string, answers: ExampleAnswers])[],
): string {
  const all = [...recorded.keys()];
  const groups = new Map<string, string[]>();
  for (const [kernel, answers] of recorded) {
    const side = sides.find(([, one]) => one.answers.join("\n") === answers.join("\n"));
    const as = side === undefined ? "otherwise" : `as ${side[0]}`;
    groups.set(as, [...(groups.get(as) ?? []), kernel]);
  }
  return [...groups].map(([as, kernels]) => `${spans(kernels, all)} ${as}`).join("; ");
}

/** Neighbours among all kernels, as spans: `5.10.223, 6.16.12 to 7.3.4`. */
function spans(some: readonly string[], all: readonly string[]): string {
  const runs: string[][] = [];
  for (const kernel of some) {
    const last = runs.at(-1);
    const isNext = all[all.indexOf(kernel) - 1] === last?.at(-1);
    if (last !== undefined && isNext) last.push(kernel);
    else runs.push([kernel]);
  }
  return runs
    .map((run) => (run.length < 3 ? run.join(", ") : `${run[0]} to ${run.at(-1)}`))
    .join(", ");
}
