import type { LogReport } from "./report.ts";

/** How much of logs was judged, whatever their length and whatever they repeat. */
export interface Means {
  /** The share of results that are exact or constrained. */
  readonly decided: number;
  readonly exact: number;
}

/** So often each form of a call counts in a log. */
const MOST_OF_A_FORM = 20;

/** The mean over logs; a log that repeats a form counts it so often at most. */
export function meansOf(logs: readonly LogReport[]): Means | undefined {
  const shares = logs.flatMap(({ forms }) => {
    let all = 0;
    let decided = 0;
    let exact = 0;
    for (const form of forms) {
      if (form.inScope === 0) continue;
      const weight = Math.min(form.inScope, MOST_OF_A_FORM) / form.inScope;
      all += form.inScope * weight;
      decided += (form.exact + form.constrained) * weight;
      exact += form.exact * weight;
    }
    return all === 0 ? [] : [{ decided: decided / all, exact: exact / all }];
  });
  if (shares.length === 0) return undefined;
  const mean = (key: keyof Means): number =>
    shares.reduce((sum, share) => sum + share[key], 0) / shares.length;
  return { decided: mean("decided"), exact: mean("exact") };
}
