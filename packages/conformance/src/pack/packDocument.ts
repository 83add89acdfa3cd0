import { NEWEST_POINT } from "@kadvise/releases";
import { compileCase } from "./compileCase.ts";
import { CaseExpectation, type Expected } from "./expectCase.ts";
import type { PackCase } from "./packCase.ts";
import { packKernels, type StretchProfiles } from "./packKernels.ts";
import { rangesText } from "./packReleases.ts";

/** The cases as data, with what each release of Linux may answer. Plain and JSON-safe. */
export interface PackDocument {
  readonly schemaVersion: 1;
  /** The releases that the answers cover: `5.10-7.3`. */
  readonly releases: string;
  /** The newest point release that is known of each line. */
  readonly newest: { readonly [line: string]: number };
  readonly cases: readonly DocumentCase[];
}

/** One case. */
export interface DocumentCase {
  readonly id: string;
  readonly asks: string;
  /** What a system must have; absent where nothing is needed. */
  readonly needs?: ByReleases;
  readonly steps: readonly DocumentStep[];
}

/** One step: a line of the scenario. */
export interface DocumentStep {
  readonly step: string;
  /** What it may answer; a step without just goes well: `ok`. */
  readonly answers?: ByReleases;
}

/** What holds for which releases: `{ "5.10-6.12": ["EINVAL"], "6.13-7.3": ["4096"] }`. */
export interface ByReleases {
  readonly [releases: string]: readonly string[];
}

/** Asks the model what every release answers in each case. */
export function packDocument(
  cases: readonly PackCase[],
  kernels: readonly StretchProfiles[] = packKernels(),
): PackDocument {
  const lines = new Set(kernels.map(({ stretch: { first } }) => `${first.major}.${first.minor}`));
  return {
    schemaVersion: 1,
    releases: rangesText(
      kernels.map(({ stretch }) => stretch),
      () => true,
    ),
    newest: Object.fromEntries(Object.entries(NEWEST_POINT).filter(([line]) => lines.has(line))),
    cases: cases.map((one) => documentCase(one, kernels)),
  };
}

function documentCase(source: PackCase, kernels: readonly StretchProfiles[]): DocumentCase {
  const compiled = compileCase(source);
  const expectation = new CaseExpectation(compiled);
  const expected = kernels.map((kernel) => expectation.on(kernel));
  const needs = byReleases(kernels, expected, (one) => one.needs);
  return {
    id: source.id,
    asks: source.asks,
    ...(Object.keys(needs).length === 0 ? {} : { needs }),
    steps: compiled.steps.map(({ line }, i) => {
      const answers = byReleases(kernels, expected, (one) => one.answers[i] ?? []);
      return isPlain(answers) ? { step: line } : { step: line, answers };
    }),
  };
}

function isPlain(answers: ByReleases): boolean {
  const [only, ...others] = Object.values(answers);
  return others.length === 0 && only?.length === 1 && only[0] === "ok";
}

/** Groups the kernels by what is expected of them, the oldest first; nothing is left out. */
function byReleases(
  kernels: readonly StretchProfiles[],
  expected: readonly Expected[],
  of: (expected: Expected) => readonly string[],
): ByReleases {
  const groups = new Map<
    string,
    { readonly value: readonly string[]; readonly members: Set<number> }
  >();
  for (const [i, one] of expected.entries()) {
    const value = of(one);
    if (value.length === 0) continue;
    const key = [...value].sort().join("\n");
    const group = groups.get(key) ?? { value, members: new Set() };
    groups.set(key, group);
    group.members.add(i);
  }
  const all = kernels.map(({ stretch }) => stretch);
  return Object.fromEntries(
    [...groups.values()].map(({ value, members }) => [
      rangesText(all, (i) => members.has(i)),
      value,
    ]),
  );
}
