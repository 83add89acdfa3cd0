import type { TallyReport } from "./tally.ts";

/** From so many steps on, shares say something. */
export const STEPS_FOR_BARS = 10_000;

/** The largest share of one operation among all calls. */
const MOST_OF_ONE = 0.1;
/** The smallest share of calls that succeed, and of answers equal to the usual one. */
const LEAST_SUCCEEDED = 0.6;
const LEAST_EQUAL = 0.99;

/**
 * What a campaign must hold to say anything, and does not: that it is no more than a tenth of one
 * operation, that most calls get somewhere, that the model's usual answer is the kernel's. Empty
 * for a short campaign.
 */
export function unheldBars(
  report: TallyReport & { readonly only?: readonly string[] },
): readonly string[] {
  const { steps, succeeded, compared, equal, calls, only } = report;
  if (steps < STEPS_FOR_BARS) return [];
  // Of some families alone, each operation has more.
  return [
    ...Object.entries(only === undefined ? calls : {})
      .filter(([, n]) => n / steps > MOST_OF_ONE)
      .map(([name, n]) => `${name} makes up ${percent(n / steps)} of the calls, more than 10 %`),
    ...(succeeded / steps < LEAST_SUCCEEDED
      ? [`${percent(succeeded / steps)} of the calls succeeded, fewer than 60 %`]
      : []),
    ...(equal / compared < LEAST_EQUAL
      ? [`${percent(equal / compared)} of the answers are the usual one, fewer than 99 %`]
      : []),
  ];
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
