import type { ViewOptions } from "../scenario/readViews.ts";
import type { TargetFacts } from "../target/target.ts";

/** Where views of memory were compared: looking is a walk too, and may itself show a difference. */
export interface Compared {
  /** Maps behind every so manieth step. */
  readonly mapsEvery: number;
  readonly smaps: ViewOptions["smaps"];
}

/** A difference between model and kernel, shrunk. */
export interface Finding {
  /** The scenario that shows it. */
  readonly scenario: string;
  readonly compared: Compared;
  /** The line, counted from 1 (0: the kernel went down), and what each side made of it. */
  readonly line: number;
  readonly model: string;
  readonly kernel: string;
  /** Lines of maps, where they are what differs. */
  readonly maps: readonly string[];
  /** The last that a kernel said which went down. */
  readonly console?: readonly string[];
  readonly seed: number;
  /** How many steps the campaign, or this shard of it, had run when a scenario first showed it. */
  readonly foundAt: number;
  /**
   * Whether it showed again when its scenario was run once more; unset where that was not tried.
   * What does not may be the kernel's own doing meanwhile: reclaim, khugepaged.
   */
  readonly recurs?: boolean;
}

const SHOWED_ONCE =
  "It did not show again: the kernel may have reclaimed or collapsed pages meanwhile";
const WENT_DOWN_ONCE = "It did not go down again";

/** A finding as a file: a scenario that can be run again, with what it is about in front. */
export function findingFile(finding: Finding, facts: TargetFacts): string {
  const { scenario, compared, line, model, kernel, maps, console = [], seed } = finding;
  const lines = [
    `Found on ${facts.name} with seed ${seed}: Linux ${facts.kernel} (${facts.release}, ${facts.version})`,
    `Settings: ${JSON.stringify(facts.settings)}`,
    // `kadvise run` compares behind each step: where that hides a difference, this says how it showed.
    ...(compared.mapsEvery === 1
      ? []
      : [`Maps were compared behind every step that ${compared.mapsEvery} divides, and the last`]),
    ...(finding.recurs === false ? [line === 0 ? WENT_DOWN_ONCE : SHOWED_ONCE] : []),
    ...(line === 0
      ? ["The kernel went down; the last that it said:"]
      : [`Step ${line} differs:`, `  model   ${model}`, `  kernel  ${kernel}`]),
    ...[...maps, ...console].map((text) => `  ${text}`),
  ];
  return `${lines.map((text) => `# ${text}\n`).join("")}${scenario}`;
}
