import type { Coverage, Covered } from "@kadvise/conformance/fuzz";

/** What was seen of everything that there is: one line, or all of it. */
export function coverageText(coverage: Coverage, whole: boolean): readonly string[] {
  const parts: readonly (readonly [string, Covered])[] = [
    ["reasons", coverage.reasons],
    ["cells of advice and area", coverage.cells],
    ["errors of calls", coverage.errors],
  ];
  const short = parts.map(
    ([name, { seen, toDo }]) => `${seen.length} of ${seen.length + toDo.length} ${name}`,
  );
  const line = `coverage: ${short.join(", ")}`;
  return whole ? [line, ...parts.flatMap(([name, part]) => list(name, part))] : [line];
}

function list(name: string, part: Covered): readonly string[] {
  return [
    `  ${name} seen:`,
    ...part.seen.map((one) => `    ${one}`),
    ...(part.toDo.length === 0 ? [] : [`  ${name} to do:`]),
    ...part.toDo.map((one) => `    ${one}`),
    ...Object.entries(part.otherReleases).map(([one, since]) => `    ${one} (since ${since})`),
    ...(Object.keys(part.unreachable).length === 0 ? [] : [`  ${name} out of reach:`]),
    ...Object.entries(part.unreachable).map(([one, why]) => `    ${one}: ${why}`),
  ];
}
