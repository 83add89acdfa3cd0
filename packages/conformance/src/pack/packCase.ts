/** A curated case as it is written: a scenario, and what it asks. */
export interface PackCase {
  /** `group/name`: stable, people script against it. */
  readonly id: string;
  /** What it asks, in a line. */
  readonly asks: string;
  /**
   * The scenario, in the language of docs/scenarios.md, with one step more: `maps(ADDRESS, BYTES)`
   * asks how a range is cut into areas. It states no results: the model says what they are.
   */
  readonly scenario: string;
}

/** Writes a group's cases: `[name, what it asks, scenario]`. */
export function caseGroup(
  group: string,
  cases: readonly (readonly [name: string, asks: string, scenario: string])[],
): readonly PackCase[] {
  return cases.map(([name, asks, scenario]) => ({
    id: `${group}/${name}`,
    asks,
    scenario: scenario
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join("\n"),
  }));
}
