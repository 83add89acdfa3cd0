/** What was measured several times: in the middle, and from where to where most of it lies. */
export interface Spread {
  readonly median: number;
  /** The tenth and the ninetieth of a hundred. */
  readonly low: number;
  readonly high: number;
}

export function spreadOf(figures: readonly number[]): Spread {
  const sorted = [...figures].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))];
  return { median: at(0.5), low: at(0.1), high: at(0.9) };
}
