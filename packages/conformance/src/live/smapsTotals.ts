import type { LiveRange } from "./plan.ts";

/** What of smaps is told before and after, in the order in which it is shown. */
export const TOTALS = [
  "Rss",
  "Anonymous",
  "Referenced",
  "Swap",
  "LazyFree",
  "AnonHugePages",
  "Locked",
] as const;

/** Kilobytes of the areas that some ranges lie in. */
export type SmapsTotals = { readonly [name in (typeof TOTALS)[number]]: number };

const HEAD = /^([0-9a-f]+)-([0-9a-f]+) [-rwxsp]{4} /;

/** Adds up what smaps says of every area that one of the ranges touches. */
export function smapsTotals(smaps: string, ranges: readonly LiveRange[]): SmapsTotals {
  const totals: { [name in (typeof TOTALS)[number]]: number } = {
    ...{ Rss: 0, Anonymous: 0, Referenced: 0, Swap: 0 },
    ...{ LazyFree: 0, AnonHugePages: 0, Locked: 0 },
  };
  const sorted = [...ranges].sort((a, b) => a.base - b.base);
  let isTouched = false;
  let next = 0;
  for (const line of smaps.split("\n")) {
    const head = HEAD.exec(line);
    if (head !== null) {
      const [start, end] = [head[1], head[2]].map((hex) => Number.parseInt(hex ?? "", 16));
      while (next < sorted.length && sorted[next].base + sorted[next].length <= (start ?? 0))
        next++;
      isTouched = next < sorted.length && sorted[next].base < (end ?? 0);
      continue;
    }
    if (!isTouched) continue;
    const [name = "", value] = line.split(":");
    if ((TOTALS as readonly string[]).includes(name))
      totals[name as (typeof TOTALS)[number]] += Number.parseInt(value ?? "0", 10);
  }
  return totals;
}
