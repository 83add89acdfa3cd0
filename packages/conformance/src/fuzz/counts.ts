/** How often each thing was: plain and JSON-safe. */
export interface Counts {
  readonly [name: string]: number;
}

/** The same with the most frequent first; ties by name. */
export function sortedCounts(counts: Iterable<readonly [string, number]>): Counts {
  return Object.fromEntries(
    [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0)),
  );
}

/** Adds up. */
export function addCounts(all: readonly Counts[]): Counts {
  const sum = new Map<string, number>();
  for (const counts of all)
    for (const [name, n] of Object.entries(counts)) sum.set(name, (sum.get(name) ?? 0) + n);
  return sortedCounts(sum);
}
