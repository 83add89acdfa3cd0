import type { TargetFacts } from "../target/target.ts";

/** A difference between model and kernel, shrunk. */
export interface Finding {
  /** The scenario that shows it. */
  readonly scenario: string;
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
}

/** A finding as a file: a scenario that can be run again, with what it is about in front. */
export function findingFile(finding: Finding, facts: TargetFacts): string {
  const { scenario, line, model, kernel, maps, console = [], seed } = finding;
  const lines = [
    `Found on ${facts.name} with seed ${seed}: Linux ${facts.kernel} (${facts.release}, ${facts.version})`,
    `Settings: ${JSON.stringify(facts.settings)}`,
    ...(line === 0
      ? ["The kernel went down; the last that it said:"]
      : [`Step ${line} differs:`, `  model   ${model}`, `  kernel  ${kernel}`]),
    ...[...maps, ...console].map((text) => `  ${text}`),
  ];
  return `${lines.map((text) => `# ${text}\n`).join("")}${scenario}`;
}
